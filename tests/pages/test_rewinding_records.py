"""Promises, resolutions and asks on the history page as of a day, by both ways of looking back."""

from __future__ import annotations

import datetime as dt

import pytest

from tests.support.happenings import Team
from tests.support.pages import Page, visit, words
from tracker.campaigns.service import add_demand, edit_demand
from tracker.outcomes.models import Implementation
from tracker.outcomes.service import Promise, grade_commitment, record_commitment
from tracker.resolutions.models import DispositionKind
from tracker.resolutions.service import Counted, Filing, file_resolution, record_disposition, record_vote
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.models import Source
from tracker.timeline.service import Told, amend


def at(day: str) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(12), tzinfo=dt.UTC)


def told(team: Team, day: str, published: str) -> Told:
    """Recorded on a day, of which a paper told on another."""
    source = Source(
        citation=f"Paper of {published}", published_on=dt.date.fromisoformat(published), recorded_at=at(day)
    )
    return team.told(published, sources=[source])


@pytest.fixture
def storied(team: Team) -> Team:
    """A promise and a filing, each told anew later, with a grade, a step and a vote; an ask reworded, and a new one."""
    with team.act():
        campaign, who = team.campaign, team.account("editor")
        campaign.created_at, campaign.began_on = at("2019-03-01"), dt.date(2018, 1, 1)
        for demand in campaign.demands:
            demand.created_at = at("2019-03-01")
        company = campaign.subjects[0].company
        assert company is not None

        def how(day: str, published: str) -> dict[str, object]:
            return {"told": told(team, day, published), "actor": who, "now": at(day)}

        promise = record_commitment(campaign, Promise("A pause of a year."), **how("2019-03-02", "2018-02-01"))
        grade_commitment(promise, Implementation.PARTLY, **how("2019-03-04", "2018-04-01"))
        again = amend(
            promise.entry, told(team, "2019-03-06", "2018-06-01"), reason="Wrong.", actor=who, now=at("2019-03-06")
        )
        now = at("2019-03-06")
        record_commitment(campaign, Promise("A pause of two years."), again, actor=who, now=now, known=promise)

        filed = file_resolution(campaign, Filing("A study", company), **how("2019-03-02", "2018-02-01"))
        record_disposition(filed, DispositionKind.CHALLENGED, campaign=campaign, **how("2019-03-04", "2018-04-01"))
        again = amend(filed.entry, told(team, "2019-03-06", "2018-06-01"), reason="Wrong.", actor=who, now=now)
        file_resolution(campaign, Filing("A report", company), again, actor=who, now=now, known=filed)
        record_vote(filed, Counted(2, 3), campaign=campaign, **how("2019-03-08", "2018-08-01"))

        ask = team.demand()
        edit_demand(ask, {"words": "Stop selling it to anybody"}, seen=ask.version, actor=who, now=at("2019-03-10"))
        add_demand(campaign, "Publish the study", **how("2019-03-12", "2018-09-01"))
    return team


def lists(page: Page) -> list[str]:
    """What stands behind each summary of the banner."""
    return [words(row) for row in page.select(".past-asks li")]


def as_of(team: Team, who: str, query: str) -> Page:
    return visit(team.client(who), team.path(f"/history?{query}"))


@pytest.mark.parametrize(
    ("of_recording", "of_sources"),
    [("2019-03-02", "2018-03-01"), ("2019-03-05", "2018-05-01"), ("2019-03-09", "2018-08-02")],
    ids=["told", "graded and challenged", "told anew and voted on"],
)
def test_by_either_way(storied: Team, of_recording: str, of_sources: str) -> None:
    """The same three moments, once by when they were recorded and once by when they were published."""
    wanted = {
        "2019-03-02": ["“A study”", "promised: A pause of a year. Not known"],
        "2019-03-05": ["“A study”", "promised: A pause of a year. Partly carried out"],
        "2019-03-09": ["“A report”", "promised: A pause of two years. Partly carried out"],
    }[of_recording]
    last = {"2019-03-02": "", "2019-03-05": "asked the SEC to let it leave out “A study”", "2019-03-09": "40"}
    for query in (f"by={of_recording}", f"by={of_sources}&dates=sources"):
        _ask, _other, resolution, promise = lists(as_of(storied, "reader", query))
        assert wanted[0] in resolution and promise.endswith(wanted[1]), query
        assert last[of_recording] in resolution
        assert ("SEC" in resolution) == (of_recording == "2019-03-05")


def test_nothing_yet(storied: Team) -> None:
    """Before the first of them, neither is spoken of."""
    for query in ("by=2019-03-01", "by=2018-01-31&dates=sources"):
        assert len(lists(as_of(storied, "reader", query))) == 2


def test_an_ask_as_it_was_put(storied: Team) -> None:
    """The team reads the wording of then, and steps to the day it changed; a new ask counts from its own day."""
    before, after = (as_of(storied, "lead", f"by=2019-03-{day}") for day in ("09", "10"))
    assert lists(before)[0].startswith("Stop selling Rekognition to governments")
    assert lists(after)[0].startswith("Stop selling it to anybody")
    assert before.select_one(".past-steps a[rel=next]")["href"].endswith("by=2019-03-10")
    assert as_of(storied, "viewer", "by=2019-03-09").select_one(".past-steps a[rel=next]")["href"].endswith("03-12")
    asks = [
        sum("Publish the study" in row for row in lists(as_of(storied, "lead", query)))
        for query in ("by=2019-03-11", "by=2019-03-12", "by=2018-08-31&dates=sources", "by=2018-09-01&dates=sources")
    ]
    assert asks == [0, 1, 0, 1]


def test_who_may_not_read_it_learns_nothing(storied: Team) -> None:
    """A promise told to members alone is no promise to anybody else, however far back."""
    with storied.act():
        whisper = storied.told("2019-03-02", To.MEMBERS)
        now = at("2019-03-02")
        promise = Promise("A whisper.")
        record_commitment(storied.campaign, promise, whisper, actor=storied.account("editor"), now=now)
    assert "A whisper." in as_of(storied, "reader", "by=2019-03-02").text
    assert "A whisper." not in as_of(storied, "viewer", "by=2019-03-02").text
