"""Files stand beside what they prove on every page that shows it: statements, resolutions, votes, outcomes."""

from typing import Any

import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.support.attaching import WORDS, upload
from tests.support.happenings import Team
from tests.support.pages import Page, visit, words
from tracker.companies.models import Company
from tracker.db import db
from tracker.resolutions.models import Resolution

COUNTED = {"for_shares": "1000", "against_shares": "3000"}


def record(client: FlaskClient, path: str, file: str, **fields: Any) -> Page:
    """Fill a form, with one file; the page that follows."""
    data = {**visit(client, path).form(), **fields, "files": upload(file, WORDS)}
    return visit(client, path, method="POST", data=data, queries=130)


def test_statements(team: Team) -> None:
    """On the campaign's page and on the company's; whoever may not have the file sees none of it."""
    editor = team.client("editor")
    record(editor, team.path("/statements/new"), "reply.txt", quotation="We disagree.", occurred_on="2019")
    with team.look():
        company = db.session.get_one(Company, team.company_id).slug
    for path in (team.path(), f"/companies/{company}"):
        page = visit(editor, path)
        assert [words(link) for link in page.select(".statement .files a")] == ["reply.txt"], path
        assert editor.get(page.link("reply.txt")).data == WORDS
        outside = visit(team.client("viewer"), path)
        assert outside.has(".statement") and not outside.has(".statement .files"), path


def test_a_resolution_its_steps_and_its_votes(team: Team) -> None:
    """The filing, the staff's letter and the count bring their papers, and the resolution's page shows each."""
    editor = team.client("editor")
    record(editor, team.path("/resolutions/new"), "filing.txt", title="Report", occurred_on="17 January 2019")
    with team.look():
        resolution = team.path(f"/resolutions/{db.session.scalars(sa.select(Resolution.public_id)).one()}")
    record(editor, f"{resolution}/dispositions/new", "letter.txt", kind="challenge_refused", occurred_on="2019")
    page = record(editor, f"{resolution}/votes/new", "count.txt", occurred_on="22 May 2019", **COUNTED)
    assert {words(link) for link in page.select(".files a")} == {"filing.txt", "letter.txt", "count.txt"}
    assert [words(link) for link in page.select(".vote .files a")] == ["count.txt"]


def test_one_more_percentage_keeps_no_file(team: Team) -> None:
    """Asked for one more row, the page says beside the field that the file must be chosen again."""
    editor = team.client("editor")
    record(editor, team.path("/resolutions/new"), "filing.txt", title="Report", occurred_on="2019")
    with team.look():
        resolution = team.path(f"/resolutions/{db.session.scalars(sa.select(Resolution.public_id)).one()}")
    path = f"{resolution}/votes/new"
    data = {**visit(editor, path).form(), "another_row": "1", "files": upload("count.txt", WORDS)}
    page = visit(editor, path, method="POST", data=data, status=422)
    assert "Choose the files again" in page.select_one(".file-fields").get_text()


def test_what_became_of_a_demand(team: Team) -> None:
    """The demand's page shows the paper of each outcome."""
    with team.look():
        demand = team.path(f"/demands/{team.demand().public_id}")
    editor = team.client("editor")
    record(editor, f"{demand}/outcomes/new", "paper.txt", status="met", words="See the paper.", occurred_on="2020")
    page = visit(editor, demand)
    assert [words(link) for link in page.select(".files a")] == ["paper.txt"]
