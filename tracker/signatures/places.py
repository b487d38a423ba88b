"""Where outsiders sign: the campaign behind a public address, what its form asks, and the text above it. One question.

The statements are made once: a form is opened and sent often enough for that to count (bench/sign.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import load_only

from tracker.campaigns.models import Campaign, CampaignText, Visibility
from tracker.campaigns.queries import campaign_by_public_key, reached_by_link
from tracker.db import db, reading
from tracker.signatures.appearing import hides_names
from tracker.signatures.signings import Asked, Signing


@dataclass(frozen=True)
class Shape:
    """What the form asks: all that decides which fields it has."""

    office: Asked
    affiliation: Asked
    team: Asked
    city: Asked
    takes_organisations: bool
    offers_updates: bool
    hides_names: bool

    @classmethod
    def of(cls, campaign: Campaign, signing: Signing) -> Shape:
        """The shape of this campaign's form."""
        return cls(
            signing.office,
            signing.affiliation,
            signing.team,
            signing.city,
            signing.takes_organisations,
            signing.offers_updates,
            hides_names(campaign),
        )


@dataclass(frozen=True)
class Place:
    """A campaign as somebody who signs meets it."""

    campaign: Campaign
    signing: Signing | None
    text_id: int | None  # of the newest version of the letter
    is_public: bool  # else its address is a secret

    @property
    def shape(self) -> Shape | None:
        """What the form asks, if it was ever opened."""
        return Shape.of(self.campaign, self.signing) if self.signing is not None else None


_KEY = sa.bindparam("key", type_=sa.String)
_REACHED = sa.or_(
    sa.and_(Campaign.slug == _KEY, Campaign.deleted_at.is_(None), Campaign.visibility == Visibility.PUBLIC),
    reached_by_link(_KEY),
)
_NEWEST = (
    sa.select(CampaignText.id)
    .where(CampaignText.campaign_id == Campaign.id)
    .order_by(CampaignText.number.desc())
    .limit(1)
    .correlate(Campaign)
    .scalar_subquery()
)
# What signing reads of a campaign; the rest is loaded if somebody asks for it.
_READ = (
    Campaign.public_id,
    Campaign.slug,
    Campaign.title,
    Campaign.stage,
    Campaign.visibility,
    Campaign.zone,
    Campaign.is_protected,
    Campaign.allows_public_names,
    Campaign.look_up_ended_at,
    Campaign.merged_into_id,
    Campaign.deleted_at,
)
_PLACE = (
    sa.select(Campaign, Signing, _NEWEST.label("text_id"))
    .outerjoin(Signing, Signing.campaign_id == Campaign.id)
    .options(load_only(*_READ))
)
_BY_KEY = _PLACE.where(_REACHED)
_BY_ID = _PLACE.where(Campaign.id == sa.bindparam("id", type_=sa.Integer))
# Columns, not objects: whatever of it is changed, the answer is another.
_STATE = (
    sa.select(Campaign.id, *_READ, *cast(sa.Table, Signing.__table__).c, CampaignText.id, CampaignText.body)
    .join(Signing, Signing.campaign_id == Campaign.id)
    .outerjoin(CampaignText, CampaignText.id == _NEWEST)
    .where(_REACHED)
)


def place_by_key(key: str) -> Place | None:
    """Where this public address leads, by the campaign's name, a former one, or its link's token."""
    rows = db.session.execute(_BY_KEY, {"key": key})
    found = [Place(campaign, signing, text_id, _is_public(campaign, key)) for campaign, signing, text_id in rows]
    if found:
        return max(found, key=lambda place: place.is_public)
    campaign, is_public = campaign_by_public_key(key)
    return place_of(campaign, is_public=is_public) if campaign is not None else None


def place_of(campaign: Campaign, *, is_public: bool = False) -> Place:
    """The same of a campaign that is known already."""
    db.session.flush()
    _campaign, signing, text_id = db.session.execute(_BY_ID, {"id": campaign.id}).one()
    return Place(campaign, signing, text_id, is_public)


def state_by_key(key: str) -> list[tuple[Any, ...]]:
    """All that the page of the form is made of, in one cheap question: campaign, form and newest text. Two
    answers are equal when the page is; empty where nothing is opened for signing. Former addresses are left out."""
    with reading() as connection:
        return [tuple(row) for row in connection.execute(_STATE, {"key": key})]


def _is_public(campaign: Campaign, key: str) -> bool:
    return campaign.visibility is Visibility.PUBLIC and campaign.slug == key
