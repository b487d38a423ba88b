"""Resolutions: filed once by one lead filer, with votes that never lose their denominators."""

import threading
from decimal import Decimal

import pytest

from tests.support.happenings import Team
from tests.support.pages import submit, visit
from tracker.db import db
from tracker.resolutions.models import (
    Denominator,
    DispositionKind,
    Filer,
    FilerRole,
    Resolution,
    Vote,
)
from tracker.resolutions.service import (
    Counted,
    Filing,
    Published,
    ResolutionError,
    file_resolution,
    join_resolution,
    record_disposition,
    record_vote,
)
from tracker.timeline.models import EntryVisibility as To

NEW = "/campaigns/rekognition/resolutions/new"


def filed(team: Team, lead: str = "", visibility: To = To.PUBLIC) -> str:
    """A resolution; its public id."""
    with team.act() as now:
        company = team.demand().target.company  # type: ignore[union-attr]
        assert company is not None
        resolution = file_resolution(
            team.campaign,
            Filing("Independent study", company, lead_filer=lead),
            team.told("2019-01-17", visibility),
            actor=team.account("editor"),
            now=now,
        )
        return resolution.public_id


def found(public_id: str) -> Resolution:
    return db.session.scalars(db.select(Resolution).where(Resolution.public_id == public_id)).one()


def test_filed_in_the_browser(team: Team) -> None:
    """Title, meeting, item, clause, lead filer and co-filers stand on its page; the history has one sentence."""
    client = team.client("editor")
    page = submit(
        client,
        NEW,
        title="Report on Rekognition",
        occurred_on="17 January 2019",
        meeting_on="22 May 2019",
        item_number="6",
        received_on="2018-12-19",
        resolved_clause="Resolved: …",
        lead_filer="Sisters of St. Joseph of Brentwood",
        co_filers="Azzad Asset Management\n\nMaryknoll Sisters\n",
    )
    with team.look():
        resolution = db.session.scalars(db.select(Resolution)).one()
        path = team.path(f"/resolutions/{resolution.public_id}")
        assert resolution.entry.headline == (
            f"Resolution filed at {team.company_name}: “Report on Rekognition”, "
            "led by Sisters of St. Joseph of Brentwood with 2 co-filers."
        )
    page = visit(team.client("viewer"), path)
    assert page.heading == "Report on Rekognition"
    for words in (
        "Sisters of St. Joseph of Brentwood lead filer",
        "Maryknoll Sisters co-filer",
        "22 May 2019",
        "Resolved",
    ):
        assert words in page.text
    again = submit(client, NEW, title="x", occurred_on="2019", lead_filer="Azzad", co_filers="azzad", status=422)
    assert "Each organisation files once" in again.select_one("#co_filers-error").get_text()
    assert again.select_one("#lead_filer")["value"] == "Azzad"


def test_a_second_lead_filer_is_refused_in_words(team: Team) -> None:
    """The form comes back with the reason beside the choice; a co-filer is welcome."""
    public_id = filed(team, lead="Harrington Investments")
    path = team.path(f"/resolutions/{public_id}/filers/new")
    client = team.client("editor")
    page = submit(client, path, organisation="Arjuna Capital", occurred_on="2019", role="lead", status=422)
    assert "exactly one" in page.text and page.select_one("#organisation")["value"] == "Arjuna Capital"
    data = {**visit(client, path).form(), "organisation": "Arjuna Capital", "occurred_on": "2019"}
    visit(client, path, method="POST", queries=80, data={**data, "role": "co_filer"})
    data = {**visit(client, path).form(), "organisation": "Arjuna Capital", "occurred_on": "2019"}
    page = visit(client, path, method="POST", data={**data, "role": "co_filer"}, status=422)
    assert "files it already" in page.text
    with team.look():
        assert sorted(filer.role for filer in found(public_id).filers) == ["co_filer", "lead"]


