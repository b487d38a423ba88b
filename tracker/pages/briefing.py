"""A campaign or a company on paper: what is asked, how it stands, what happened, and every source written out.

What was told in confidence is never on it, for paper is passed on; nor is anybody's name who recorded or signed. The
public version holds what everybody may read and nothing else (safety.md, 9 and 11).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from flask import abort, render_template, request

from tracker import clock
from tracker.accounts.access import current_account, signed_in
from tracker.accounts.models import Account
from tracker.campaigns import queries as campaigns
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.merged import together
from tracker.campaigns.models import Campaign, SubjectRole, Visibility
from tracker.campaigns.stages import STAGE_WORDS
from tracker.campaigns.words import ask_word, asks_word
from tracker.companies.queries import company_by_slug, names_of
from tracker.db import db
from tracker.engagements.models import Statement
from tracker.engagements.queries import statements
from tracker.outcomes.queries import scores_in
from tracker.outcomes.won_and_lost import demands_won_and_lost, scores_of
from tracker.pages import queries
from tracker.pages.blueprint import bp
from tracker.pages.history import entry_rows
from tracker.pages.shown import statement_shown
from tracker.resolutions.queries import resolutions, votes_of_company
from tracker.resolutions.words import DENOMINATORS
from tracker.signatures.queries import headline_sizes
from tracker.signatures.together import counts_together
from tracker.timeline.models import CONFIDENTIAL, EntryVisibility, Source, TimelineEntry
from tracker.timeline.queries import HistoryFilter, day_in, entries_visible_to, history, with_evidence
from tracker.words import _

MOST_PRINTED = 1000


@dataclass
class Endnotes:
    """The sources of a briefing, numbered as they are first cited."""

    items: list[Source] = field(default_factory=list)
    _known: dict[tuple[str, str], int] = field(default_factory=dict)

    def cite(self, sources: Iterable[Source]) -> list[int]:
        """The numbers of these sources, the same one for what is cited again; redacted ones have none."""
        numbers = []
        for source in sources:
            if source.redacted_at is not None:
                continue
            key = (source.citation, source.url)
            if key not in self._known:
                self.items.append(source)
                self._known[key] = len(self.items)
            numbers.append(self._known[key])
        return sorted(set(numbers))


@dataclass(frozen=True)
class Reader:
    """For whom it is printed: None is everybody."""

    account: Account | None
    today: dt.date

    @property
    def visible(self) -> sa.ColumnElement[bool]:
        """What may stand on paper for this reader."""
        return sa.and_(
            entries_visible_to(self.account, today=self.today), TimelineEntry.visibility.not_in(list(CONFIDENTIAL))
        )


def _wants_public() -> bool:
    return request.args.get("version") == "public"


@bp.get("/campaigns/<slug>/briefing")
@for_campaign(Level.READ)
def briefing(campaign: Campaign) -> str:
    """One campaign, composed for print."""
    now = clock.now()
    today = day_in(campaign.zone, now)
    may_be_public = campaign.visibility is Visibility.PUBLIC
    is_public = may_be_public and _wants_public()
    reader = Reader(None if is_public else current_account(), today)
    standing = together([campaign.id], reader.account)
    parts = queries.campaigns_by_id(standing) if len(standing) > 1 else {campaign.id: campaign}
    found = history(standing, reader.account, HistoryFilter(), today=today).where(reader.visible)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(found.order_by(None).subquery())) or 0
    entries = list(reversed(db.session.scalars(with_evidence(found).limit(MOST_PRINTED)).all()))
    said = db.session.scalars(
        statements(reader.account, today=today, campaign_ids=list(standing)).where(reader.visible)
    ).all()
    filed = resolutions(standing, reader.visible)
    return render_template(
        "pages/briefing.html",
        campaign=campaign,
        today=today,
        is_public=is_public,
        may_be_public=may_be_public,
        circle=None if is_public else _circle(campaign, entries),
        subjects=campaigns.subjects_of(campaign),
        stage=STAGE_WORDS[campaign.stage],
        ask=ask_word(campaign.kind),
        asks=asks_word(campaign.kind),
        scores=scores_in(standing, reader.visible),
        size=headline_sizes(standing, reader.visible).get(campaign.id),
        counts=counts_together(standing)[campaign.id],
        # What is due is the team's own business.
        deadlines=[] if is_public else [one for one in campaigns.deadlines_of(*parts.values()) if one.done_at is None],
        statements=[statement_shown(one, parts[one.campaign_id]) for one in said],
        resolutions=filed,
        votes=queries.votes_in(standing, reader.visible) if filed else [],
        denominators=DENOMINATORS,
        years=_by_year(entry_rows(entries, campaign, reader.account, today=today, team=False, seen=reader.visible)),
        left_out=total - len(entries),
        notes=Endnotes(),
    )


def _circle(campaign: Campaign, entries: Sequence[TimelineEntry]) -> Any:
    """For whom a briefing is that holds more than everybody may read; None when it holds nothing more."""
    if campaign.visibility in (Visibility.MEMBERS, Visibility.LINK):
        return _("For members of this campaign")
    held = {entry.visibility for entry in entries}
    if EntryVisibility.MEMBERS in held or any(entry.public_from for entry in entries):
        return _("For members of this campaign")
    if campaign.visibility is Visibility.SIGNED_IN or EntryVisibility.SIGNED_IN in held:
        return _("For those who work with this tracker")
    return None


def _by_year(rows: list[dict[str, Any]]) -> list[tuple[int, list[dict[str, Any]]]]:
    return [(year, list(group)) for year, group in groupby(rows, key=lambda row: row["date"].year)]


@bp.get("/companies/<slug>/briefing")
@signed_in
def company_briefing(slug: str) -> str:
    """One company, composed for print: what was asked of it, what it said, how its shareholders voted."""
    found = company_by_slug(slug) or abort(404)
    today = clock.now().date()
    is_public = _wants_public()
    reader = Reader(None if is_public else current_account(), today)
    readable = queries.readable_ids(reader.account)
    said = db.session.scalars(
        statements(reader.account, today=today, campaign_ids=readable).where(
            Statement.company_id == found.id, reader.visible
        )
    ).all()
    naming = {
        role: queries.campaigns_naming(found, role, reader.account) for role in (SubjectRole.ASKED, SubjectRole.ABOUT)
    }
    named = [one for some in naming.values() for one in some]
    of_statement = queries.campaigns_by_id({one.campaign_id for one in said})
    is_open = all(one.visibility is Visibility.PUBLIC for one in (*named, *of_statement.values()))
    fate = demands_won_and_lost(found, campaign_ids=readable, visible=reader.visible)
    return render_template(
        "pages/company_briefing.html",
        company=found,
        today=today,
        is_public=is_public,
        circle=None if is_public or is_open else _("For those who work with this tracker"),
        names=names_of(found),
        asking=naming[SubjectRole.ASKED],
        about=naming[SubjectRole.ABOUT],
        scores=scores_of(fate.ids, reader.visible),
        years=[
            (year, [statement_shown(one, of_statement[one.campaign_id]) for one in of_year])
            for year, of_year in groupby(reversed(said), key=lambda one: one.entry.occurred_on.year)
        ],
        votes=votes_of_company(found, reader.visible, campaign_ids=readable),
        denominators=DENOMINATORS,
        stages=STAGE_WORDS,
        notes=Endnotes(),
    )
