"""Everything that is found by words, in one place; all of what is asked stands in the address."""

from __future__ import annotations

from flask import render_template, request

from tracker import clock
from tracker.accounts.access import me, signed_in
from tracker.finding.documents import SORTS, find_documents
from tracker.pages.blueprint import bp
from tracker.pages.results import KINDS, results
from tracker.search.asking import LONGEST_QUERY

PER_PAGE = 20


@bp.get("/search")
@signed_in
def search() -> str:
    """Campaigns, asks, statements, resolutions, entries, sources, companies: what one may read, and nothing else."""
    account = me()
    today = clock.now().date()
    query = request.args.get("q", "").strip()[:LONGEST_QUERY]
    kind = request.args.get("kind", "")
    sort = request.args.get("sort", "best")
    kind, sort = kind if kind in KINDS else "", sort if sort in SORTS else "best"
    page = request.args.get("page", "1")
    found = find_documents(
        query,
        account,
        today=today,
        kind=kind,
        sort=sort,
        page=max(1, int(page)) if page.isdecimal() and len(page) < 7 else 1,
        per_page=PER_PAGE,
    )
    return render_template(
        "pages/search.html",
        q=query,
        kind=kind,
        sort=sort,
        sorts=list(SORTS.items()),
        kinds=KINDS,
        found=found,
        lines=results(found.hits, found.asked, account, today=today),
    )
