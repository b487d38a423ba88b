"""When a campaign's people are forgotten, and who of them would be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from tracker.campaigns.models import Campaign, Stage, StageChange, Visibility
from tracker.campaigns.service.stages import months_later
from tracker.db import db
from tracker.settings import config
from tracker.signatures.models import COUNTED, Appearance, Signatory, SignatoryKind, Signature, SignatureStatus
from tracker.signatures.people import CONTACT, NAMING
from tracker.signatures.signings import signing_of
from tracker.timeline.queries import day_in

SILENT_MONTHS = 24  # after the last signature, where nobody says that the campaign is over
_survivor = aliased(Campaign)
_CONTACT = tuple(getattr(Signatory, f"{name}_sealed") for name in CONTACT)
SEALED = (*(getattr(Signatory, f"{name}_sealed") for name in NAMING), *_CONTACT)
PLAIN = tuple(getattr(Signatory, name) for name in NAMING)


@dataclass(frozen=True)
class Days:
    """When the people of one campaign are forgotten."""

    campaign: Campaign
    look_up_on: dt.date | None  # the key by which signers are known again is destroyed
    forget_on: dt.date | None  # contact data and hidden names are destroyed

    @property
    def is_over(self) -> bool:
        """Whether all of it happened."""
        return self.campaign.people_forgotten_at is not None

    def is_due(self, today: dt.date) -> bool:
        """Whether the people are to be forgotten now."""
        return not self.is_over and self.forget_on is not None and self.forget_on <= today

    def is_look_up_due(self, today: dt.date) -> bool:
        """Whether the key by which signers are known again is to be destroyed now."""
        return self.campaign.look_up_ended_at is None and self.look_up_on is not None and self.look_up_on <= today


@dataclass(frozen=True)
class Ending(Days):
    """What happens to the people of one campaign, and when; or what did."""

    contacts: int  # signatories with contact data
    hidden: int  # names that are destroyed
    named: int  # names that stay, as their owners chose


def days_of(campaign: Campaign, today: dt.date) -> Days:
    """When that is; `today` in the campaign's zone."""
    forget_on = forget_day(campaign, today)
    return Days(campaign, look_up_day(campaign, forget_on), forget_on)


def ending_of(campaign: Campaign, today: dt.date) -> Ending:
    """What happens to the people of this campaign; `today` in its zone."""
    stays, days = who_stays(campaign), days_of(campaign, today)
    return Ending(
        campaign,
        days.look_up_on,
        days.forget_on,
        contacts=_number(campaign, sa.or_(*(column.is_not(None) for column in _CONTACT))),
        hidden=_number(campaign, has_name(), sa.not_(stays)),
        named=_number(campaign, has_name(), stays),
    )


def forget_day(campaign: Campaign, today: dt.date) -> dt.date | None:
    """The day on which its people are forgotten: its own; merged into another, that one's; where nobody concluded it or
    chose a day, the silent day, and not before its team has known so for a while."""
    if campaign.retention_on is not None:
        return campaign.retention_on
    if campaign.merged_into_id is not None:
        survivor = sa.select(_survivor.retention_on).where(_survivor.id == campaign.merged_into_id)
        if (day := db.session.scalar(survivor)) is not None:
            return day
    if (day := silent_day(campaign)) is None:
        return None
    return max(day, (campaign.ending_noted_on or today) + config().durations.ending_noted)


def silent_day(campaign: Campaign) -> dt.date | None:
    """When it is two years ago that somebody signed, or that signing was closed, whichever is later: a campaign that
    nobody concludes does not keep its people for ever. None of one that is concluded, or that nobody signed."""
    if campaign.stage is Stage.CONCLUDED or campaign.people_forgotten_at is not None:
        return None
    newest = sa.select(Signature.recorded_at).where(Signature.campaign_id == campaign.id)
    signed_at = db.session.scalar(newest.order_by(Signature.id.desc()).limit(1))
    if signed_at is None:
        return None
    last, signing = [day_in(campaign.zone, signed_at)], signing_of(campaign)
    if signing is not None and signing.closed_at is not None:
        last.append(day_in(campaign.zone, signing.closed_at))
    if signing is not None and signing.closes_on is not None:
        last.append(signing.closes_on)
    return months_later(max(last), SILENT_MONTHS)


def is_to_note(campaign: Campaign, today: dt.date) -> bool:
    """Whether its team is to be told that its people will be forgotten though nobody concluded it, or was told so and
    the day has moved away since."""
    if campaign.stage is Stage.CONCLUDED or campaign.people_forgotten_at is not None:
        return False
    day = campaign.retention_on or silent_day(campaign)
    is_near = day is not None and day <= today + config().durations.ending_noted
    return is_near is (campaign.ending_noted_on is None)


def look_up_day(campaign: Campaign, forget_on: dt.date | None) -> dt.date | None:
    """When the key by which signers are known again goes: `Durations.look_up_kept` after somebody concluded it."""
    concluded_on = concluded_day(campaign)
    if concluded_on is None:
        return forget_on
    day = concluded_on + config().durations.look_up_kept
    return min(day, forget_on) if forget_on else day


