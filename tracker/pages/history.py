"""A campaign's history, and the changes behind it."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import abort, render_template, request, url_for
from sqlalchemy.orm import selectinload

from tracker import clock
from tracker.accounts.access import me, narrower
from tracker.accounts.models import Account, Role
from tracker.campaigns.access import Level, for_campaign, level_of, stays
from tracker.campaigns.merged import together
from tracker.campaigns.models import Campaign
from tracker.campaigns.queries import membership_of
from tracker.campaigns.related import mentioned_in
from tracker.db import db
from tracker.engagements.models import Statement
from tracker.pages.blueprint import bp
from tracker.pages.queries import campaigns_by_id
from tracker.pages.restorable import restorable
from tracker.pages.rewound import kept_filters, looking_back, past_asked_for
from tracker.resolutions.models import Filer, Resolution
from tracker.timeline import queries
from tracker.timeline.in_place import Answer, back_to
from tracker.timeline.models import EntryKind, EntryVisibility, Revision, TimelineEntry
from tracker.timeline.queries import HistoryFilter, entries_visible_to, record_classes
from tracker.timeline.rewinding import Then, as_now, end_of, read_then, rewound
from tracker.timeline.shown_files import files_by_entry
from tracker.timeline.tallies import accounts_of, page_of_history, tally_of
from tracker.timeline.words import KINDS, SHORT_VISIBILITIES
from tracker.web.paging import page_of
from tracker.words import _

PER_PAGE = 100
Word = TypeVar("Word", bound=enum.StrEnum)


@bp.get("/campaigns/<slug>/history")
@for_campaign(Level.READ)
def history(campaign: Campaign) -> Answer:
    """What happened, year by year, with who says so; on request as it stood at the end of a day."""
    account, now = me(), clock.now()
    today = queries.day_in(campaign.zone, now)
    membership = membership_of(account, campaign)
    level = level_of(account, campaign, membership)
    team = queries.sees_actors(account, is_member=membership is not None)
    sees_changes = _sees_changes(account, level, is_member=membership is not None)
    past = past_asked_for(campaign, account, today=today)
    undone = past.undone(campaign.id) if past else {}
    seen = past.shown if past else queries.entries_visible_to(account, today=today)
    wanted = _wanted(team)
    # Looked back at, a campaign stands as it was recorded: by itself.
    ids = [campaign.id] if past else _part(list(together([campaign.id], account)))
    if past:
        found = rewound(campaign.id, past, wanted, undone)
    else:
        found = queries.history(ids, account, wanted, today=today)
    tally = tally_of(ids, seen)
    actors = accounts_of(tally.actor_ids) if team else []
    if past or wanted.text:
        total = db.session.scalar(sa.select(sa.func.count()).select_from(found.order_by(None).subquery())) or 0
    else:
        total = tally.number(wanted, next((one.id for one in actors if one.public_id == wanted.actor), None))
    page, pages = page_of(total, PER_PAGE)
    start = (page - 1) * PER_PAGE
    if past:  # in the order of then
        entries = list(db.session.scalars(queries.with_evidence(found).limit(PER_PAGE).offset(start)))
    else:
        entries = page_of_history(found, oldest_first=wanted.oldest_first, total=total, start=start, size=PER_PAGE)
    then = read_then(past, entries, undone) if past else None
    rows = entry_rows(
        entries,
        campaign,
        account,
        today=today,
        team=team,
        seen=seen,
        then=then,
        until=end_of(past.day, campaign.zone) if past else None,
    )
    return render_template(
        "pages/history.html",
        campaign=campaign,
        years=_by_year(rows),
        total=total,
        page=page,
        pages=pages,
        wanted=wanted,
        is_filtered=bool(wanted.kinds or wanted.visibilities or wanted.actor or wanted.text),
        kinds=[(kind, KINDS[kind], number) for kind, number in tally.kinds.items()],
        visibilities=[(word, SHORT_VISIBILITIES[word], number) for word, number in tally.visibilities.items()],
        actors=actors,
        may_edit=level >= Level.EDIT,
        is_corrected=any(entry.corrects_id for entry in entries),
        sees_changes=sees_changes,
        recorded=sum(tally.kinds.values()),
        back=back_to(campaign),
        today=today,
        looking_back=looking_back(campaign, past, undone, sees_changes=sees_changes) if past else None,
        kept=kept_filters(),
        wrong_day=None if past else request.args.get("by") or None,
    )


def _part(ids: list[int]) -> list[int]:
    """The campaigns whose entries are wanted: all that are read as one, or the one of them that the address names."""
    if not (of := request.args.get("of")):
        return ids
    return list(db.session.scalars(sa.select(Campaign.id).where(Campaign.id.in_(ids), Campaign.public_id == of))) or ids


def _wanted(team: bool) -> HistoryFilter:
    return HistoryFilter(
        kinds=_chosen(EntryKind, "kind"),
        visibilities=_chosen(EntryVisibility, "visibility"),
        actor=request.args.get("actor", "") if team else "",
        text=request.args.get("q", "").strip()[:200],
        oldest_first=request.args.get("order") == "oldest",
    )


def _chosen(words: type[Word], name: str) -> tuple[Word, ...]:
    known = {word.value: word for word in words}
    return tuple(known[value] for value in request.args.getlist(name) if value in known)


def entry_rows(
    entries: Sequence[TimelineEntry],
    campaign: Campaign,
    account: Account | None,
    *,
    today: dt.date,
    team: bool,
    seen: sa.ColumnElement[bool] | None = None,
    then: Mapping[int, Then] | None = None,
    until: dt.datetime | None = None,
    files: Mapping[int, list[dict[str, Any]]] | None = None,
) -> list[dict[str, Any]]:
    """Entries as `components/timeline.html` reads them; `files` where their files are known already.

    Of another time: `seen` says which others stood beside them, `then` how each read, `until` when it ended.
    """
    if seen is None:
        seen = queries.entries_visible_to(account, today=today)
    read = then or {entry.id: as_now(entry) for entry in entries}
    corrections = queries.corrections_of(entries, seen)
    corrected = queries.corrected_by(entries, seen)
    silent = _silences(entries)
    others = mentioned_in(entries, account)
    # What was merged into the campaign stays at the address of its own.
    strays = {entry.campaign_id for entry in entries} - {campaign.id}
    parts = {campaign.id: campaign, **(campaigns_by_id(strays) if strays else {})}
    files = files_by_entry(entries, parts, account, today=today, until=until) if files is None else files
    return [
        {
            "anchor": f"entry-{entry.public_id}",
            "kind": "silence" if entry.id in silent else entry.kind.value,
            "kind_word": KINDS[entry.kind],
            "sentence": read[entry.id].headline,
            # Of what was removed since there is no page any more.
            "url": _address(parts[entry.campaign_id], entry) if entry.deleted_at is None else None,
            "part": None if entry.campaign_id == campaign.id else parts[entry.campaign_id].title,
            "date": read[entry.id].occurred_on,
            "precision": read[entry.id].precision,
            "body": read[entry.id].words,
            "sources": read[entry.id].sources,
            "files": files.get(entry.id, ()),
            "visibility": None if entry.visibility is EntryVisibility.PUBLIC else entry.visibility,
            "actor": actor_words(entry, team=team),
            "recorded_at": entry.recorded_at,
            "redacted": entry.redaction_reason or _("no reason given") if entry.redacted_at else None,
            "corrected_by": _correction(corrections.get(entry.id), parts[entry.campaign_id]),
            "about": _about(others.get(entry.id), account),
            "corrects": _corrected(corrected.get(entry.corrects_id or 0), entry),
        }
        for entry in entries
    ]


def _about(other: Campaign | None, account: Account | None) -> dict[str, str] | None:
    if other is None:
        return None
    url = url_for("pages.public", key=other.slug) if account is None else url_for("pages.campaign", slug=other.slug)
    return {"title": other.title, "url": url}


def actor_words(entry: TimelineEntry, *, team: bool) -> str:
    """Who recorded it; outside the team always "the organisers" (safety.md, 11)."""
    if team and entry.actor is not None:
        return entry.actor.name or entry.actor.email
    return str(_("the organisers"))


def _address(campaign: Campaign, entry: TimelineEntry) -> str:
    return url_for("timeline.show", slug=campaign.slug, public_id=entry.public_id)


def _correction(right: TimelineEntry | None, campaign: Campaign) -> dict[str, Any] | None:
    if right is None:
        return None
    return {"sentence": right.headline, "reason": right.correction_reason, "url": _address(campaign, right)}


def _corrected(wrong: TimelineEntry | None, entry: TimelineEntry) -> dict[str, Any] | None:
    if wrong is None:
        return None
    return {"sentence": "" if wrong.redacted_at else wrong.headline, "reason": entry.correction_reason}


def _silences(entries: Iterable[TimelineEntry]) -> set[int]:
    ids = [entry.id for entry in entries if entry.kind is EntryKind.STATEMENT]
    if not ids:
        return set()
    return set(
        db.session.scalars(sa.select(Statement.entry_id).where(Statement.entry_id.in_(ids), Statement.is_silence))
    )


def _by_year(rows: list[dict[str, Any]]) -> list[tuple[int, list[dict[str, Any]]]]:
    return [(year, list(group)) for year, group in groupby(rows, key=lambda row: row["date"].year)]


@bp.get("/campaigns/<slug>/changes")
@for_campaign(Level.READ)
@stays
@narrower
def changes(campaign: Campaign) -> Answer:
    """Who changed which field from what to what; for members and administrators."""
    account, now = me(), clock.now()
    membership = membership_of(account, campaign)
    if not _sees_changes(account, level_of(account, campaign, membership), is_member=membership is not None):
        abort(403)
    found = readable_changes(campaign, account, today=queries.day_in(campaign.zone, now))
    may_edit = level_of(account, campaign, membership) >= Level.EDIT
    total = db.session.scalar(sa.select(sa.func.count()).select_from(found.order_by(None).subquery())) or 0
    page, pages = page_of(total, PER_PAGE)
    revisions = list(db.session.scalars(found.limit(PER_PAGE).offset((page - 1) * PER_PAGE)))
    return render_template(
        "pages/changes.html",
        campaign=campaign,
        revisions=revisions,
        restorable=restorable(revisions, account) if may_edit else set(),
        may_edit=may_edit,
        total=total,
        page=page,
        pages=pages,
        back=back_to(campaign),
    )


def _sees_changes(account: Account, level: Level, *, is_member: bool) -> bool:
    return is_member or level >= Level.EDIT or account.role is Role.ADMINISTRATOR


def readable_changes(campaign: Campaign, account: Account, *, today: dt.date) -> sa.Select[Revision]:
    """Revisions of a campaign, without those of anything told in entries that the account may not read.

    The earlier wording of an entry was never seen by anybody but who wrote it, and stays theirs.
    """
    visible = entries_visible_to(account, today=today)
    entries = sa.select(TimelineEntry.id).where(TimelineEntry.campaign_id == campaign.id, visible)
    told = {table: kind for table, kind in record_classes().items() if table != Resolution.__tablename__}
    resolutions = sa.select(Resolution.id).where(Resolution.entry_id.in_(entries))
    readable = [
        sa.and_(
            Revision.record_type == TimelineEntry.__tablename__,
            Revision.record_id.in_(entries),
            sa.or_(Revision.field.not_in(["headline", "words"]), Revision.actor_id == account.id),
        ),
        sa.and_(Revision.record_type == Resolution.__tablename__, Revision.record_id.in_(resolutions)),
        sa.and_(
            Revision.record_type == Filer.__tablename__,
            Revision.record_id.in_(sa.select(Filer.id).where(Filer.resolution_id.in_(resolutions))),
        ),
        Revision.record_type.not_in(
            [TimelineEntry.__tablename__, Resolution.__tablename__, Filer.__tablename__, *told]
        ),
        *(
            sa.and_(
                Revision.record_type == table,
                Revision.record_id.in_(sa.select(kind.id).where(kind.entry_id.in_(entries))),  # type: ignore[attr-defined]
            )
            for table, kind in told.items()
        ),
    ]
    return (
        sa.select(Revision)
        .where(Revision.campaign_id == campaign.id, sa.or_(*readable))
        .order_by(Revision.recorded_at.desc(), Revision.id.desc())
        .options(selectinload(Revision.actor))
    )
