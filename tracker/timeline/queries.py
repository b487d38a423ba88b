"""What is asked of the database about the timeline."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from tracker.accounts.models import Account, CampaignMember, Role
from tracker.db import db
from tracker.search_text import normalise
from tracker.timeline.models import (
    EntryBacked,
    EntryKind,
    EntryVisibility,
    Revision,
    TimelineEntry,
    entry_reader,
)

# The foreign key names this table; campaigns lie above the timeline, so their model may not be imported here.
_campaign = sa.table("campaign", sa.column("id"), sa.column("visibility"), sa.column("zone"))
_OPEN_CAMPAIGNS = ("signed_in", "public")


def day_in(zone: str, now: dt.datetime) -> dt.date:
    """The day that it is in a zone at this moment."""
    return now.astimezone(ZoneInfo(zone)).date()


def day_begins(zone: str, now: dt.datetime) -> dt.datetime:
    """The moment at which the day of this moment begins in a zone: what is kept where the day alone may be known."""
    day = now.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return day.astimezone(dt.UTC)


def entries_visible_to(account: Account | None, *, today: dt.date) -> sa.ColumnElement[bool]:
    """The condition that an entry may be read by this account, given that its campaign may.

    `today` is a day in the campaign's zone; only outsiders wait for `public_from`. Nobody signed in: public entries.
    """
    return sa.and_(TimelineEntry.deleted_at.is_(None), open_to(account, today=today))


def open_to(account: Account | None, *, today: dt.date) -> sa.ColumnElement[bool]:
    """The same, whether or not the entry was removed: for looking back to when it stood."""
    is_open = sa.or_(TimelineEntry.public_from.is_(None), TimelineEntry.public_from <= today)
    if account is None:
        return sa.and_(TimelineEntry.visibility == EntryVisibility.PUBLIC, is_open)
    # Asked of each entry. As lists of ids, PostgreSQL would think that each entry it looks up makes them anew, and
    # read all entries there are instead.
    named = (entry_reader.c.entry_id == TimelineEntry.id, entry_reader.c.account_id == account.id)
    member = (CampaignMember.campaign_id == TimelineEntry.campaign_id, CampaignMember.account_id == account.id)
    is_named = sa.select(entry_reader.c.entry_id).where(*named).correlate(TimelineEntry).exists()
    as_member: sa.ColumnElement[bool] = (
        sa.true()
        if account.role is Role.ADMINISTRATOR
        else sa.select(CampaignMember.campaign_id).where(*member).correlate(TimelineEntry).exists()
    )
    return sa.or_(
        sa.and_(TimelineEntry.visibility.in_([EntryVisibility.PUBLIC, EntryVisibility.SIGNED_IN]), is_open),
        sa.and_(TimelineEntry.visibility != EntryVisibility.OFF_THE_RECORD, as_member),
        sa.and_(
            TimelineEntry.visibility == EntryVisibility.OFF_THE_RECORD,
            sa.or_(TimelineEntry.actor_id == account.id, is_named),
        ),
    )


def standing(kind: EntryKind) -> sa.ColumnElement[bool]:
    """The condition that what an entry of this kind tells still holds: not removed, redacted, or told anew.

    A correction in words alone leaves the record standing; one that comes with a record of its own takes its place.
    """
    anew = sa.alias(TimelineEntry.__table__)
    told_anew = sa.select(anew.c.id).where(
        anew.c.corrects_id == TimelineEntry.id, anew.c.kind == kind, anew.c.deleted_at.is_(None)
    )
    return sa.and_(TimelineEntry.deleted_at.is_(None), TimelineEntry.redacted_at.is_(None), ~sa.exists(told_anew))


class Ranked(Protocol):
    """Whoever has a role."""

    @property
    def role(self) -> Role | None: ...


def sees_actors(account: Ranked | None, *, is_member: bool) -> bool:
    """Whether somebody belongs to the team, who alone reads who recorded what (safety.md, 11)."""
    return account is not None and (is_member or account.role in (Role.ADMINISTRATOR, Role.ORGANISER))


def is_open_to_another(entry: TimelineEntry, *, now: dt.datetime) -> bool:
    """Whether anybody but its author could see the entry at this moment."""
    others: sa.ColumnElement[bool] = Account.active.is_(True)
    if entry.actor_id is not None:
        others = sa.and_(others, Account.id != entry.actor_id)
    if entry.visibility is EntryVisibility.OFF_THE_RECORD:
        return any(reader.id != entry.actor_id for reader in entry.readers)
    reach, zone = db.session.execute(
        sa.select(_campaign.c.visibility, _campaign.c.zone).where(_campaign.c.id == entry.campaign_id)
    ).one()
    is_open = entry.public_from is None or entry.public_from <= day_in(zone, now)
    if is_open and entry.visibility is EntryVisibility.PUBLIC and reach == "public":
        return True
    if not (
        is_open and entry.visibility in (EntryVisibility.PUBLIC, EntryVisibility.SIGNED_IN) and reach in _OPEN_CAMPAIGNS
    ):
        members = sa.select(CampaignMember.account_id).where(CampaignMember.campaign_id == entry.campaign_id)
        others = sa.and_(others, sa.or_(Account.role == Role.ADMINISTRATOR, Account.id.in_(members)))
    return bool(db.session.scalar(sa.select(sa.exists().where(others))))


def record_classes() -> dict[str, type[EntryBacked]]:
    """Every mapped class of records that entries tell of, by table."""
    return {
        str(mapper.local_table): mapper.class_
        for mapper in TimelineEntry.registry.mappers
        if issubclass(mapper.class_, EntryBacked)
    }


def record_behind(entry: TimelineEntry) -> EntryBacked | None:
    """The record that an entry tells of; None for a note, or when the record has moved on to a correcting entry."""
    kind = record_classes().get(entry.record_type)
    return None if kind is None else db.session.scalar(sa.select(kind).where(kind.entry_id == entry.id))


def record_told_by(entry: TimelineEntry) -> EntryBacked | None:
    """The same; or the record that it told of first and that a correction of it tells of now."""
    found = record_behind(entry)
    if found is None and entry.record_type:
        for correction in entry.corrections:
            if found is None and correction.record_type == entry.record_type:
                found = record_told_by(correction)
    return found


def entry_by_public_id(
    campaign_id: int, public_id: str, account: Account | None, *, today: dt.date
) -> TimelineEntry | None:
    """One entry of a campaign, if this account may read it."""
    return db.session.scalar(
        sa.select(TimelineEntry).where(
            TimelineEntry.campaign_id == campaign_id,
            TimelineEntry.public_id == public_id,
            entries_visible_to(account, today=today),
        )
    )


def is_in_bin_of(account: Account, campaign_id: int, public_id: str) -> bool:
    """Whether this account removed an entry of its own that can still be put back."""
    removed = sa.select(TimelineEntry.id).where(
        TimelineEntry.campaign_id == campaign_id,
        TimelineEntry.public_id == public_id,
        TimelineEntry.actor_id == account.id,
        TimelineEntry.deleted_at.is_not(None),
        TimelineEntry.redacted_at.is_(None),
    )
    return db.session.scalar(removed) is not None


def newest_telling(
    campaign_id: int, public_id: str, account: Account | None, *, today: dt.date
) -> TimelineEntry | None:
    """What tells today what this entry told first: itself, or what corrected it, or took a draft's place, since.

    As far as this account may read; None when it may not read the first, or that is gone and nothing took its place.
    """
    mine = TimelineEntry.actor_id == account.id if account else sa.false()
    readable = sa.and_(
        TimelineEntry.campaign_id == campaign_id,
        open_to(account, today=today),
        sa.or_(TimelineEntry.deleted_at.is_(None), mine),
    )
    found = db.session.scalar(sa.select(TimelineEntry).where(TimelineEntry.public_id == public_id, readable))
    newer = found
    while newer is not None:
        found = newer
        newer = db.session.scalar(sa.select(TimelineEntry).where(readable, _told_after(found)).limit(1))
    return found if found is not None and found.deleted_at is None else None


def _told_after(entry: TimelineEntry) -> sa.ColumnElement[bool]:
    """Its correction; of a draft that was replaced, what took its place (to which it points, see `tell`)."""
    if entry.deleted_at is not None:
        return sa.and_(TimelineEntry.id == entry.corrects_id, TimelineEntry.id > entry.id)
    return sa.and_(
        TimelineEntry.corrects_id == entry.id,
        TimelineEntry.record_type == entry.record_type,
        TimelineEntry.deleted_at.is_(None),
        TimelineEntry.id > entry.id,
    )


@dataclass(frozen=True)
class HistoryFilter:
    """What somebody wants to see of a history; empty means everything."""

    kinds: tuple[EntryKind, ...] = ()
    visibilities: tuple[EntryVisibility, ...] = ()
    actor: str = ""  # public id
    text: str = ""
    oldest_first: bool = False


def history(
    campaign_ids: Collection[int], account: Account | None, wanted: HistoryFilter, *, today: dt.date
) -> sa.Select[TimelineEntry]:
    """The entries of a campaign that this account may read and asks for, in order."""
    found = asked_for(campaign_ids, entries_visible_to(account, today=today), wanted)
    for word in normalise(wanted.text).split():
        found = found.where(TimelineEntry.search_text.contains(word, autoescape=True))
    return found.order_by(*in_order(oldest_first=wanted.oldest_first))


def in_order(*, oldest_first: bool) -> list[sa.ColumnElement[Any]]:
    """How a history is told: by when it happened, then by when it was recorded."""
    order = (TimelineEntry.occurred_on, TimelineEntry.recorded_at, TimelineEntry.id)
    return [column.asc() if oldest_first else column.desc() for column in order]


def asked_for(
    campaign_ids: Collection[int], seen: sa.ColumnElement[bool], wanted: HistoryFilter
) -> sa.Select[TimelineEntry]:
    """The entries of a campaign of the kinds, readers and recorder asked for, unordered and whatever their words."""
    found = sa.select(TimelineEntry).where(TimelineEntry.campaign_id.in_(campaign_ids), seen)
    if wanted.kinds:
        found = found.where(TimelineEntry.kind.in_(wanted.kinds))
    if wanted.visibilities:
        found = found.where(TimelineEntry.visibility.in_(wanted.visibilities))
    if wanted.actor:
        found = found.where(TimelineEntry.actor.has(Account.public_id == wanted.actor))
    return found


def with_evidence(entries: sa.Select[TimelineEntry]) -> sa.Select[TimelineEntry]:
    """The same entries with what a page shows of each, in a fixed number of queries."""
    return entries.options(selectinload(TimelineEntry.sources), selectinload(TimelineEntry.actor))


def corrections_of(entries: Iterable[TimelineEntry], seen: sa.ColumnElement[bool]) -> dict[int, TimelineEntry]:
    """The correction of each entry that has one that is `seen`, by the id of what it corrects."""
    ids = [entry.id for entry in entries]
    found = db.session.scalars(
        sa.select(TimelineEntry)
        .where(TimelineEntry.corrects_id.in_(ids), seen)
        .order_by(TimelineEntry.recorded_at, TimelineEntry.id)
    )
    return {entry.corrects_id: entry for entry in found if entry.corrects_id is not None}


def corrected_by(entries: Iterable[TimelineEntry], seen: sa.ColumnElement[bool]) -> dict[int, TimelineEntry]:
    """What each correcting entry corrects, if it is `seen`, by the id of what was corrected."""
    ids = [entry.corrects_id for entry in entries if entry.corrects_id is not None]
    if not ids:
        return {}
    found = db.session.scalars(sa.select(TimelineEntry).where(TimelineEntry.id.in_(ids), seen))
    return {entry.id: entry for entry in found}


def revisions_of(entry: TimelineEntry, *, with_files: bool = True) -> list[Revision]:
    """What was changed in an entry before others could see it, and what was added to it, oldest first."""
    found = (
        sa.select(Revision)
        .where(Revision.record_type == TimelineEntry.__tablename__, Revision.record_id == entry.id)
        .order_by(Revision.id)
        .options(selectinload(Revision.actor))
    )
    if not with_files:
        found = found.where(Revision.field.not_in(["attachments", "attachment_readers"]))
    return list(db.session.scalars(found))


def readers_to_name(author: Account | None) -> list[Account]:
    """Who may be named as a reader of something confidential: every account in use but the author's."""
    found = sa.select(Account).where(Account.active.is_(True)).order_by(Account.name, Account.email)
    return list(db.session.scalars(found if author is None else found.where(Account.id != author.id)))


def accounts_named(public_ids: Iterable[str]) -> list[Account]:
    """The accounts in use with these public ids."""
    return list(
        db.session.scalars(
            sa.select(Account)
            .where(Account.public_id.in_(list(public_ids)), Account.active.is_(True))
            .order_by(Account.id)
        )
    )
