"""Files as people add, fetch, open, remove and redact them."""

import hashlib
import io
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask
from PIL import Image

from tests.support import papers
from tests.support.attaching import WORDS, add, text, upload
from tests.support.happenings import Team
from tests.support.pages import submit, visit
from tests.support.papers import PLANTED
from tracker.campaigns.models import Visibility
from tracker.db import db
from tracker.timeline.models import Attachment, AttachmentChunk, TimelineEntry
from tracker.timeline.models import EntryVisibility as To

FORMS = {
    "note": ("/notes/new", {"headline": "We met."}),
    "statement": ("/statements/new", {"quotation": "No.", "occurred_on": "2019"}),
    "engagement": ("/engagements/new", {"occurred_on": "May 2019"}),
    "commitment": ("/commitments/new", {"promise": "To stop", "occurred_on": "2019"}),
}


@pytest.mark.each_database
@pytest.mark.parametrize("form", FORMS)
def test_files_come_with_what_is_recorded(team: Team, form: str) -> None:
    """Each form that records something takes files, cleans them, says what it took out, and the entry shows them."""
    path, fields = FORMS[form]
    client = team.client("editor")
    data = {**visit(client, team.path(path)).form(), **fields}
    data["files"] = [upload("papers/Photo.JPG", papers.picture()), upload("minutes.txt", WORDS)]
    # What it changes, the campaign's first key, two files, and the page that follows.
    page = visit(client, team.path(path), method="POST", data=data, queries=110)
    assert (
        "Taken out of “Photo.jpg”: the place where it was taken; notes about author, program and device." in page.text
    )
    history = visit(client, team.path("/history"))
    assert [link.get_text() for link in history.select(".files a")] == ["Photo.jpg", "minutes.txt"]
    answer = client.get(history.link("minutes.txt"))
    assert answer.data == WORDS
    photo = client.get(history.link("Photo.jpg"))
    assert Image.open(io.BytesIO(photo.data)).size == (40, 20) and PLANTED.encode() not in photo.data


def test_an_outcome_with_its_evidence(team: Team) -> None:
    """The paper that proves an outcome belongs to it, also where the outcome is told anew in the open."""
    with team.look():
        demand = team.demand().public_id
    client = team.client("editor")
    address = team.path(f"/demands/{demand}/outcomes/new")
    given = {**visit(client, address).form(), "status": "met", "words": "See the paper.", "occurred_on": "2020"}
    data = {**given, "files": upload("paper.pdf", papers.pdf())}
    visit(client, address, method="POST", data=data, queries=80)  # what it changes, and the page that follows
    with team.look():
        told = db.session.scalars(sa.select(TimelineEntry).where(TimelineEntry.kind == "outcome")).one().public_id
    address = team.path(f"/outcomes/{told}")
    given = {**visit(client, address).form(), "status": "partly_met", "reason": "Only in part"}
    visit(client, address, method="POST", data=given, queries=80)
    history = visit(client, team.path("/history"))
    assert len(history.select(".entry-corrected")) == 1
    assert [link.get_text() for link in history.select(".files a")] == ["paper.pdf"]


def test_it_is_a_download_and_nothing_else(team: Team) -> None:
    """Whatever is in it, a browser saves it: never shown, never sniffed, never kept, without rights in our pages."""
    with team.act() as now:
        file = add(team, team.note("Plain."), now, text("Ärger “at” 5%.txt", b"<script>alert(1)</script>")).public_id
    answer = team.client("reader").get(team.path(f"/files/{file}"))
    assert answer.status_code == 200 and answer.mimetype == "text/plain"
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"Arger at 5.txt\"; filename*=UTF-8''%C3%84rger%20%E2%80%9Cat%E2%80%9D%205%25.txt"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers


def test_a_refused_file_loses_nothing_else(team: Team) -> None:
    """What is wrong with a file stands beside the field; everything that was typed is still there."""
    client = team.client("editor")
    broken, locked = papers.picture()[:200], papers.pdf(password="x")
    page = submit(
        client, team.path("/notes/new"), headline="We met.", words="At length.", status=422,
        files=[upload("photo.jpg", broken), upload("paper.pdf", locked), upload("fine.txt", WORDS)],
    )  # fmt: skip
    said = page.select_one("#files-error").get_text()
    assert "“photo.jpg” was not taken: it cannot be read" in said
    assert "“paper.pdf” was not taken: it is behind a password" in said
    assert "Choose the files again" in said and "fine" not in said
    assert page.form()["headline"] == "We met." and page.form()["words"] == "At length."
    assert page.select_one("details.add:has(#files)").has_attr("open")
    with team.look():
        assert not db.session.scalar(sa.select(sa.func.count()).select_from(Attachment))


