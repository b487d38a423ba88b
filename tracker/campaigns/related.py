"""What is asked of the database about how campaigns stand to each other, always within what the reader may see."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, Visibility
from tracker.campaigns.queries import readable_campaigns
from tracker.campaigns.relations import CampaignLink, CampaignMention, CampaignMerge, LinkKind
from tracker.db import db
from tracker.search_text import normalise
from tracker.timeline.models import TimelineEntry

# A chain longer than this is cut: nobody reads it, and a page asks once a step.
LONGEST_CHAIN = 8
MENTIONING = (CampaignMention.__tablename__, CampaignMerge.__tablename__)


def readable_by(account: Account | None) -> sa.Select[Campaign]:
    """Every campaign this account may read, removed ones left out; nobody signed in: public ones."""
    if account is not None:
        return readable_campaigns(account)
    return sa.select(Campaign).where(Campaign.deleted_at.is_(None), Campaign.visibility == Visibility.PUBLIC)


def readable_ids(account: Account | None) -> sa.Select[int]:
    """Their ids."""
    return readable_by(account).with_only_columns(Campaign.id).order_by(None)


@dataclass(frozen=True)
class Related:
    """How a campaign stands to another: `is_reverse` when it was said of the other ("followed by")."""

    campaign: Campaign  # the other
    kind: LinkKind
    is_reverse: bool


def related_campaigns(campaign_ids: Collection[int], account: Account | None) -> list[Related]:
    """The campaigns that these are linked to and the reader may read, each once a kind and direction; by kind, then
    by when they began."""
    ids = list(campaign_ids)
    links = db.session.scalars(
        sa.select(CampaignLink)
        .where(CampaignLink.removed_at.is_(None), sa.or_(CampaignLink.from_id.in_(ids), CampaignLink.to_id.in_(ids)))
        .order_by(CampaignLink.id)
    ).all()
    if not links:
        return []
    ends = {end for link in links for end in (link.from_id, link.to_id)} - set(ids)
    others = {one.id: one for one in db.session.scalars(readable_by(account).where(Campaign.id.in_(ends)))}
    found: dict[tuple[int, LinkKind, bool], Related] = {}
    for link in links:
        is_reverse = link.to_id in ids
        other = others.get(link.from_id if is_reverse else link.to_id)
        if other is not None:
            found.setdefault((other.id, link.kind, is_reverse), Related(other, link.kind, is_reverse))
    order = list(LinkKind)
    return sorted(
        found.values(),
        key=lambda one: (
            order.index(one.kind),
            one.is_reverse,
            one.campaign.began_on or one.campaign.created_at.date(),
        ),
    )


def chain_of(campaign: Campaign, account: Account | None) -> list[Campaign]:
    """What came before a campaign, the campaign itself, and what came after, as far as the reader may read: along
    "follows" and "escalates". Nothing when it stands alone."""
    before = _along(campaign, account, CampaignLink.from_id, CampaignLink.to_id)
    after = _along(campaign, account, CampaignLink.to_id, CampaignLink.from_id)
    seen = {one.id for one in after}
    chain = [*reversed([one for one in before if one.id not in seen]), campaign, *after]
    return chain if len(chain) > 1 else []


def _along(
    campaign: Campaign, account: Account | None, here: InstrumentedAttribute[int], there: InstrumentedAttribute[int]
) -> list[Campaign]:
    found: list[Campaign] = []
    known, edge = {campaign.id}, {campaign.id}
    while edge and len(found) < LONGEST_CHAIN:
        ends = sa.select(there).where(
            here.in_(edge),
            CampaignLink.removed_at.is_(None),
            CampaignLink.kind.in_([LinkKind.FOLLOWS, LinkKind.ESCALATES]),
        )
        step = db.session.scalars(
            readable_by(account).where(Campaign.id.in_(ends), Campaign.id.not_in(known)).order_by(None)
        ).all()
        found += sorted(step, key=lambda one: (one.began_on or one.created_at.date(), one.id))
        edge = {one.id for one in step}
        known |= edge
    return found[:LONGEST_CHAIN]


def comes_after(first: Campaign, second: Campaign, kind: LinkKind) -> bool:
    """Whether a campaign is reached from another along links of one kind, whoever may read those between."""
    reached = (
        sa.select(CampaignLink.to_id.label("id"))
        .where(CampaignLink.from_id == second.id, CampaignLink.kind == kind, CampaignLink.removed_at.is_(None))
        .cte("reached", recursive=True)
    )
    further = sa.select(CampaignLink.to_id).join(reached, CampaignLink.from_id == reached.c.id)
    reached = reached.union(further.where(CampaignLink.kind == kind, CampaignLink.removed_at.is_(None)))
    return bool(db.session.scalar(sa.select(sa.exists().where(reached.c.id == first.id))))


def campaigns_like(text: str, account: Account, *, limit: int = 10) -> list[Campaign]:
    """Campaigns the reader may read whose title has these letters, last changed first; for suggestions."""
    found = readable_campaigns(account)
    if wanted := normalise(text):
        found = found.where(Campaign.search_text.contains(wanted, autoescape=True))
    return list(db.session.scalars(found.order_by(Campaign.changed_at.desc(), Campaign.id.desc()).limit(limit)))


def readable_campaign(public_id: str, account: Account) -> Campaign | None:
    """The campaign of this id, if the reader may read it."""
    return db.session.scalar(readable_campaigns(account).where(Campaign.public_id == public_id))


def campaigns_named(text: str, account: Account) -> list[Campaign]:
    """The readable campaigns that a typed title or address means exactly: an address means one, a title perhaps two."""
    typed = text.strip()
    slug = typed.rstrip("/").rsplit("/", 1)[-1] if "/" in typed else typed
    by_address = list(db.session.scalars(readable_campaigns(account).where(Campaign.slug == slug)))
    return by_address or list(db.session.scalars(readable_campaigns(account).where(Campaign.title == typed)))


def mentioned_in(entries: Iterable[TimelineEntry], account: Account | None) -> dict[int, Campaign]:
    """By entry id, the other campaign that an entry tells of, if the reader may read it today."""
    ids = [entry.id for entry in entries if entry.record_type in MENTIONING and entry.redacted_at is None]
    if not ids:
        return {}
    mentions = sa.select(CampaignMention.entry_id, CampaignMention.other_id).where(CampaignMention.entry_id.in_(ids))
    merges = sa.select(CampaignMerge.entry_id, CampaignMerge.campaign_id).where(CampaignMerge.entry_id.in_(ids))
    told: dict[int, int] = dict(db.session.execute(mentions.union_all(merges)).all())
    readable = {one.id: one for one in db.session.scalars(readable_by(account).where(Campaign.id.in_(told.values())))}
    return {entry_id: readable[other] for entry_id, other in told.items() if other in readable}
