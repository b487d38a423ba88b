"""Meetings, calls and letters, and the two levels of confidence (safety.md, 9)."""

from tests.support.happenings import Team
from tests.support.pages import submit, visit
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.models import Target, TargetKind
from tracker.db import db
from tracker.engagements.models import Engagement, EngagementKind
from tracker.engagements.service import Contact, record_engagement
from tracker.timeline.models import EntryVisibility as To

NEW = "/campaigns/rekognition/engagements/new"
PEOPLE = "Jane Quagga of investor relations"


def test_a_next_step_becomes_a_deadline(team: Team) -> None:
    """With a date, the next step is a deadline of whoever recorded it; a date alone is refused."""
    client = team.client("editor")
    page = submit(client, NEW, occurred_on="2019-04-11", next_step_on="2030-05-01", status=422)
    assert "Say what is to be done" in page.select_one("#next_step-error").get_text()
    submit(client, NEW, occurred_on="2019-04-11", next_step="Send the brief", next_step_on="2030-05-01")
    with team.look():
        deadline = db.session.scalars(db.select(Deadline)).one()
        assert (deadline.what, deadline.owner_id) == ("Send the brief", team.ids["editor"])
        assert db.session.scalars(db.select(Engagement)).one().entry.visibility is To.MEMBERS


def test_confidence_makes_no_deadline(team: Team) -> None:
    """What was told in confidence does not reach all members and mails by way of a deadline."""
    page = submit(
        team.client("editor"),
        NEW,
        occurred_on="2019-04-11",
        visibility="off_the_record",
        next_step="Warn her",
        next_step_on="2030-05-01",
        status=422,
    )
    assert "in confidence" in page.select_one("#next_step_on-error").get_text()
    with team.look():
        assert db.session.scalars(db.select(Deadline)).all() == []


def test_who_took_part_is_for_the_author_and_named_readers(team: Team) -> None:
    """Not for attribution: members read the words; who took part only the author and the named readers."""
    with team.act() as now:
        told = team.told(visibility=To.NOT_FOR_ATTRIBUTION, words="They waver.", readers=[team.account("lead")])
        contact = Contact(EngagementKind.MEETING, team.demand().target, participants=PEOPLE)
        engagement = record_engagement(team.campaign, contact, told, actor=team.account("editor"), now=now)
        entry = engagement.entry.public_id
    for who, sees in {"editor": True, "lead": True, "reader": False, "administrator": False}.items():
        page = visit(team.client(who), team.path(f"/history/{entry}"))
        assert "They waver." in page.text
        assert (PEOPLE in page.html) is sees, who
        assert PEOPLE not in team.client(who).get(team.path("/history")).get_data(as_text=True)
        assert PEOPLE not in team.client(who).get(team.path("/history?q=quagga")).get_data(as_text=True)
    assert team.client("viewer").get(team.path(f"/history/{entry}")).status_code == 404


def test_the_form_that_corrects_does_not_tell_either(team: Team) -> None:
    """An editor who may not know who took part cannot open the form that is filled with it."""
    with team.act() as now:
        told = team.told(visibility=To.NOT_FOR_ATTRIBUTION)
        contact = Contact(EngagementKind.CALL, None, participants=PEOPLE)
        engagement = record_engagement(team.campaign, contact, told, actor=team.account("editor"), now=now)
        path = team.path(f"/engagements/{engagement.entry.public_id}")
    assert team.client("editor").get(path).status_code == 200
    assert team.client("lead").get(path).status_code == 403


def test_the_sentence_names_the_body_not_the_person(team: Team) -> None:
    """Also with an office-holder as target the headline, which lists and mails show, names only the company."""
    with team.act() as now:
        company = team.demand().target.company  # type: ignore[union-attr]
        person = Target(
            campaign_id=team.campaign_id,
            kind=TargetKind.OFFICE_HOLDER,
            name="Jeff Bezos",
            office="CEO",
            company=company,
        )
        db.session.add(person)
        engagement = record_engagement(
            team.campaign, Contact(EngagementKind.LETTER, person), team.told(), actor=team.account("editor"), now=now
        )
        assert engagement.entry.headline == f"Letter to {team.company_name}"  # which ends with a full stop itself
