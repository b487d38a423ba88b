"""The minutes of a meeting, from one organiser's disk to another's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.conftest import LiveServer
from tests.support.happenings import Team

MINUTES = b"They will answer by June.\n"


def test_from_my_disk_to_another_one(
    team: Team, signed_in_page: Callable[..., Page], live_server: LiveServer, tmp_path: Path
) -> None:
    """“I chose the file beside the note; she pressed on it and had it on her disk, and it was not shown in a tab.”"""
    paper = tmp_path / "Minutes of June.txt"
    paper.write_bytes(MINUTES)
    ada, bo = (signed_in_page(account_id=team.ids[who]) for who in ("editor", "reader"))
    ada.goto(f"{live_server.url}{team.path('/notes/new')}")
    ada.fill("#headline", "We met.")
    ada.fill("#occurred_on", "2 May 2019")
    ada.locator(".file-fields summary").click()
    ada.set_input_files("#files", paper)
    ada.get_by_role("button", name="Record it").click()
    expect(ada.locator("main")).to_contain_text("Noted.")

    bo.goto(f"{live_server.url}{team.path('/history')}")
    here = bo.url
    with bo.expect_download() as coming:
        bo.get_by_role("link", name="Minutes of June.txt").click()
    assert coming.value.suggested_filename == "Minutes of June.txt"
    assert coming.value.path().read_bytes() == MINUTES
    assert bo.url == here
