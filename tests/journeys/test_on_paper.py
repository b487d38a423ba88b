"""A history and a company, printed."""

from __future__ import annotations

import io
from collections.abc import Callable

import pypdf
from playwright.sync_api import Page

from tests.conftest import LiveServer
from tests.support.happenings import Team


def test_history_and_company(team: Team, signed_in_page: Callable[..., Page], live_server: LiveServer) -> None:
    """“I printed both for the meeting: the words are all there, what belongs to the screen alone is not.”"""
    with team.act():
        team.note("They refused.")
    page = signed_in_page(account_id=team.ids["reader"])
    for path, words in (
        (team.path("/history"), ["History", "They refused.", "22 May 2019"]),
        (f"/companies/{company_slug(team)}/briefing", ["Amazon.com, Inc.", "Stop selling Rekognition to governments"]),
    ):
        page.goto(f"{live_server.url}{path}")
        printed = " ".join(
            " ".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(page.pdf(format="A4"))).pages).split()
        )
        for each in words:
            assert each in printed, (path, each, printed[:800])
        for button in ("Digests", "Signatories", "Add a note", "Go there"):
            assert button not in printed, (path, button)


def company_slug(team: Team) -> str:
    """The address of the company that is asked."""
    with team.look():
        company = team.campaign.subjects[0].company
        assert company is not None
        return company.slug
