"""The briefing: what may be handed on, numbered to its sources, and nothing told in confidence."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.support.happenings import Team
from tests.support.pages import visit
from tracker.campaigns.models import Visibility
from tracker.campaigns.service import add_deadline
from tracker.engagements.service import Said, record_statement
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.models import Source

PLANTED = "quagga"


def test_sources_are_numbered_and_spelled_out_once(team: Team) -> None:
    """A source cited twice has one number and one note; its address stands there in full."""
    with team.act() as now:
        letter = Source(citation="The letter", url="https://example.org/letter", recorded_at=now)
        press = Source(citation="A paper", recorded_at=now)
        team.note("First.", on=dt.date(2018, 6, 1), sources=[letter])
        team.note("Second.", on=dt.date(2019, 6, 1), sources=[letter, press])
    page = visit(team.client("reader"), team.path("/briefing"), queries=45)
    assert [one.get_text(strip=True) for one in page.select(".briefing-year h3")] == ["2018", "2019"]
    assert [link["href"] for link in page.select(".briefing-story .cited a")] == ["#note-1", "#note-1", "#note-2"]
    notes = page.select(".briefing-notes li")
    assert len(notes) == 2 and notes[0].get_text().count("https://example.org/letter") == 1


def test_nothing_in_confidence_is_printed(team: Team) -> None:
    """Not even for who recorded it: paper is passed on. Nobody who recorded something is named."""
    with team.act() as now:
        for to in (To.OFF_THE_RECORD, To.NOT_FOR_ATTRIBUTION):
            team.note(f"The {PLANTED} spoke.", visibility=to)
            said = Said(company=None, target=team.demand().target, speaker=PLANTED, quotation=f"{PLANTED}!")
            record_statement(team.campaign, said, team.told(visibility=to), actor=team.account("editor"), now=now)
    for path in (team.path("/briefing"), "/companies/amazon-com-inc/briefing", "/companies/amazon/briefing"):
        answer = team.client("editor").get(path)
        assert PLANTED not in answer.get_data(as_text=True)
    page = visit(team.client("editor"), team.path("/briefing"))
    assert "Editor" not in page.select_one(".briefing").get_text()


def test_the_public_version(team: Team) -> None:
    """It leaves out what only members read and what is due, and carries no line that closes it."""
    with team.act() as now:
        team.note("Open.")
        team.note("Of members.", visibility=To.MEMBERS)
        editor = team.account("editor")
        due = dt.date(2099, 1, 1)
        add_deadline(team.campaign, what="File it", due_on=due, owner=None, actor=editor, now=now)
    client = team.client("reader")
    whole = visit(client, team.path("/briefing"))
    assert "Of members." in whole.text and "File it" in whole.text
    assert whole.select_one(".briefing-circle").get_text(strip=True) == "For members of this campaign"
    open_one = visit(client, team.path("/briefing?version=public"))
    assert "Open." in open_one.text
    assert "Of members." not in open_one.text and "File it" not in open_one.text
    assert not open_one.has(".briefing-circle") and not open_one.has(".briefing-closed")
    outside = visit(team.client("viewer"), team.path("/briefing"))
    assert "Of members." not in outside.text


@pytest.mark.parametrize("campaign_visibility", [Visibility.MEMBERS])
def test_a_closed_campaign_has_no_public_version(team: Team) -> None:
    """Asking for one shows the members' own, marked as such; whoever is no member gets nothing."""
    with team.act():
        team.note("Open within.")
    page = visit(team.client("reader"), team.path("/briefing?version=public"))
    assert page.select_one(".briefing-circle").get_text(strip=True) == "For members of this campaign"
    assert not page.has(".briefing-bar nav")
    assert team.client("viewer").get(team.path("/briefing")).status_code == 404
