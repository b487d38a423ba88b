"""No planted name or address comes up where it must not: addresses, logs, errors, JSON, other people's pages, and rows.

Also: fifty equal forms at once are one row.
"""

import datetime as dt
import json
import logging
import threading
from collections.abc import Callable
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.signing import (
    ADDRESS,
    NAME,
    SLUG,
    confirm,
    lead,
    letter,
    number_of,
    open_letter,
    rows,
    sign,
    signed,
    stamp,
    typed,
)
from tests.support.accounts import SignedIn, forget_tries, make_member
from tests.support.mails import outbox
from tests.support.pages import submit, visit
from tracker import clock
from tracker.accounts.models import Membership, Role
from tracker.db import Precision, db, transaction
from tracker.mail.models import Email
from tracker.signatures import service
from tracker.signatures.models import Appearance, Signatory, SignatoryKind
from tracker.signatures.pasting import read_list
from tracker.signatures.signings import Asked, SigningRequest
from tracker.timeline.models import EntryKind, EntryVisibility
from tracker.timeline.service import append_entry
from tracker.web.dates import UncertainDate

PLACES = {"team": "Rare-Team-Planted", "city": "Rare-City-Planted"}
ASKS = dict.fromkeys(PLACES, Asked.OPTIONAL)
PLANTED = (NAME, "Planted-Name", ADDRESS, "zoe.planted", "Rare-Role-Planted", "Rare-Firm-Planted", *PLACES.values())
MORE = {"office": "Rare-Role-Planted", "affiliation": "Rare-Firm-Planted", **PLACES}


def planted_in(text: str) -> list[str]:
    return [one for one in PLANTED if one in text]


@pytest.mark.parametrize("protected", [False, True])
def test_nowhere_but_where_it_belongs(
    app: Flask,
    client: FlaskClient,
    signed_in: Callable[..., SignedIn],
    caplog: pytest.LogCaptureFixture,
    protected: bool,
) -> None:
    """Who chose only to be counted is in no log, address or error, in no page or JSON of outsiders, viewers and
    organisers of other campaigns, and in no table of the database but sealed or where a plain campaign keeps names."""
    caplog.set_level(logging.DEBUG)
    open_letter(app, protected=protected, **ASKS)
    addresses = []
    receipt = signed(client, app, appearance="counted", **MORE)
    addresses.append(receipt)
    for bad in ({"consent": None}, {"email": "zoe.planted@"}, {"remarks": "x"}):
        sign(client, app, status=422, **{"appearance": "counted", **MORE, **bad})
    with app.app_context():
        number = letter().id
        public_id = db.session.scalars(sa.select(Signatory.public_id)).one()
    others = [client, signed_in(Role.VIEWER), signed_in(Role.ORGANISER)]
    paths = [f"/c/{SLUG}", f"/c/{SLUG}.json", f"/c/{SLUG}/counter", f"/c/{SLUG}/counter.svg", f"/c/{SLUG}/sign"]
    paths += [f"/campaigns/{SLUG}{part}" for part in ("", "/history", "/signatories", "/briefing", "/signing")]
    paths += [f"/campaigns/{SLUG}/signatories/{public_id}", "/", "/campaigns", "/search?q=Planted", "/digests"]
    for reader in others:
        for path in paths:
            answer = reader.get(path, follow_redirects=True)
            assert not planted_in(answer.get_data(as_text=True)), path
            addresses += [str(one) for one in answer.headers.values()]
    member = signed_in(Role.VIEWER)
    make_member(app, number, member.account_id, Membership.READER)
    page = visit(member, f"/campaigns/{SLUG}/signatories/{public_id}")
    assert NAME in page.text and ADDRESS not in page.html, "a member sees the name, and no contact data"
    assert not planted_in("\n".join(addresses)) and not planted_in(caplog.text)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    with app.app_context():
        db.session.execute(sa.text("ALTER TABLE signing_request RENAME TO broken"))
        db.session.commit()
    forget_tries()
    answer = client.post(f"/c/{SLUG}/sign", data={**typed(**MORE), "stamp": stamp(app), "text": "1"})
    assert answer.status_code >= 500
    assert not planted_in(answer.get_data(as_text=True)) and not planted_in(caplog.text), "an error tells nothing"


@pytest.mark.each_database
def test_what_lies_in_the_database(app: Flask, client: FlaskClient) -> None:
    """In a protected campaign no table holds a word that was typed, before and after it is confirmed."""
    open_letter(app, protected=True, **ASKS)
    for _state in ("waiting", "confirmed"):
        if _state == "waiting":
            sign(client, app, **MORE)
        else:
            confirm(client, app)
        with app.app_context():
            for table in db.metadatas[None].sorted_tables:
                for row in db.session.execute(sa.select(table)):
                    assert not planted_in(repr(tuple(row))), table.name


def test_the_json_says_what_the_page_shows(app: Flask, client: FlaskClient) -> None:
    """Names as chosen, numbers by where they come from, the text; and it may be read from another site."""
    open_letter(app, **ASKS)
    signed(client, app, **MORE)
    signed(client, app, email="b@example.org", name="Bo Initials", appearance="initials", office="Nurse")
    signed(client, app, email="c@example.org", name="Cas Counted", appearance="counted")
    answer = client.get(f"/c/{SLUG}.json")
    found = json.loads(answer.get_data())
    assert answer.headers["Access-Control-Allow-Origin"] == "*" and "Set-Cookie" not in answer.headers
    assert found["signed_here"] == {
        "total": 3, "confirmed_by_the_signer": 3, "from_a_list": 0, "is_at_most": False,
    }  # fmt: skip
    assert [one["name"] for one in found["signatories"]] == [NAME, "B. I."]
    assert found["chose_only_to_be_counted"] == 1
    page = visit(client, f"/c/{SLUG}")
    for one in found["signatories"]:
        for words in filter(None, one.values()):
            assert words in page.text
    assert "Cas" not in answer.get_data(as_text=True) and "example.org" not in str(found["signatories"])


