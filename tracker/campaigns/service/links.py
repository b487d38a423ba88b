"""Say how one campaign stands to another, and take it back."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, Visibility
from tracker.campaigns.related import comes_after
from tracker.campaigns.relations import DIRECTED, CampaignLink, CampaignMention, LinkKind
from tracker.campaigns.service.errors import CampaignError
from tracker.db import db
from tracker.timeline.models import EntryKind, EntryVisibility, TimelineEntry
from tracker.timeline.queries import day_in
from tracker.timeline.service import append_entry
from tracker.words import _, gettext

# What an entry about another campaign may be at its widest, so that nobody learns more of it than of the campaign.
NO_WIDER_THAN = {
    Visibility.PUBLIC: EntryVisibility.PUBLIC,
    Visibility.SIGNED_IN: EntryVisibility.SIGNED_IN,
    Visibility.LINK: EntryVisibility.MEMBERS,
    Visibility.MEMBERS: EntryVisibility.MEMBERS,
}


def link_campaigns(
    campaign: Campaign,
    other: Campaign,
    kind: LinkKind,
    *,
    is_reverse: bool = False,
    said: str = "",
    actor: Account | None,
    now: dt.datetime,
) -> CampaignLink:
    """Say that a campaign follows, supports or escalates another; `is_reverse`: that the other does it to this one.

    Its history tells it, in the words `said` if there are any, without naming the other. Raises CampaignError: to
    itself, said already, or in a circle.
    """
    if campaign.id == other.id:
        raise CampaignError(_("That is this campaign itself; name another."), "other")
    first, second = (other, campaign) if is_reverse else (campaign, other)
    link = db.session.scalar(
        sa.select(CampaignLink).where(
            CampaignLink.from_id == first.id, CampaignLink.to_id == second.id, CampaignLink.kind == kind
        )
    )
    if link is not None and link.removed_at is None:
        raise CampaignError(_("It is said already."), "other")
    if kind in DIRECTED and comes_after(first, second, kind):
        raise CampaignError(_("That would go round in a circle: the other comes after this one already."), "other")
    if link is None:
        link = CampaignLink(from_id=first.id, to_id=second.id, kind=kind, recorded_at=now)
        db.session.add(link)
    else:
        link.removed_at, link.recorded_at = None, now
    try:
        db.session.flush()
    except IntegrityError:
        raise CampaignError(_("Somebody else said it meanwhile."), "other") from None
    tell_of(campaign, other, said or _said(kind, is_reverse), actor=actor, now=now)
    campaign.changed_at = now
    return link


def unlink_campaigns(
    campaign: Campaign, other: Campaign, kind: LinkKind, *, is_reverse: bool = False, actor: Account, now: dt.datetime
) -> None:
    """Take a link away again; doing it twice is once."""
    first, second = (other, campaign) if is_reverse else (campaign, other)
    link = db.session.scalar(
        sa.select(CampaignLink).where(
            CampaignLink.from_id == first.id,
            CampaignLink.to_id == second.id,
            CampaignLink.kind == kind,
            CampaignLink.removed_at.is_(None),
        )
    )
    if link is not None:
        link.removed_at = campaign.changed_at = now
        tell_of(campaign, other, gettext("No longer linked to another campaign."), actor=actor, now=now)


def tell_of(
    campaign: Campaign, other: Campaign, headline: str, *, actor: Account | None, now: dt.datetime
) -> TimelineEntry:
    """Append an entry about another campaign, which it never names (see CampaignMention)."""
    entry = append_entry(
        campaign_id=campaign.id,
        kind=EntryKind.RELATION,
        record_type=CampaignMention.__tablename__,
        headline=headline,
        occurred_on=day_in(campaign.zone, now),
        now=now,
        actor=actor,
        visibility=NO_WIDER_THAN[other.visibility],
        # Worth reading in the history, no news for a mail that may not even name it.
        announce=False,
    )
    db.session.add(CampaignMention(entry_id=entry.id, other_id=other.id))
    return entry


def _said(kind: LinkKind, is_reverse: bool) -> str:
    return {
        (LinkKind.FOLLOWS, False): gettext("This campaign follows another."),
        (LinkKind.FOLLOWS, True): gettext("Another campaign follows this one."),
        (LinkKind.SUPPORTS, False): gettext("This campaign supports another."),
        (LinkKind.SUPPORTS, True): gettext("Another campaign supports this one."),
        (LinkKind.ESCALATES, False): gettext("This campaign escalates another."),
        (LinkKind.ESCALATES, True): gettext("Another campaign escalates this one."),
    }[kind, is_reverse]
