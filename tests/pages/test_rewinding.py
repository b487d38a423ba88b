"""The history page as of a day: the banner, the ways out, both ways of looking back, and whom it tells what."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.support.happenings import Team
from tests.support.pages import Page, visit
from tracker.db import Precision, db
from tracker.outcomes.models import OutcomeStatus
from tracker.outcomes.service import Became, record_outcome
from tracker.signatures.models import Qualifier
from tracker.signatures.service.sizes import SizeClaim, record_reported_count
from tracker.timeline.models import EntryKind, EntryVisibility, Source, TimelineEntry
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.service import amend, correct_entry, redact_entry
from tracker.web.dates import UncertainDate


def at(day: str, hour: int = 12) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour), tzinfo=dt.UTC)


def sentences(page: Page) -> list[str]:
    return [one.get_text(strip=True) for one in page.select(".entry-sentence")]


@pytest.fixture
def storied(team: Team) -> Team:
    """Logged on 1 March 2019, with a fact, its correction, a source that joined later and something redacted."""
    with team.act():
        team.campaign.created_at = at("2019-03-01")
        team.campaign.zone = "America/Los_Angeles"
        for demand in team.campaign.demands:
            demand.created_at = at("2019-03-01")
        wrong = team.note("Decided on 2 April.", now=at("2019-03-03"))
        team.note("Nothing new.", now=at("2019-03-05"), on=dt.date(2019, 3, 1))
        named = team.note("Somebody named Quagga.", now=at("2019-03-06"))
        correct_entry(
            wrong,
            reason="The letter says 3 April.",
            headline="Decided on 3 April.",
            occurred_on=dt.date(2019, 4, 3),
            actor=team.account("lead"),
            now=at("2019-03-10"),
        )
        redact_entry(named, reason="A name.", actor=team.account("lead"), now=at("2019-03-12"))
    return team


def test_a_day_of_the_past(storied: Team) -> None:
    """What was corrected later reads as it read; what came later is not there; a banner says so and leads back."""
    page = visit(storied.client("reader"), storied.path("/history?by=2019-03-05"), queries=30)
    assert sentences(page) == ["Decided on 2 April.", "Nothing new."]
    assert not page.has(".entry-sentence s")
    assert page.select_one("#past-title").get_text(" ", strip=True) == "As of 5 March 2019"
    assert "2 of 2 asks unanswered" in page.select_one(".past-stood").get_text()
    assert page.select_one("title").get_text().startswith("As of 5 March 2019: History of")
    steps = {link.get_text(" ", strip=True): link["href"] for link in page.select(".past-steps a")}
    assert steps["Change before: 3 Mar 2019"].endswith("by=2019-03-03")
    assert steps["Next change: 6 Mar 2019"].endswith("by=2019-03-06")
    assert steps["Back to the present"].endswith("/history")
    first = visit(storied.client("reader"), storied.path("/history?by=2019-03-03"))
    assert sentences(first) == ["Decided on 2 April."] and not first.has(".past-steps a[rel=prev]")


def test_what_was_told_anew_later(storied: Team) -> None:
    """An outcome and a size that were corrected since stand as they stood; the correction counts from its own day."""
    with storied.act():
        editor, demand = storied.account("editor"), storied.demand()
        told = storied.told("2019-03-04", sources=[Source(citation="A paper", recorded_at=at("2019-03-04"))])
        first = record_outcome(demand, Became(OutcomeStatus.REFUSED), told, actor=editor, now=at("2019-03-04"))
        claim = SizeClaim(Qualifier.ABOUT, 450, "employees", UncertainDate(dt.date(2018, 10, 1), Precision.MONTH))
        size = record_reported_count(storied.campaign, claim, told, actor=editor, now=at("2019-03-04"))
        now = at("2019-03-08")
        anew = amend(first.entry, told, reason="It was wrong.", actor=editor, now=now)
        record_outcome(demand, Became(OutcomeStatus.MET), anew, actor=editor, now=now)
        reported = db.session.get_one(TimelineEntry, size.entry_id)
        anew = amend(reported, told, reason="It was wrong.", actor=editor, now=now)
        record_reported_count(storied.campaign, replace(claim, value=100), anew, actor=editor, now=now)
    client = storied.client("reader")
    then, later = (visit(client, storied.path(f"/history?by=2019-03-0{day}")) for day in (7, 8))
    assert "1 of 2 asks unanswered" in then.select_one(".past-stood").get_text()
    assert "about 450 employees, reported October 2018" in then.select_one(".past-stood").get_text()
    assert "Refused" in then.select_one(".past-asks").get_text()
    assert "Met" in later.select_one(".past-asks").get_text()
    assert "about 100 employees" in later.select_one(".past-stood").get_text()


def test_the_day_ends_in_the_campaigns_zone(storied: Team) -> None:
    """What was recorded at 02:00 UTC is still the day before in Los Angeles."""
    with storied.act():
        storied.note("Late in the evening.", now=at("2019-03-21", 2))
    client = storied.client("reader")
    assert "Late in the evening." in sentences(visit(client, storied.path("/history?by=2019-03-20")))
    assert "Late in the evening." not in sentences(visit(client, storied.path("/history?by=2019-03-19")))


def test_redacted_words_never_come_back(storied: Team) -> None:
    """Not by going back to when they stood, nor by searching that day for them."""
    client = storied.client("lead")
    for query in ("by=2019-03-06", "by=2019-03-06&q=quagga"):
        body = client.get(storied.path(f"/history?{query}")).get_data(as_text=True)
        assert "Quagga" not in body
    assert "Words removed" in visit(client, storied.path("/history?by=2019-03-06")).text


def test_todays_readers(storied: Team) -> None:
    """What was public then and is for members now is for members; nothing betrays it to anybody else."""
    with storied.act():
        storied.note("In confidence now.", now=at("2019-03-02"), visibility=To.MEMBERS)
    outside = visit(storied.client("viewer"), storied.path("/history?by=2019-03-03"))
    assert sentences(outside) == ["Decided on 2 April."]
    assert not outside.has(".past-steps a[rel=prev]") and "Members only" not in outside.text
    assert "In confidence now." in sentences(visit(storied.client("reader"), storied.path("/history?by=2019-03-03")))


def test_by_the_dates_of_the_sources(team: Team) -> None:
    """An entry is there once a source of it was out; one dated to a month when that is over."""
    with team.act() as now:
        paper = Source(citation="Paper", published_on=dt.date(2019, 3, 7), recorded_at=now)
        month = Source(
            citation="Magazine",
            published_on=dt.date(2019, 3, 1),
            published_precision=Precision.MONTH,
            recorded_at=now,
        )
        team.note(
            "In the paper.", sources=[paper, Source(citation="Seen", seen_on=dt.date(2021, 1, 1), recorded_at=now)]
        )
        team.note("In the magazine.", sources=[month])
        team.note("On nobody’s word.")
    client = team.client("reader")

    def told(day: str) -> Page:
        return visit(client, team.path(f"/history?by={day}&dates=sources"))

    assert sentences(told("2019-03-06")) == []
    page = told("2019-03-07")
    assert sentences(page) == ["In the paper."]
    assert "Seen" not in page.select_one(".sources").get_text()
    assert "1 entry cites no source with a date" in page.select_one(".past").get_text()
    assert sentences(told("2019-03-30")) == ["In the paper."]
    assert sentences(told("2019-03-31")) == ["In the magazine.", "In the paper."]
    assert page.select_one(".past-steps a[rel=next]")["href"].endswith("by=2019-03-31&dates=sources")


def test_filters_and_the_day_go_together(storied: Team) -> None:
    """The filters keep the day and the steps keep the filters; counts are those of the day."""
    page = visit(storied.client("reader"), storied.path("/history?by=2019-03-05&kind=note&q=nothing"))
    assert sentences(page) == ["Nothing new."]
    assert page.select_one(".filter-bar input[name=by]")["value"] == "2019-03-05"
    assert "kind=note" in page.select_one(".past-steps a[rel=next]")["href"]
    assert "Notes (2)" in page.select_one("#filter-kind").get_text()


@pytest.mark.parametrize("day", ["2999-01-01", "yesterday", "2019-02-30"])
def test_no_day_of_the_past(storied: Team, day: str) -> None:
    """A day to come, or none at all, shows the present and says beside the field what to type."""
    page = visit(storied.client("reader"), storied.path(f"/history?by={day}"))
    assert not page.has(".past") and "Decided on 3 April." in sentences(page)
    assert "Choose a day up to today" in page.select_one("#rewind-by-error").get_text()


@pytest.mark.each_database
def test_ten_thousand_entries(team: Team) -> None:
    """A long history rewinds by pages of a hundred, in a bounded number of queries."""
    rows = [
        {
            "public_id": f"{number:016d}",
            "version": 1,
            "campaign_id": team.campaign_id,
            "kind": EntryKind.NOTE,
            "headline": f"Number {number}.",
            "occurred_on": dt.date(1990, 1, 1) + dt.timedelta(days=number),
            "occurred_precision": Precision.DAY,
            "visibility": EntryVisibility.PUBLIC,
            "announce": True,
            "search_text": f"number {number}",
            "recorded_at": at("2018-01-01") + dt.timedelta(hours=number),
        }
        for number in range(10_000)
    ]
    with team.act():
        db.session.execute(sa.insert(TimelineEntry), rows)
    client = team.client("reader")
    page = visit(client, team.path("/history?by=2018-12-31"), queries=30)
    assert len(page.select(".entry")) == 100 and "Page 1 of 88" in page.text
    last = visit(client, team.path("/history?by=2018-12-31&page=88"), queries=30)
    assert sentences(last)[-1] == "Number 0."
