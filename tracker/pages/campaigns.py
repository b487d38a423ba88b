"""The list of campaigns: search, facets, order and page, all in the address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template, request, url_for

from tracker import clock
from tracker.accounts.access import me, signed_in
from tracker.accounts.models import Role
from tracker.campaigns.stages import STAGE_WORDS
from tracker.campaigns.views import bp as campaigns
from tracker.campaigns.words import KINDS
from tracker.finding.lists import find
from tracker.finding.saved import saved_searches, wanted_by
from tracker.finding.wanted import SORTS, Wanted
from tracker.outcomes.words import STATUSES
from tracker.pages.lines import campaign_lines
from tracker.pages.searches import address_of
from tracker.words import LazyString

PER_PAGE = 25


@campaigns.get("/campaigns")
@signed_in
def index() -> str:
    """Every campaign one may read, one line each."""
    account = me()
    now = clock.now()
    found = find(Wanted.from_query(request.args), account, today=now.date(), per_page=PER_PAGE)
    wanted, facets = found.wanted, found.facets
    choices = {
        "kind": _choices(KINDS, facets.kinds, wanted.kind),
        "stage": _choices(STAGE_WORDS, facets.stages, wanted.stage),
        "company": facets.companies,
        "issue": facets.issues,
        "outcome": _choices(STATUSES, facets.outcomes, wanted.outcome),
        "year": [(year, year, count) for year, count in facets.years.items()],
    }
    return render_template(
        "campaigns/index.html",
        lines=campaign_lines(found.campaigns, account, now=now),
        wanted=wanted,
        found=found,
        choices=choices,
        narrowed=_narrowed(wanted, choices),
        sorts=list(SORTS.items()),
        kept=[(one, address_of(one), wanted_by(one).query == wanted.query) for one in saved_searches(account)],
        may_log=account.role in (Role.ADMINISTRATOR, Role.ORGANISER),
    )


def _choices(
    words: Mapping[Any, LazyString], counts: Mapping[str, int], chosen: Sequence[str]
) -> list[tuple[str, LazyString, int]]:
    """A facet's values that lead somewhere, or are ticked, in their own order."""
    return [
        (member.value, word, counts.get(member.value, 0))
        for member, word in words.items()
        if counts.get(member.value) or member.value in chosen
    ]


def _narrowed(wanted: Wanted, choices: Mapping[str, Sequence[tuple[str, Any, int]]]) -> list[tuple[Any, str]]:
    """What is ticked, in words, each with the address of the list without it."""
    found = []
    for name, values in wanted.ticked.items():
        words = {value: label for value, label, _count in choices[name]}
        for value in values:
            rest = wanted.unticked(name, value)
            address = url_for("campaigns.index") + (f"?{rest.query}" if rest.query else "")
            found.append((words.get(value, value), address))
    return found
