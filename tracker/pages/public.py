"""The page that outsiders read: the letter first, then how many stand behind it, what was asked and what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import abort, g, redirect, render_template, request, url_for
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import public as for_everybody
from tracker.breakdowns.queries import PublicBreakdown, at_work, public_breakdowns
from tracker.breakdowns.words import DIMENSIONS, GROUPS, NOTHING
from tracker.campaigns import queries as campaigns
from tracker.campaigns.merged import survivor_of, together
from tracker.campaigns.models import Campaign, CampaignSubject, CampaignText, SubjectRole
from tracker.campaigns.related import Related, chain_of, related_campaigns
from tracker.campaigns.words import LINKS, asks_word
from tracker.outcomes.queries import Score, scores_in
from tracker.pages import queries
from tracker.pages.blueprint import bp
from tracker.pages.charts import Growth, growth_of
from tracker.pages.history import entry_rows
from tracker.pages.parts import MergedPart, merged_parts
from tracker.pages.shown import for_outsiders
from tracker.settings import config
from tracker.signatures.codes import codes_made
from tracker.signatures.models import ReportedCount
from tracker.signatures.public_list import PublicSignatories, public_signatories
from tracker.signatures.queries import (
    Counts,
    counts_for,
    headlines_among,
    reported_counts,
)
from tracker.signatures.signings import Signing, SigningState, signing_of, state_of
from tracker.signatures.together import counts_together
from tracker.signatures.versions import Versions, texts_as_now, versions_of
from tracker.signatures.views.signing import fresh_form
from tracker.timeline.queries import day_in, entries_visible_to
from tracker.web.paging import page_of
from tracker.words import LazyString
from tracker.work_addresses.queries import domains_of

ENTRIES = 50


@dataclass(frozen=True)
class PublicPage:
    """What outsiders read of a campaign: the page shows it, the JSON says it, and neither anything else."""

    campaign: Campaign
    is_public: bool  # otherwise by link: the letter, what is asked, how many signed (product.md, "Who sees what")
    today: dt.date
    standing: Mapping[int, int]  # this campaign and what was merged into it
    asked: Sequence[CampaignSubject]
    text: CampaignText | None
    counts: Counts
    apart: Mapping[int, Counts]
    sizes: Sequence[ReportedCount]
    scores: Sequence[Score]
    signatories: PublicSignatories | None
    signing: Signing | None
    state: SigningState
    versions: Versions | None  # of a text that was changed in substance: who signed it as it is, and who before
    work_domains: Sequence[str]  # at which an address gets a code to sign with
    at_work: int  # so many at least signed with one; 0 when that is not told

    @property
    def visible(self) -> sa.ColumnElement[bool]:
        """The condition that everybody may read an entry."""
        return entries_visible_to(None, today=self.today)

    @property
    def size(self) -> ReportedCount | None:
        """The size to print first."""
        return headlines_among(self.sizes, self.standing).get(self.campaign.id)


def public_page_of(campaign: Campaign, *, is_public: bool, now: dt.datetime, after: str | None = "") -> PublicPage:
    """Gather it, with the names behind the signatory `after`; without any for None."""
    today = day_in(campaign.zone, now)
    visible = entries_visible_to(None, today=today)
    # By its link one reads one letter, and nothing that was merged with it.
    standing = together([campaign.id], None) if is_public else {campaign.id: campaign.id}
    apart = counts_for(standing)
    signed = counts_together(standing, apart)[campaign.id]
    as_now = texts_as_now(campaign) if len(standing) == 1 else None
    signing = signing_of(campaign)
    domains = domains_of(signing)
    return PublicPage(
        campaign=campaign,
        is_public=is_public,
        today=today,
        standing=standing,
        asked=[s for s in campaigns.subjects_of(campaign) if s.role is SubjectRole.ASKED],
        text=campaigns.latest_text(campaign),
        counts=signed,
        apart=apart,
        sizes=reported_counts(standing, visible),
        scores=scores_in(standing, visible),
        signatories=_signatories(campaign, standing, as_now, signed, after, now)
        if is_public and after is not None
        else None,
        signing=signing,
        state=state_of(signing, campaign, now=now),
        versions=versions_of(campaign, apart[campaign.id], as_now),
        work_domains=domains,
        at_work=at_work(campaign) if domains else 0,
    )


@dataclass(frozen=True)
class Told:
    """The rest of a public page, which a counter on another site has no use for."""

    growth: Growth | None
    entries: Sequence[dict[str, Any]]
    page: int
    pages: int
    merged: Sequence[MergedPart]
    related: Sequence[tuple[LazyString, Related]]
    breakdowns: Sequence[PublicBreakdown]


def told_of(here: PublicPage, *, now: dt.datetime) -> Told:
    """How it grew, what happened, what belongs to it; the history's page is the one that the address asks for."""
    campaign = here.campaign
    if not here.is_public:
        return Told(None, [], 1, 1, [], [], public_breakdowns(campaign))
    page, pages = page_of(queries.recorded_in(here.standing, None, today=here.today), ENTRIES)
    entries = queries.latest_told(
        here.standing, None, today=here.today, limit=ENTRIES, offset=(page - 1) * ENTRIES
    )  # fmt: skip
    rows = entry_rows(entries, campaign, None, today=here.today, team=False)
    return Told(
        growth=growth_of(campaign, here.apart[campaign.id], here.sizes, now=now, in_the_team=False),
        entries=[for_outsiders(row) for row in rows],
        page=page,
        pages=pages,
        merged=merged_parts(campaign, None, here.visible, here.scores, here.apart) if len(here.standing) > 1 else [],
        breakdowns=public_breakdowns(campaign),
        related=[(LINKS[one.kind, one.is_reverse], one) for one in related_campaigns(here.standing, None)],
    )


