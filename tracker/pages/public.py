"""The page that outsiders read: the letter first, then how many stand behind it, what was asked and what came of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from flask import abort, g, redirect, render_template, url_for
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import public as for_everybody
from tracker.campaigns import queries as campaigns
from tracker.campaigns.merged import survivor_of, together
from tracker.campaigns.models import Campaign, SubjectRole
from tracker.campaigns.related import chain_of, related_campaigns
from tracker.campaigns.words import LINKS, asks_word
from tracker.outcomes.queries import scores_in
from tracker.pages import queries
from tracker.pages.blueprint import bp
from tracker.pages.charts import growth_of
from tracker.pages.history import entry_rows
from tracker.pages.parts import merged_parts
from tracker.pages.shown import for_outsiders
from tracker.signatures.queries import (
    Counts,
    PublicSignatories,
    counts_for,
    headlines_among,
    public_signatories,
    reported_counts,
)
from tracker.signatures.together import counts_together
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
    survivor = survivor_of(campaign, None)
    if survivor is not None and is_public:  # not for ever: merging can be undone
        return redirect(url_for("pages.public", key=survivor.slug), 302)
    now = clock.now()
    today = day_in(campaign.zone, now)
    visible = entries_visible_to(None, today=today)
    # By its link one reads one letter, and nothing that was merged with it.
    standing = together([campaign.id], None) if is_public else {campaign.id: campaign.id}
    told = queries.recorded_in(standing, None, today=today) if is_public else 0
    page, pages = page_of(told, ENTRIES)
    entries = (
        queries.latest_told(standing, None, today=today, limit=ENTRIES, offset=(page - 1) * ENTRIES)
        if is_public
        else []
    )
    apart, sizes = counts_for(standing), reported_counts(standing, visible)
    signed, scores = counts_together(standing, apart)[campaign.id], scores_in(standing, visible)
    related = related_campaigns(standing, None) if is_public else []
    # Its address is a secret then: no referrer, not indexed, not cached (web/headers.py).
    g.token_page = not is_public
    return render_template(
        "pages/public.html",
        campaign=campaign,
        is_public=is_public,
        asked=[s for s in campaigns.subjects_of(campaign) if s.role is SubjectRole.ASKED],
        text=campaigns.latest_text(campaign),
        counts=signed,
        growth=growth_of(campaign, apart[campaign.id], sizes, now=now, in_the_team=False) if is_public else None,
        today=today,
        size=headlines_among(sizes, standing).get(campaign.id),
        asks=asks_word(campaign.kind),
        scores=scores,
        merged=merged_parts(campaign, None, visible, scores, apart) if len(standing) > 1 else [],
        survivor=survivor,
        entries=[for_outsiders(row) for row in entry_rows(entries, campaign, None, today=today, team=False)],
        related=[(LINKS[one.kind, one.is_reverse], one) for one in related],
        chain=chain_of(campaign, None) if related else [],
        page=page,
        pages=pages,
        # By link: the letter, what is asked and how many signed (product.md, "Who sees what").
        signatories=_signatories(campaign, standing, signed, now) if is_public else None,
    )


def _signatories(campaign: Campaign, standing: Mapping[int, int], total: Counts, now: dt.datetime) -> PublicSignatories:
    """Who signed it or what was merged into it, as each chose; an organisation that signed both stands once."""
    if len(standing) == 1:
        return public_signatories(campaign, now=now, total=total.here)
    found = [public_signatories(one, now=now).shown for one in queries.campaigns_by_id(standing).values()]
    bodies = dict.fromkeys(shown for each in found for shown in each if shown.is_organisation)
    people = [shown for each in found for shown in each if not shown.is_organisation]
    shown = sorted([*bodies, *people], key=lambda one: one.sort_key())
    return PublicSignatories(shown, max(0, total.here - len(shown)))