def test_files_are_asked_for_again_when_something_else_is_wrong(team: Team) -> None:
    """A page that comes back says that the files have to be chosen again."""
    page = submit(team.client("editor"), team.path("/notes/new"), headline="", files=upload("a.txt", WORDS), status=422)
    assert "Choose the files again" in page.select_one("#files-error").get_text()


def test_more_files_for_what_others_have_read(team: Team) -> None:
    """Evidence grows in the open: another editor adds a file, with its sum, and the changes say so."""
    with team.act():
        address = team.path(f"/history/{team.note('Plain.').public_id}")
    client = team.client("lead")
    wrong = submit(client, address + "/files/new", status=422)
    assert "Choose a file." in wrong.select_one("#files-error").get_text()
    page = submit(client, address + "/files/new", files=upload("minutes.txt", WORDS))
    assert hashlib.sha256(WORDS).hexdigest() in page.text
    assert "members and named readers only" in page.text
    assert "minutes.txt" in page.select_one("#changes").get_text()
    assert "28 Bytes of 500.0 MB" in visit(client, address + "/files/new").text
    for who in ("viewer", "organiser"):
        other = visit(team.client(who), address)
        assert "minutes" not in other.html


def test_the_public_page_shows_what_was_opened(team: Team) -> None:
    """Outsiders get the files of public entries that somebody opened to them, and no others, by page and by address."""
    with team.act() as now:
        entry = team.note("They came.")
        shown, kept = add(team, entry, now, text("open.txt"), is_open=True), add(team, entry, now, text("kept.txt"))
        ids = {"open": shown.public_id, "kept": kept.public_id}
    stranger = team.app.test_client()
    page = visit(stranger, f"/c/{team.slug}")
    assert [link.get_text() for link in page.select(".files a")] == ["open.txt"]
    answer = stranger.get(page.link("open.txt"))
    assert answer.data == WORDS and answer.headers["Cache-Control"] == "no-store"
    assert stranger.get(f"/c/{team.slug}/files/{ids['kept']}").status_code == 404
    editor = team.client("editor")
    address = team.path(f"/history/{entry_id(team, 'They came')}")
    opened = visit(editor, team.path(f"/files/{ids['kept']}/open"), method="POST")
    assert "may have the file now" in opened.html and opened.response.request.path == address
    assert stranger.get(f"/c/{team.slug}/files/{ids['kept']}").data == WORDS
    visit(editor, team.path(f"/files/{ids['kept']}/close"), method="POST")
    assert stranger.get(f"/c/{team.slug}/files/{ids['kept']}").status_code == 404


def entry_id(team: Team, headline: str) -> str:
    with team.look():
        return team.entry(headline).public_id


@pytest.mark.parametrize("campaign_visibility", [Visibility.LINK, Visibility.MEMBERS, Visibility.SIGNED_IN])
def test_no_stranger_reaches_into_other_campaigns(team: Team) -> None:
    """Of a campaign that is not public no file goes out, even opened, by its address or by its secret link."""
    with team.act() as now:
        file = add(team, team.note("They came."), now, is_open=True).public_id
    for key in (team.slug, "a-token"):
        assert team.app.test_client().get(f"/c/{key}/files/{file}").status_code == 404


SECRETS = {
    To.OFF_THE_RECORD: {"editor", "viewer"},
    To.NOT_FOR_ATTRIBUTION: {"editor", "lead", "reader", "administrator"},
}


@pytest.mark.parametrize("visibility", SECRETS, ids=str)
def test_nothing_tells_of_a_hidden_file(team: Team, visibility: To) -> None:
    """Every address of a confidential file, as everybody: who may not read its entry finds nothing there."""
    with team.act() as now:
        entry = team.note("Secret.", visibility=visibility, readers=("viewer",))
        file, number = add(team, entry, now, text("secret.txt")).public_id, entry.public_id
    pages = ("/history", "", "/changes", "/notes/new", "/history?q=secret")
    acts = ("/open", "/close", "/remove", "/redact")
    for who in ("editor", "lead", "reader", "administrator", "organiser", "viewer"):
        client, allowed = team.client(who), who in SECRETS[visibility]
        assert client.get(team.path(f"/files/{file}")).status_code == (200 if allowed else 404), who
        for act in acts:
            status = client.post(team.path(f"/files/{file}{act}")).status_code
            assert allowed or status in (403, 404), (who, act)
        for page in pages:
            html = client.get(team.path(page)).get_data(as_text=True)
            assert allowed or ("secret.txt" not in html and number not in html), (who, page)
    stranger = team.app.test_client()
    assert stranger.get(team.path(f"/files/{file}")).status_code == 302
    assert stranger.get(f"/c/{team.slug}/files/{file}").status_code == 404