def concluded_day(campaign: Campaign) -> dt.date | None:
    """The day on which somebody said that it is concluded; not the day, perhaps long ago, that they named."""
    if campaign.stage is not Stage.CONCLUDED:
        return None
    concluded_at = db.session.scalar(
        sa.select(sa.func.max(StageChange.recorded_at)).where(
            StageChange.campaign_id == campaign.id, StageChange.to_stage == Stage.CONCLUDED
        )
    )
    return day_in(campaign.zone, concluded_at) if concluded_at else campaign.concluded_on


def ending_campaigns() -> list[Campaign]:
    """Campaigns that end: those with a day of their own, the soonest first, then those that somebody signed and nobody
    concluded; those whose people are forgotten last. Not those that were destroyed."""
    day = sa.func.coalesce(Campaign.retention_on, _survivor.retention_on)
    goes_on = sa.and_(
        Campaign.stage != Stage.CONCLUDED,
        Campaign.people_forgotten_at.is_(None),
        sa.exists().where(Signature.campaign_id == Campaign.id),
    )
    found = (
        sa.select(Campaign)
        .outerjoin(_survivor, _survivor.id == Campaign.merged_into_id)
        .where(sa.or_(day.is_not(None), goes_on), Campaign.destroyed_at.is_(None))
        .order_by(Campaign.people_forgotten_at.is_not(None), day.is_(None), day, Campaign.id)
    )
    return list(db.session.scalars(found))


def about_to_end(among: sa.Select[tuple[int]], soon: dt.date) -> list[Campaign]:
    """Those of these campaigns that nobody concluded and whose people are forgotten until then, or whose team was told
    so."""
    found = sa.select(Campaign).where(
        Campaign.id.in_(among),
        Campaign.stage != Stage.CONCLUDED,
        Campaign.people_forgotten_at.is_(None),
        Campaign.destroyed_at.is_(None),
        sa.or_(Campaign.ending_noted_on.is_not(None), Campaign.retention_on <= soon),
    )
    return list(db.session.scalars(found.order_by(Campaign.id)))


def campaigns_known_to(public_ids: Collection[str]) -> list[Campaign]:
    """The campaigns with these public ids that have still people to forget."""
    found = sa.select(Campaign).where(
        Campaign.public_id.in_(public_ids), Campaign.people_forgotten_at.is_(None), Campaign.destroyed_at.is_(None)
    )
    return list(db.session.scalars(found))


def who_stays(campaign: Campaign) -> sa.ColumnElement[bool]:
    """The condition that a name stays: shown in public today, as its owner chose, in a campaign that is not protected,
    and with a receipt by an address, so that its owner can still take it back. Of people those alone who signed by
    themselves: whom a list names, nobody asked. An organisation is no person; it stays where it is shown."""
    is_open = (
        campaign.visibility is Visibility.PUBLIC
        and campaign.allows_public_names
        and not campaign.is_protected
        and campaign.deleted_at is None
    )
    if not is_open:
        return sa.false()
    chose = sa.and_(
        Signatory.stands_as == SignatureStatus.CONFIRMED,
        # The address goes, and what knows its receipt again stays (`forget_some`).
        sa.or_(Signatory.address_sealed.is_not(None), Signatory.kept_mark.is_not(None)),
    )
    return sa.and_(
        sa.or_(Signatory.kind == SignatoryKind.ORGANISATION, sa.func.coalesce(chose, sa.false())),
        Signatory.deleted_at.is_(None),
        Signatory.merged_into_id.is_(None),
        Signatory.receipt_mark.is_(None),  # of a receipt on paper only the destroyed key could know the code again
        sa.func.coalesce(Signatory.stands_as.in_(COUNTED), sa.false()),
        Signatory.shown_as == Appearance.NAMED,
    )


def has_name() -> sa.ColumnElement[bool]:
    """The condition that a person's name, or which organisation it was, is kept."""
    return sa.or_(
        Signatory.name != "",
        Signatory.name_sealed.is_not(None),
        sa.and_(Signatory.kind == SignatoryKind.ORGANISATION, Signatory.organisation_id.is_not(None)),
    )


def has_anything() -> sa.ColumnElement[bool]:
    """The condition that something is left to be destroyed: all but the words of those whose name stays."""
    lookups = (Signatory.address_hash, Signatory.link_hash, Signatory.receipt_mark, Signatory.row_key)
    words = sa.or_(*(column != "" for column in (*PLAIN, Signatory.sort_text)), Signatory.organisation_id.is_not(None))
    return sa.or_(
        *(column.is_not(None) for column in (*SEALED, *lookups)), sa.and_(words, Signatory.kept_mark.is_(None))
    )


def _number(campaign: Campaign, *conditions: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(Signatory)
    return db.session.scalar(query.where(Signatory.campaign_id == campaign.id, *conditions)) or 0
