"""The page that outsiders read: the letter first, then how many stand behind it, what was asked and what came of it."""

from __future__ import annotations

from flask import abort, g, redirect, render_template, url_for
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import public as for_everybody
from tracker.campaigns import queries as campaigns
from tracker.campaigns.models import SubjectRole
from tracker.campaigns.related import chain_of, related_campaigns
from tracker.campaigns.words import LINKS, asks_word
from tracker.outcomes.queries import scoreboard
from tracker.pages import queries
from tracker.pages.blueprint import bp
from tracker.pages.charts import growth_of
from tracker.pages.history import entry_rows
from tracker.pages.shown import for_outsiders
from tracker.signatures.queries import counts, headlines_among, public_signatories, reported_counts
from tracker.timeline.queries import day_in, entries_visible_to
from tracker.web.paging import page_of

ENTRIES = 50


@bp.get("/c/<key>")
@for_everybody
def public(key: str) -> str | Response:
    """A public campaign by its address, or one by link by its unguessable key; anything else is not there."""
    campaign, is_public = queries.campaign_by_public_key(key)
    if campaign is None:
        abort(404)
    # The key of a campaign that has become public, or an earlier address, leads to its present page.
    if campaign.visibility == "public" and key != campaign.slug:
        return redirect(url_for("pages.public", key=campaign.slug), 301)
    now = clock.now()
    today = day_in(campaign.zone, now)
    visible = entries_visible_to(None, today=today)
    told = queries.public_entries(campaign.id, today=today) if is_public else 0
    page, pages = page_of(told, ENTRIES)
    entries = (
        queries.latest_told([campaign.id], None, today=today, limit=ENTRIES, offset=(page - 1) * ENTRIES)
        if is_public
        else []
    )
    signed, sizes = counts(campaign), reported_counts([campaign.id], visible)
    # Its address is a secret then: no referrer, not indexed, not cached (web/headers.py).
    g.token_page = not is_public
    return render_template(
        "pages/public.html",
        campaign=campaign,
        is_public=is_public,
        asked=[s for s in campaigns.subjects_of(campaign) if s.role is SubjectRole.ASKED],
        text=campaigns.latest_text(campaign),
        counts=signed,
        growth=growth_of(campaign, signed, sizes, now=now, in_the_team=False) if is_public else None,
        today=today,
        size=headlines_among(sizes).get(campaign.id),
        asks=asks_word(campaign.kind),
        scores=scoreboard(campaign, visible),
        entries=[for_outsiders(row) for row in entry_rows(entries, campaign, None, today=today, team=False)],
        related=[(LINKS[one.kind, one.is_reverse], one) for one in related_campaigns([campaign.id], None)]
        if is_public
        else [],
        chain=chain_of(campaign, None) if is_public else [],
        page=page,
        pages=pages,
        # By link: the letter, what is asked and how many signed (product.md, "Who sees what").
        signatories=public_signatories(campaign, now=now, total=signed.here) if is_public else None,
    )
