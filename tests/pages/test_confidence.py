"""What was told to few never reaches more through the pages beside it: lists, dates, names and numbers."""

import datetime as dt

import pytest
import sqlalchemy as sa

from tests.support.campaigns import log
from tests.support.happenings import Team
from tests.support.pages import submit, visit
from tracker.campaigns.models import Campaign, Stage, Visibility
from tracker.campaigns.service import add_deadline, add_demand, add_text, change_stage
from tracker.companies.models import Organisation
from tracker.db import db
from tracker.outcomes.models import Implementation
from tracker.outcomes.service import Promise, grade_commitment, record_commitment
from tracker.resolutions.models import DispositionKind, FilerRole, Resolution
from tracker.resolutions.service import (
    Counted,
    Filing,
    ResolutionError,
    file_resolution,
    join_resolution,
    record_disposition,
    record_vote,
)
from tracker.signatures.models import Appearance
from tracker.signatures.people import Person
from tracker.signatures.service import add_signatory
from tracker.timeline.models import EntryVisibility, TimelineEntry
from tracker.timeline.service import correct_entry

SECRET = EntryVisibility.OFF_THE_RECORD


def _file(team: Team, now: dt.datetime, visibility: EntryVisibility, title: str = "Secret study") -> Resolution:
    company = team.campaign.subjects[0].company
    assert company is not None
    filing = Filing(title, company, lead_filer="Sisters of Care")
    return file_resolution(team.campaign, filing, team.told(visibility=visibility), actor=team.account("lead"), now=now)


def test_filings_on_the_page_of_an_organisation(team: Team) -> None:
    """An organisation's page lists a resolution only to who may read of its filing."""
    with team.act() as now:
        _file(team, now, SECRET)
        slug = db.session.scalars(sa.select(Organisation.slug).where(Organisation.name == "Sisters of Care")).one()
    assert "Secret study" in visit(team.client("lead"), f"/organisations/{slug}").text
    for who in ("editor", "administrator", "viewer"):
        assert "Secret study" not in visit(team.client(who), f"/organisations/{slug}").html


def test_what_follows_a_secret_is_as_secret(team: Team) -> None:
    """A vote, a step, a filer and a grade, told with the default, reach no more people than what they tell of."""
    with team.act() as now:
        by = {"actor": team.account("lead"), "now": now}
        resolution = _file(team, now, SECRET)
        record_vote(resolution, Counted(for_shares=1, against_shares=2), team.told(), campaign=team.campaign, **by)
        record_disposition(resolution, DispositionKind.WITHDRAWN, team.told(), campaign=team.campaign, **by)
        join_resolution(resolution, "Trillium", FilerRole.CO_FILER, team.told(), campaign=team.campaign, **by)
        promise = record_commitment(team.campaign, Promise("A secret pledge"), team.told(visibility=SECRET), **by)
        grade_commitment(promise, Implementation.PARTLY, team.told(), **by)
    assert "ecret" in visit(team.client("lead"), team.path("/history")).text
    for who in ("editor", "administrator", "viewer"):
        assert "ecret" not in visit(team.client(who), team.path("/history")).html


def test_readers_of_a_secret_read_what_follows(team: Team) -> None:
    """Who was named for a resolution reads its vote, whoever of them recorded it."""
    with team.act() as now:
        told = team.told(visibility=SECRET, readers=[team.account("editor")])
        company = team.campaign.subjects[0].company
        assert company is not None
        resolution = file_resolution(
            team.campaign, Filing("Secret study", company), told, actor=team.account("lead"), now=now
        )
        record_vote(
            resolution,
            Counted(for_shares=1, against_shares=2),
            team.told(),
            campaign=team.campaign,
            actor=team.account("editor"),
            now=now,
        )
        vote = db.session.scalars(sa.select(TimelineEntry).where(TimelineEntry.kind == "vote")).one()
        assert vote.visibility is SECRET
        assert [reader.id for reader in vote.readers] == [team.ids["lead"]]


def test_a_filer_told_to_fewer_than_the_resolution(team: Team) -> None:
    """Filers stand on the resolution's page, so nobody is promised that one is told to fewer."""
    with team.act() as now:
        resolution = _file(team, now, EntryVisibility.PUBLIC)
        with pytest.raises(ResolutionError, match="page"):
            join_resolution(
                resolution,
                "Trillium",
                FilerRole.CO_FILER,
                team.told(visibility=SECRET),
                campaign=team.campaign,
                actor=team.account("lead"),
                now=now,
            )