@pytest.mark.each_database
def test_two_who_lead_at_once(team: Team) -> None:
    """Of two posts at the same moment one becomes the lead filer, the other is told; never two, never a crash."""
    public_id = filed(team)
    start, answers = threading.Barrier(2), []

    def lead(name: str) -> None:
        with team.app.app_context():
            start.wait(10)
        try:
            with team.act() as now:
                join_resolution(
                    found(public_id),
                    name,
                    FilerRole.LEAD,
                    team.told("2019-01-17"),
                    campaign=team.campaign,
                    actor=team.account("editor"),
                    now=now,
                )
            answers.append("led")
        except ResolutionError as error:
            answers.append(str(error))

    threads = [threading.Thread(target=lead, args=(name,)) for name in ("First Fund", "Second Fund")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == ["There is a lead filer already; a resolution has exactly one.", "led"]
    with team.look():
        assert len(db.session.scalars(db.select(Filer).where(Filer.role == FilerRole.LEAD)).all()) == 1


def test_a_filer_taken_out_may_come_back(team: Team) -> None:
    """Taking out leaves a change behind, and makes room for another lead."""
    public_id = filed(team, lead="Harrington Investments")
    with team.look():
        filer = found(public_id).filers[0].public_id
    client = team.client("editor")
    path = team.path(f"/resolutions/{public_id}")
    assert client.post(f"{path}/filers/{filer}/remove").status_code == 302
    assert "Nobody is named yet." in visit(client, path).text
    assert "Harrington Investments" in visit(client, team.path("/changes")).text
    with team.act() as now:
        for name, role in (("Arjuna Capital", FilerRole.LEAD), ("Harrington Investments", FilerRole.CO_FILER)):
            told, actor = team.told("2019-01-17"), team.account("editor")
            join_resolution(found(public_id), name, role, told, campaign=team.campaign, actor=actor, now=now)
    assert "Arjuna Capital lead filer" in visit(client, path).text


def test_every_percentage_with_its_denominator(team: Team) -> None:
    """27.5, 28.22 and 37 per cent are all right: each says of what, and who published it."""
    public_id = filed(team)
    client, path = team.client("editor"), team.path(f"/resolutions/{public_id}/votes/new")
    rows = [
        ("27.5", "with_abstentions", "Reuters"),
        ("28.22", "for_and_against", "Harrington"),
        ("37", "independent", "Open MIC"),
    ]
    typed = {"occurred_on": "22 May 2019"}
    for number, (value, denominator, publisher) in enumerate(rows):
        typed |= {
            f"percentages-{number}-value": value,
            f"percentages-{number}-denominator": denominator,
            f"percentages-{number}-published_by": publisher,
            f"percentages-{number}-url": f"https://example.org/{number}",
        }
    submit(client, path, **typed)
    with team.look():
        vote = db.session.scalars(db.select(Vote)).one()
        assert vote.entry.headline.replace("\N{NO-BREAK SPACE}", " ") == (
            f"Vote on “Independent study” at {team.company_name}: "
            "27.5 % for, abstentions counted as against (Reuters); "
            "28.22 % of for and against (Harrington); 37 % of independent shares (Open MIC)."
        )
        assert len(vote.entry.sources) == 3
        assert found(public_id).meeting_on is not None
    page = visit(team.client("viewer"), team.path(f"/resolutions/{public_id}"))
    told = page.text.replace("\N{NO-BREAK SPACE}", " ")
    for words in ("27.5 % for with abstentions counted as against Reuters", "without insiders Open MIC"):
        assert words in told


def test_a_percentage_without_its_denominator_is_refused(team: Team) -> None:
    """Each row says what is missing; another row comes without losing what was typed; nothing at all is refused."""
    client, path = team.client("editor"), team.path(f"/resolutions/{filed(team)}/votes/new")
    page = submit(
        client,
        path,
        occurred_on="2019",
        status=422,
        **{"percentages-0-value": "27.5", "percentages-1-url": "https://example.org"},
    )
    assert "Say of what" in page.select_one("#percentages-0-denominator-error").get_text()
    assert "missing in this row" in page.select_one("#percentages-1-denominator-error").get_text()
    page = submit(client, path, occurred_on="2019", status=422)
    assert "Give a published percentage" in page.text
    data = {**visit(client, path).form(), "percentages-0-value": "27.5", "another_row": "Another percentage"}
    page = visit(client, path, method="POST", data=data)
    assert page.has("#percentages-3-value")
    assert page.select_one("#percentages-0-value")["value"] == "27.5"
    assert not page.has(".field-error")


def test_counts_are_computed_and_say_so(team: Team) -> None:
    """For of for and against by the SEC's way, labelled as computed; abstentions and broker non-votes stay apart."""
    public_id = filed(team)
    with team.act() as now:
        counted = Counted(for_shares=282_2, against_shares=717_8, abstained_shares=500, broker_non_votes=1_000)
        actor = team.account("editor")
        vote = record_vote(found(public_id), counted, team.told(), campaign=team.campaign, actor=actor, now=now)
        assert vote.percentage_as_the_sec_counts == Decimal("28.22")
        assert "28.22\N{NO-BREAK SPACE}% of for and against, computed from the counts" in vote.entry.headline
        empty = Vote(for_shares=0, against_shares=0)
        assert empty.percentage_as_the_sec_counts is None
        for wrong in (Counted(for_shares=1), Counted(percentages=[Published(Decimal(101), Denominator.OUTSTANDING)])):
            with pytest.raises(ResolutionError):
                record_vote(found(public_id), wrong, team.told(), campaign=team.campaign, actor=actor, now=now)
    assert "computed here from the counts" in visit(team.client("viewer"), team.path(f"/resolutions/{public_id}")).text


def test_steps_and_a_corrected_filing(team: Team) -> None:
    """Steps stand in order; correcting the filing keeps filers, steps and votes with the resolution."""
    public_id = filed(team, lead="Harrington Investments")
    with team.act() as now:
        for kind, on in ((DispositionKind.CHALLENGE_REFUSED, "2019-03-28"), (DispositionKind.CHALLENGED, "2019-01-20")):
            resolution, actor = found(public_id), team.account("editor")
            record_disposition(resolution, kind, team.told(on), campaign=team.campaign, actor=actor, now=now)
        entry = found(public_id).entry.public_id
    path = team.path(f"/resolutions/{public_id}")
    sentences = [s.get_text(strip=True) for s in visit(team.client("viewer"), path).select(".entry-sentence")]
    assert sentences[1].endswith("leave out “Independent study”.") and "did not let" in sentences[2]
    client = team.client("editor")
    page = submit(client, team.path(f"/filings/{entry}"), title="Independent study of Rekognition", reason="Too short.")
    assert page.heading == "Independent study of Rekognition"
    assert "Harrington Investments lead filer" in page.text
    assert "Independent study → Independent study of Rekognition" in visit(client, team.path("/changes")).text
    history = visit(client, team.path("/history?order=oldest"))
    assert "Too short." in history.text


def test_a_resolution_for_members_is_not_there_for_others(team: Team) -> None:
    """Its page, its forms and its changes answer as if it were not there."""
    public_id = filed(team, lead="Quagga Fund", visibility=To.MEMBERS)
    path = team.path(f"/resolutions/{public_id}")
    assert team.client("reader").get(path).status_code == 200
    assert team.client("viewer").get(path).status_code == 404
    assert team.client("reader").get(path + "/votes/new").status_code == 403
