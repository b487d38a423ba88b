"""The list of campaigns: search, facets, order and page, all in the address."""

from __future__ import annotations

from flask import render_template, request

from tracker import clock
from tracker.accounts.access import current_account, signed_in
from tracker.accounts.models import Role
from tracker.campaigns.stages import STAGE_WORDS
from tracker.campaigns.views import bp as campaigns
from tracker.campaigns.words import KINDS
from tracker.pages import finding
from tracker.pages.lines import campaign_lines

PER_PAGE = 25


@campaigns.get("/campaigns")
@signed_in
def index() -> str:
    """Every campaign one may read, one line each."""
    account = current_account()
    assert account is not None
    now = clock.now()
    wanted = finding.Wanted.from_query(request.args)
    found = finding.find(wanted, account, today=now.date(), per_page=PER_PAGE)
    return render_template(
        "campaigns/index.html",
        lines=campaign_lines(found.campaigns, account, now=now),
        wanted=wanted,
        found=found,
        kinds=[(kind.value, word, found.kinds.get(kind.value, 0)) for kind, word in KINDS.items()],
        stages=[(stage.value, word, found.stages.get(stage.value, 0)) for stage, word in STAGE_WORDS.items()],
        sorts=list(finding.SORTS.items()),
        may_log=account.role in (Role.ADMINISTRATOR, Role.ORGANISER),
    )
