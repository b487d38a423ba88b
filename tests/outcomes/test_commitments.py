"""What was promised, by when, and how far it went."""

from tests.support.happenings import Team
from tests.support.pages import submit, visit
from tracker.campaigns.deadlines import Deadline
from tracker.db import db
from tracker.outcomes.models import Commitment, Implementation
from tracker.outcomes.queries import commitments, current_grades
from tracker.outcomes.service import Promise, grade_commitment, record_commitment

NEW = "/campaigns/rekognition/commitments/new"


def test_promised_by_a_day(team: Team) -> None:
    """A promise with a day may stand among the deadlines; a month is no deadline."""
    client = team.client("editor")
    form = {"occurred_on": "10 June 2020", "promise": "No police use for a year", "is_deadline": "y"}
    page = submit(client, NEW, status=422, **form, due_on="June 2030")
    assert "A deadline needs a day" in page.select_one("#due_on-error").get_text()
    submit(client, NEW, **form, due_on="10 June 2030")
    with team.look():
        promise = db.session.scalars(db.select(Commitment)).one()
        assert "promised, by 10 June 2030: No police use for a year." in promise.entry.headline
        assert db.session.scalars(db.select(Deadline)).one().commitment_id == promise.id


def test_grades_have_a_history(team: Team) -> None:
    """The latest grade stands, and stays with the promise when that is told anew."""
    with team.act() as now:
        actor = team.account("editor")
        promise = record_commitment(
            team.campaign, Promise("No police use", demand=team.demand()), team.told("2020-06-10"), actor=actor, now=now
        )
        for on, grade in (("2021-05-18", Implementation.FULLY), ("2020-12-01", Implementation.PARTLY)):
            grade_commitment(promise, grade, team.told(on), actor=actor, now=now)
        assert current_grades([promise])[promise.id].implementation is Implementation.FULLY
        entry, demand, public_id = promise.entry.public_id, team.demand().public_id, promise.public_id
    client = team.client("editor")
    edit = team.path(f"/commitments/{entry}/edit")
    page = submit(client, edit, promise="No police use of it", reason="Incomplete.")
    assert "No police use of it" in page.heading
    with team.look():
        told = commitments([team.campaign_id])
        assert [commitment.words for commitment in told] == ["No police use of it"]
        assert current_grades(told)[told[0].id].implementation is Implementation.FULLY
    page = visit(client, team.path(f"/demands/{demand}"))
    assert "Carried out" in page.text
    new = team.path(f"/commitments/{public_id}/grades/new")
    data = {**visit(client, new).form(), "occurred_on": "2026", "implementation": "abandoned"}
    visit(client, new, method="POST", data=data)
    assert "Abandoned" in visit(client, team.path(f"/demands/{demand}")).text
