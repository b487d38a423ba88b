"""What became of each demand: with evidence, by date, the latest that stands."""

import datetime as dt

import pytest

from tests.support.happenings import Team
from tests.support.pages import submit, visit
from tracker.db import db
from tracker.outcomes.models import Attribution, Outcome, OutcomeStatus
from tracker.outcomes.queries import current_outcomes, outcome_history, scoreboard
from tracker.outcomes.service import Became, OutcomeError, record_outcome
from tracker.outcomes.won_and_lost import demands_won_and_lost, scores_of
from tracker.timeline.models import EntryVisibility as To
from tracker.timeline.queries import entries_visible_to
from tracker.timeline.service import redact_entry

MET, REFUSED, PARTLY = OutcomeStatus.MET, OutcomeStatus.REFUSED, OutcomeStatus.PARTLY_MET


def record(team: Team, status: OutcomeStatus, on: str, now: dt.datetime, **rest: object) -> Outcome:
    visibility = rest.pop("visibility", To.PUBLIC)
    assert isinstance(visibility, To)
    told = team.told(on, visibility, words="See the letter.")
    return record_outcome(
        team.demand(),
        Became(status, **rest),
        told,
        actor=team.account("editor"),
        now=now,  # type: ignore[arg-type]
    )


def status(team: Team) -> OutcomeStatus | None:
    found = current_outcomes([team.campaign_id]).get(team.demand().id)
    return found.status if found else None


def test_evidence_or_that_there_is_none(team: Team) -> None:
    """Evidence in words or a source, or the tick that there is none; "unanswered" needs nothing."""
    client = team.client("editor")
    with team.look():
        new = team.path(f"/demands/{team.demand().public_id}/outcomes/new")
    page = submit(client, new, status=422, occurred_on="2020", attribution_words="they say")
    assert "Say what became of it." in page.select_one(".error-summary").get_text()
    form = {"occurred_on": "10 June 2020"}
    data = visit(client, new).form()
    page = visit(client, new, method="POST", queries=70, data={**data, **form, "status": "partly_met"}, status=422)
    assert "Give the evidence" in page.select_one("#words-error").get_text()
    assert page.select_one("#occurred_on")["value"] == "10 June 2020"
    for extra in ({"words": "A moratorium."}, {"source-citation": "BuzzFeed"}, {"no_evidence": "y"}):
        visit(client, new, method="POST", queries=70, data={**data, **form, "status": "partly_met", **extra})
    visit(client, new, method="POST", queries=70, data={**data, **form, "status": "unanswered"})
    with team.look():
        assert len(outcome_history(team.demand())) == 4


@pytest.mark.each_database
def test_the_latest_that_stands(team: Team) -> None:
    """By the day it occurred, then by when it was recorded; removed, redacted and corrected ones do not count."""
    with team.act() as now:
        assert status(team) is None
        record(team, PARTLY, "2020-06-10", now)
        record(team, REFUSED, "2019-05-22", now)  # recorded later, occurred earlier
        assert status(team) is PARTLY
        record(team, MET, "2020-06-10", now + dt.timedelta(seconds=1))
        assert status(team) is MET
        redact_entry(outcome_history(team.demand())[0].entry, reason="r", actor=None, now=now)
        assert status(team) is PARTLY
        outcome_history(team.demand())[0].entry.deleted_at = now
        db.session.flush()
        assert status(team) is REFUSED


def test_an_outcome_corrected_by_its_own_form(team: Team) -> None:
    """The new outcome takes the place of the first; a correction in words alone leaves it standing."""
    with team.act() as now:
        entry = record(team, MET, "2020-06-10", now).entry.public_id
    path = team.path(f"/outcomes/{entry}")
    client = team.client("editor")
    data = {**visit(client, path).form(), "status": "partly_met", "reason": "Only the police."}
    page = visit(client, path, method="POST", queries=60, data=data)
    assert "Ask partly met" in page.heading
    with team.look():
        assert status(team) is PARTLY
        assert len(outcome_history(team.demand())) == 1


def test_what_one_may_not_read_does_not_count(team: Team) -> None:
    """The scoreboard of somebody outside does not change by what was told to members."""
    with team.act() as now:
        record(team, MET, "2020-06-10", now, visibility=To.MEMBERS)
        for who, wanted in {"viewer": OutcomeStatus.UNANSWERED, "reader": MET}.items():
            visible = entries_visible_to(team.account(who), today=now.date())
            assert scoreboard(team.campaign, visible)[0].outcome is wanted
        assert scoreboard(team.campaign)[0].outcome is OutcomeStatus.UNANSWERED


def test_replaced_names_the_other(team: Team) -> None:
    """A demand is replaced by another of the same campaign, never by itself or by nothing."""
    with team.act() as now:
        for other in (None, team.demand()):
            with pytest.raises(OutcomeError) as refused:
                record(team, OutcomeStatus.REPLACED, "2020-01-01", now, replaced_by=other)
            assert refused.value.field == "replaced_by"
        outcome = record(team, OutcomeStatus.REPLACED, "2020-01-01", now, replaced_by=team.demand(2))
        assert "is replaced by “Commission a study”" in outcome.entry.headline


def test_attribution_is_a_claim(team: Team) -> None:
    """Whose doing it was is printed as what somebody says; when nobody does, nothing is printed."""
    with team.act() as now:
        record(
            team, MET, "2020-06-10", now, attribution=Attribution.DISPUTED, attribution_words="Three groups claim it"
        )
        assert scoreboard(team.campaign)[0].attribution == "Whose doing it was is disputed: Three groups claim it"
        record(team, MET, "2020-06-11", now)
        assert scoreboard(team.campaign)[0].attribution == ""
        demand = team.demand().public_id
    page = visit(team.client("viewer"), team.path(f"/demands/{demand}"))
    assert len(page.select(".entry")) == 2


def test_won_lost_and_open_of_a_company(team: Team) -> None:
    """Met in part is won and open; refused is lost; silence is open."""
    with team.act() as now:
        company = team.demand().target.company  # type: ignore[union-attr]
        assert company is not None
        record(team, PARTLY, "2020-06-10", now)
        tally = demands_won_and_lost(company, campaign_ids=[team.campaign_id])
        assert (tally.won, tally.lost, tally.open, tally.campaigns) == (1, 0, 2, 1)
        scores = scores_of(tally.ids)
        assert [(score.number, score.outcome) for score in scores] == [(1, PARTLY), (2, "unanswered")]
        record(team, REFUSED, "2021-06-10", now)
        tally = demands_won_and_lost(company, campaign_ids=[team.campaign_id])
        assert (tally.won, tally.lost, tally.open, tally.campaigns) == (0, 1, 1, 1)
        assert len(demands_won_and_lost(company, campaign_ids=[])) == 0