def test_the_author_reads_the_correction_of_a_secret(team: Team) -> None:
    """Corrected by a named reader, what was told in confidence stays readable to who told it."""
    with team.act() as now:
        note = team.note("They will sue", by="lead", visibility=SECRET, readers=("editor",))
        correct_entry(
            note,
            reason="Misheard",
            headline="They will not sue",
            occurred_on=note.occurred_on,
            actor=team.account("editor"),
            now=now,
        )
    assert "They will not sue" in visit(team.client("lead"), team.path("/history")).text
    assert "will" not in visit(team.client("administrator"), team.path("/history")).html


def test_outside_the_team_nobody_is_named(team: Team) -> None:
    """A viewer who is no member learns neither who belongs to a campaign nor whose a deadline is."""
    with team.act() as now:
        add_deadline(
            team.campaign,
            what="Answer",
            due_on=now.date(),
            owner=team.account("lead"),
            actor=team.account("lead"),
            now=now,
        )
    assert "Lead" in visit(team.client("reader"), team.path()).text
    assert "Lead" in visit(team.client("reader"), team.path("/members")).text
    page = visit(team.client("viewer"), team.path())
    assert "Lead" not in page.html
    assert "Answer" in page.text
    assert "/members" not in page.html
    visit(team.client("viewer"), team.path("/members"), status=403)


def test_when_a_stage_was_reached(team: Team) -> None:
    """The date of a stage shows to who may read of it."""
    with team.act() as now:
        told = team.told("2019-03-14", EntryVisibility.MEMBERS, words="Begun")
        change_stage(team.campaign, Stage.GATHERING, seen=Stage.DRAFT, told=told, actor=team.account("lead"), now=now)
    assert "14 Mar 2019" in visit(team.client("reader"), team.path()).text
    assert "14 Mar 2019" not in visit(team.client("viewer"), team.path()).text


def test_why_a_text_changed(team: Team) -> None:
    """The reason of a text told to members stands for members alone."""
    with team.act() as now:
        told = team.told(visibility=EntryVisibility.MEMBERS, words="Our lawyer asked for it")
        add_text(team.campaign, "Dear board", seen=0, told=told, actor=team.account("lead"), now=now)
    assert "Our lawyer" in visit(team.client("reader"), team.path("/history")).text
    assert "Our lawyer" not in visit(team.client("viewer"), team.path("/text")).text


@pytest.mark.parametrize("form", ["/demands/new", "/text/new", "/stage"])
def test_no_false_promise(team: Team, form: str) -> None:
    """What the campaign's page shows anyway is not offered as a confidence."""
    page = visit(team.client("lead"), team.path(form))
    offered = {option["value"] for option in page.select("select[name=visibility] option")}
    assert "public" in offered
    assert not offered & {"off_the_record", "not_for_attribution"}


def test_the_order_of_public_campaigns(signed_in, app, client) -> None:
    """A note to few moves nothing in the list that everybody reads."""
    lead = signed_in()
    for title in ("First", "Second"):
        log(lead, title=title, kind="public")
        submit(lead, f"/campaigns/{title.lower()}/visibility", visibility="public")
    before = visit(client, "/").text
    with app.app_context():
        campaign = db.session.scalars(sa.select(Campaign).where(Campaign.title == "First")).one()
        assert campaign.visibility is Visibility.PUBLIC
    submit(lead, "/campaigns/first/notes/new", headline="Hush", occurred_on="2020", visibility="off_the_record")
    assert visit(client, "/").text == before


def test_by_link(team: Team, client) -> None:
    """Whoever has the link reads the letter, what is asked and how many signed; no name and no outcome."""
    with team.act() as now:
        by = {"actor": team.account("lead"), "now": now}
        team.campaign.visibility = Visibility.LINK
        add_text(team.campaign, "Dear board", seen=0, told=team.told(), **by)
        add_demand(team.campaign, "Stop", told=team.told(), **by)
        add_signatory(team.campaign, Person("Ada Lovelace", office="Engineer"), appearance=Appearance.NAMED, **by)
        add_signatory(team.campaign, Person("Grace Hopper", office="Admiral"), appearance=Appearance.INITIALS, **by)
    page = visit(client, "/c/a-token")
    for shown in ("Dear board", "Stop", "2"):
        assert shown in page.text
    for hidden in ("Ada", "Engineer", "Admiral", "G. H", "unanswered", team.slug, "Rekognition: "):
        assert hidden not in page.html
    assert page.response.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in page.response.headers["X-Robots-Tag"]
    assert page.response.headers["Cache-Control"] == "no-store"