def address_of(key: str) -> str:
    """Where a public page is, for elsewhere."""
    return f"{config().public_base_url}/c/{key}"


@bp.get("/c/<key>")
@for_everybody
def public(key: str) -> str | Response:
    """A public campaign by its address, or one by link by its unguessable key; anything else is not there."""
    campaign, is_public = campaigns.campaign_by_public_key(key)
    if campaign is None:
        abort(404)
    # The key of a campaign that has become public, or an earlier address, leads to its present page.
    if campaign.visibility == "public" and key != campaign.slug:
        return redirect(url_for("pages.public", key=campaign.slug), 301)
    survivor = survivor_of(campaign, None)
    if survivor is not None and is_public:  # not for ever: merging can be undone
        return redirect(url_for("pages.public", key=survivor.slug), 302)
    now = clock.now()
    here = public_page_of(campaign, is_public=is_public, now=now, after=request.args.get("after", ""))
    told = told_of(here, now=now)
    # Its address is a secret then: no referrer, not indexed, not cached (web/headers.py).
    g.token_page = not is_public
    is_open = here.signing is not None and here.state is SigningState.OPEN
    return render_template(
        "pages/public.html",
        campaign=campaign,
        key=key,
        here=here,
        is_public=is_public,
        asked=here.asked,
        text=here.text,
        counts=here.counts,
        growth=told.growth,
        today=here.today,
        size=here.size,
        asks=asks_word(campaign.kind),
        scores=here.scores,
        merged=told.merged,
        survivor=survivor,
        entries=told.entries,
        related=told.related,
        chain=chain_of(campaign, None) if told.related else [],
        page=told.page,
        pages=told.pages,
        signatories=here.signatories,
        breakdowns=told.breakdowns,
        breakdown_titles=DIMENSIONS,
        breakdown_groups=GROUPS,
        breakdown_nothing=NOTHING,
        has_codes=here.signing is not None and codes_made(campaign) > 0,
        form=fresh_form(campaign, here.signing, here.text) if is_open and here.signing is not None else None,
        address=address_of(key),
    )


def _signatories(
    campaign: Campaign,
    standing: Mapping[int, int],
    as_now: Set[int] | None,
    total: Counts,
    after: str,
    now: dt.datetime,
) -> PublicSignatories:
    """Who signed it or what was merged into it, as each chose."""
    every = [campaign] if len(standing) == 1 else list(queries.campaigns_by_id(standing).values())
    return public_signatories(every, as_now, now=now, after=after, total=total.here)