def test_the_json_tells_history_and_growth_as_the_page_does(app: Flask, client: FlaskClient) -> None:
    """Every word and number of the history and of the line stands on the page too, and every entry of the page in it;
    what is not public is in neither."""
    open_letter(app, **ASKS)
    with app.app_context(), transaction():
        for number, day in ((12, dt.date(2026, 1, 5)), (15, dt.date(2026, 2, 7)), (11, dt.date(2026, 3, 9))):
            lines = read_list("\n".join(f"Person {day.month} {one}" for one in range(number)))
            how = {"kind": SignatoryKind.PERSON, "appearance": Appearance.COUNTED, "actor": lead(), "now": clock.now()}
            service.add_list(letter(), lines, signed=UncertainDate(day, Precision.DAY), **how)
        for words, seen in (("They answered", EntryVisibility.PUBLIC), ("Planted-Note", EntryVisibility.MEMBERS)):
            append_entry(
                campaign_id=letter().id, kind=EntryKind.NOTE, headline=words, occurred_on=dt.date(2026, 3, 1),
                visibility=seen, actor=lead(), now=clock.now(),
            )  # fmt: skip
    answer, page = client.get(f"/c/{SLUG}.json"), visit(client, f"/c/{SLUG}")
    found = json.loads(answer.get_data())
    shown = [" ".join(one.get_text().split()) for one in page.select("#history .entry-sentence")]
    assert [one["words"] for one in found["history"]["entries"]] == shown
    assert "They answered" in shown and "Planted-Note" not in answer.get_data(as_text=True)
    assert "lead@example.org" not in answer.get_data(as_text=True) and '"Lead"' not in answer.get_data(as_text=True)
    line = [one["total"] for one in found["growth"]["signed_here"]]
    assert line == [12, 27, 38] == [int(one["value"]) for one in page.select("table[data-chart=line] data")]
    assert found["signed_here"]["total"] == 38


def test_the_counter_may_be_framed(app: Flask, client: FlaskClient) -> None:
    """The counter alone may stand on other sites; it has no script, sets no cookie, and may be kept for minutes."""
    open_letter(app, **ASKS)
    signed(client, app)
    page = visit(client, f"/c/{SLUG}/counter")
    assert "1 signed" in page.text and not page.has("script")
    for path in (f"/c/{SLUG}/counter", f"/c/{SLUG}/counter.svg"):
        headers = client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "frame-ancestors *" in policy and "script-src" not in policy and "default-src 'none'" in policy
        assert headers["Cache-Control"] == "public, max-age=300"
        assert "Set-Cookie" not in headers
    for path in (f"/c/{SLUG}", f"/c/{SLUG}/sign", f"/c/{SLUG}.json"):
        assert "frame-ancestors 'none'" in client.get(path).headers["Content-Security-Policy"]


def _post(url: str, path: str, data: dict[str, Any], answers: list[int]) -> None:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    connection.request("POST", path, urlencode(data), {"Content-Type": "application/x-www-form-urlencoded"})
    answers.append(connection.getresponse().status)
    connection.close()


def _at_once(url: str, path: str, data: dict[str, Any]) -> list[int]:
    answers: list[int] = []
    threads = [threading.Thread(target=_post, args=(url, path, data, answers)) for _one in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.each_database
def test_fifty_at_once_are_one(app: Flask, live_server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifty equal forms at once are one request and one mail; fifty presses of its button one signature."""
    from tracker.accounts import limits

    open_letter(app, **ASKS)
    client = app.test_client()
    form = visit(client, f"/c/{SLUG}/sign").form("form.sign-form")
    data = {**form, **typed(**MORE), "stamp": stamp(app)}
    limits.limiter.enabled = False
    try:
        answers = _at_once(live_server.url, f"/c/{SLUG}/sign", data)
        assert set(answers) == {303}, answers
        assert (number_of(app, SigningRequest), number_of(app, Email)) == (1, 1)
        answers = _at_once(live_server.url, outbox(app)[0].path("confirm"), {})
    finally:
        limits.limiter.enabled = True
    assert answers.count(303) == 1 and set(answers) <= {303, 410}, answers
    assert len(rows(app)) == 1 and number_of(app, Signatory) == 1
    assert number_of(app, Email) == 2


def test_the_team_page_has_what_is_passed_on(app: Flask, client: FlaskClient, signed_in: Any) -> None:
    """The lead finds address, counter and QR code, and what signers are told."""
    from tests.signatures.signing import lead

    open_letter(app, **ASKS)
    with app.app_context():
        number = lead().id
    page = visit(signed_in(account_id=number), f"/campaigns/{SLUG}/signing")
    assert "<iframe" in page.select_one("#share-counter").get_text()
    assert "can read sealed names" in page.text
    picture = client.get(str(page.select_one("#share img")["src"]))
    assert picture.mimetype == "image/svg+xml" and b"<path" in picture.get_data()
    submit(client, f"/c/{SLUG}/sign", status=422)