def test_taking_back_and_destroying(team: Team) -> None:
    """What nobody else saw is removed by a button; what others saw is destroyed with a reason that stays."""
    with team.act() as now:
        secret = team.note("Mine.", visibility=To.OFF_THE_RECORD)
        mine = add(team, secret, now)
        seen = team.note("Seen.")
        file = add(team, seen, now, text("named.txt")).public_id
        addresses = [team.path(f"/history/{one.public_id}") for one in (secret, seen)]
        mine_id = mine.public_id
    client = team.client("editor")
    page = submit(client, addresses[0], f"form[action$='{mine_id}/remove']")
    assert "Removed; nobody else had seen it." in page.html and "No file is attached." in page.text
    assert client.post(team.path(f"/files/{file}/remove")).status_code == 409

    assert team.client("reader").get(team.path(f"/files/{file}/redact")).status_code == 403
    redact = visit(client, visit(client, addresses[1]).link("Redact this file"))
    assert "named.txt" in redact.text
    wrong = submit(client, redact.response.request.path, reason="", status=422)
    assert "Say why" in wrong.select_one("#reason-error").get_text()
    page = submit(client, redact.response.request.path, reason="it named a person")
    assert "A file was destroyed here on" in page.text and "it named a person" in page.text
    assert "named.txt" not in page.html
    assert client.get(team.path(f"/files/{file}")).status_code == 404
    with team.look():
        assert not db.session.scalar(sa.select(sa.func.count()).select_from(AttachmentChunk))


def test_redacting_an_entry_says_that_its_files_go(team: Team) -> None:
    """The preview of a redaction counts the files, and none is left afterwards."""
    with team.act() as now:
        entry = team.note("Seen.")
        file, address = add(team, entry, now).public_id, team.path(f"/history/{entry.public_id}/redact")
    client = team.client("editor")
    assert "1 file, also where a correction shows it" in visit(client, address).text
    submit(client, address, reason="a name")
    assert client.get(team.path(f"/files/{file}")).status_code == 404


def test_a_damaged_file_is_said(team: Team) -> None:
    """What is not as it was added is not handed out, and a page says so."""
    with team.act() as now:
        file = add(team, team.note("Plain."), now).public_id
        db.session.execute(sa.update(AttachmentChunk).values(sealed=b"x" * 60))
    page = visit(team.client("reader"), team.path(f"/files/{file}"), status=500)
    assert page.heading == "This file is damaged"


def test_a_request_that_is_too_large(team: Team) -> None:
    """Only forms that take files take much, only from who is signed in; the rest is refused in words."""
    config = team.app.extensions["config"]
    team.app.extensions["config"] = replace(config, files=replace(config.files, request_bytes=3_000_000))
    client, note = team.client("editor"), {"headline": "We met.", "occurred_on": "2019", "visibility": "members"}
    large, larger = b"x" * 2_500_000, b"x" * 3_500_000
    assert client.post(team.path("/notes/new"), data={**note, "files": upload("a.txt", large)}).status_code == 302
    page = visit(
        client, team.path("/notes/new"), method="POST", status=413, data={**note, "files": upload("a.txt", larger)}
    )
    assert page.heading == "That is too large"
    for other, path in ((client, "/campaigns/new"), (team.app.test_client(), team.path("/notes/new"))):
        answer = other.post(path, data={"files": upload("a.txt", large)})
        assert answer.status_code == 413, path


def test_nothing_of_an_upload_touches_the_disk(app: Flask) -> None:
    """Files of a request are kept in memory, whatever their size."""
    with app.test_request_context("/", method="POST", data={"f": (io.BytesIO(b"x" * 1_500_000), "a.txt")}) as context:
        assert isinstance(context.request.files["f"].stream, io.BytesIO)
