"""What comes back: believed only when it is a report about a mail of ours, and with the consequences it deserves."""

import base64
import datetime as dt
import quopri
from email.message import EmailMessage

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import MakeApp
from tests.mail.conftest import Put
from tracker import clock
from tracker.db import db, transaction
from tracker.mail import bounces, outbox, sender, verp
from tracker.mail.models import Email, EmailState

SECRET = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def environ() -> dict[str, str]:
    return {"MAIL_BOUNCE": "bounces@example.org", "BOUNCE_SECRET": SECRET}


@pytest.fixture
def bouncing(make_app: MakeApp, smtp_sink: object) -> Flask:
    return make_app(MAIL_URL=smtp_sink.url, MAIL_ALLOW="*")  # type: ignore[attr-defined]


def report(
    *, to: str = "", status: str = "5.1.1", action: str = "failed", message_id: str = "", kind: str = "delivery-status"
) -> bytes:
    """A report as mail servers write it."""
    original = f"Message-ID: {message_id}\r\nSubject: x\r\n\r\n" if message_id else "Subject: x\r\n\r\n"
    if kind == "delivery-status":
        block = "Reporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: rfc822; a@example.org\r\n"
        block += f"Action: {action}\r\nStatus: {status}\r\n"
    else:
        block = "Feedback-Type: abuse\r\nUser-Agent: Some/1.0\r\nVersion: 1\r\n"
    return (
        f"From: MAILER-DAEMON@example.net\r\nTo: {to or 'nobody@example.org'}\r\nMessage-ID: <report@example.net>\r\n"
        f"Subject: Undelivered\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        f"--b\r\nContent-Type: message/{kind}\r\n\r\n{block}\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{original}\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize("encoding", ["", "8bit", "base64", "quoted-printable"])
def test_of_a_mail_with_letters_beyond_ascii(encoding: str) -> None:
    """Servers that report on such a mail write a type of their own (RFC 6533), as it is or encoded."""
    block = "Reporting-MTA: dns; mx.example.net\r\n\r\nFinal-Recipient: utf-8; zoë@example.org\r\n"
    block += "Action: failed\r\nStatus: 5.1.1\r\n"
    how = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(encoding, bytes)
    told = how(block.encode()).decode()
    data = report(message_id="<one@example.org>").decode()
    begin, end = data.index("Content-Type: message/delivery-status"), data.index("--b\r\nContent-Type: text/rfc822")
    head = "Content-Type: message/global-delivery-status\r\n"
    head += f"Content-Transfer-Encoding: {encoding}\r\n" if encoding else ""
    found = bounces.read_report(f"{data[:begin]}{head}\r\n{told}\r\n{data[end:]}".encode())
    assert (found.kind, found.status) == (bounces.BounceKind.GONE, "5.1.1")


@pytest.mark.parametrize(
    "data",
    [
        report(message_id="<one@example.org>").replace(b"<report@example.net>", "<berichtü@example.net>".encode()),
        b"".join(
            b'Content-Type: multipart/report; boundary="%d"\r\n\r\n--%d\r\n' % (number, number)
            for number in range(1_200)
        ),
        b"Content-Type: multipart/report; report-type*=\xff''x; boundary=\r\n\r\n",
    ],
    ids=["letters in its own name", "1,200 parts in each other", "broken head"],
)
def test_what_breaks_parsers(data: bytes) -> None:
    """Is read, or is no report."""
    try:
        assert bounces.read_report(data).message_id == "<one@example.org>"
    except bounces.NoReport as problem:
        assert str(problem)


@given(st.data())
def test_whatever_is_written_to_the_address(data: st.DataObject) -> None:
    """Anybody may: a report with bytes changed, lost or doubled is one, or none, and breaks nothing."""
    whole = report(
        message_id="<one@example.org>", kind=data.draw(st.sampled_from(["delivery-status", "feedback-report"]))
    )
    for _change in range(data.draw(st.integers(1, 8))):
        begin, length = data.draw(st.integers(0, len(whole))), data.draw(st.integers(0, 40))
        whole = whole[:begin] + data.draw(st.binary(max_size=20)) + whole[begin + length :]
    try:
        assert bounces.read_report(whole).kind in bounces.BounceKind
    except bounces.NoReport as problem:
        assert str(problem)


def sent(put: Put) -> Email:
    number = put()
    sender.send_due()
    email = db.session.get_one(Email, number)
    assert email.state is EmailState.SENT
    return email


def take(data: bytes, **options: str) -> Email | None:
    told: list[Email] = []
    with transaction():
        found = bounces.take(
            bounces.read_report(data, **options), now=clock.now(), changed=lambda email, now: told.append(email)
        )
        assert told == ([found] if found is not None else [])
    return found


def test_the_return_path_tells_the_mail(bouncing: Flask, put: Put, smtp_sink: object) -> None:
    """Each mail leaves with a return path of its own, which survives a server that folds case; a forged one is none."""
    with bouncing.app_context():
        email = sent(put)
        (received,) = smtp_sink.received  # type: ignore[attr-defined]
        assert received.sender.startswith("bounces+") and len(received.sender.partition("@")[0]) <= 64
        assert verp.mail_of(received.sender) == verp.mail_of(received.sender.upper()) == email.public_id
        forged = received.sender.replace("@", "0@").replace("0@", "@")[:-20]
        assert verp.mail_of(forged) is None
        mark = received.sender.partition("+")[2].partition("@")[0]
        assert verp.mail_of(f"bounces+{mark[:-1]}{'0' if mark[-1] != '0' else '1'}@example.org") is None


@pytest.mark.each_database
def test_nobody_there(bouncing: Flask, put: Put, smtp_sink: object) -> None:
    """5.1.1: the mail has failed and the address is not written to again."""
    with bouncing.app_context():
        email = sent(put)
        path = smtp_sink.received[0].sender  # type: ignore[attr-defined]
        found = take(report(to=path))
        assert found is not None and found.id == email.id
        assert db.session.get_one(Email, email.id).state is EmailState.FAILED
        assert outbox.refusal("a@example.org") == f"Do not mail: {bounces.BOUNCED}"


@pytest.mark.each_database
def test_by_message_id(bouncing: Flask, put: Put) -> None:
    """A report without our return path is known by the returned mail's Message-ID, never by its own."""
    with bouncing.app_context():
        email = sent(put)
        assert take(report(message_id=email.message_id)) is not None
        with pytest.raises(bounces.NoReport, match="which mail"):
            bounces.read_report(report())


@pytest.mark.each_database
def test_full_mailboxes_are_given_time(bouncing: Flask, put: Put) -> None:
    """5.2.2 and 4.x.x count once a day; only when they keep coming is it enough."""
    with bouncing.app_context():
        email = sent(put)

        def full(day: int) -> None:
            with transaction():
                again = bounces.read_report(report(message_id=email.message_id, status="5.2.2"))
                bounces.take(again, now=clock.now() + dt.timedelta(days=day), changed=lambda email, now: None)

        for _again in range(10):
            full(0)
        assert outbox.refusal("a@example.org") is None
        for day in range(1, 5):
            full(day)
        assert outbox.refusal("a@example.org") == f"Do not mail: {bounces.TOO_OFTEN}"
        with transaction():
            bounces.forget_old(clock.now() + dt.timedelta(days=60))


@pytest.mark.each_database
def test_a_complaint(bouncing: Flask, put: Put) -> None:
    """Marked as unwanted: the mail was delivered, and is the last."""
    with bouncing.app_context():
        email = sent(put)
        take(report(message_id=email.message_id, kind="feedback-report"))
        assert db.session.get_one(Email, email.id).state is EmailState.SENT
        assert outbox.refusal("a@example.org") == f"Do not mail: {bounces.COMPLAINED}"


@pytest.mark.each_database
def test_what_is_no_report(bouncing: Flask, put: Put) -> None:
    """A vacation reply, a delay, a success, a letter and noise change nothing, and are told apart in words."""
    vacation = EmailMessage()
    vacation["Auto-Submitted"] = "auto-replied"
    vacation.set_content("I am away. 5.1.1 user unknown, action: failed")
    with bouncing.app_context():
        email = sent(put)
        for data, why in (
            (vacation.as_bytes(), "automatic reply"),
            (report(message_id=email.message_id, action="delayed"), "nothing in it has failed"),
            (report(message_id=email.message_id, action="delivered", status="2.0.0"), "nothing in it has failed"),
            (b"Subject: hello\r\n\r\nStatus: 5.1.1\r\nAction: failed\r\n", "no delivery report"),
            (b"\xff\x00\xfe" * 100, "no delivery report"),
            (b"", "no delivery report"),
        ):
            with pytest.raises(bounces.NoReport, match=why):
                bounces.read_report(data)
        assert db.session.get_one(Email, email.id).state is EmailState.SENT


@pytest.mark.each_database
def test_the_hook(bouncing: Flask, put: Put) -> None:
    """A mail service with the secret is heard; without it nobody; nonsense is refused in words."""
    with bouncing.app_context():
        email = sent(put)
        message_id, number = email.message_id.strip("<>"), email.id
    client = bouncing.test_client()
    told = {"kind": "bounce", "status": "5.1.1", "message_id": message_id}
    assert client.post("/hooks/bounce", json=told).status_code == 403
    right = {"Authorization": f"Bearer {SECRET}"}
    assert client.post("/hooks/bounce", json={"kind": "x", "message_id": "y"}, headers=right).status_code == 422
    assert client.post("/hooks/bounce", data=b"hello", headers=right).status_code == 422
    assert client.post("/hooks/bounce", json=told, headers=right).status_code == 204
    assert client.post("/hooks/bounce", json={**told, "message_id": "unknown@x"}, headers=right).status_code == 204
    with bouncing.app_context():
        assert db.session.get_one(Email, number).state is EmailState.FAILED


@pytest.mark.each_database
def test_what_the_hook_refuses(bouncing: Flask) -> None:
    """Every wrong key alike; with the right one, all that is no report is said so in words, and breaks nothing."""
    client, told = bouncing.test_client(), {"kind": "bounce", "message_id": "<one@example.org>"}
    for wrong in ("", "Bearer", "Bearer ", SECRET[:-1], f"Bearer {SECRET}x", f"Basic {SECRET}", "Bearer geheim\xfc"):
        assert client.post("/hooks/bounce", json=told, headers={"Authorization": wrong}).status_code == 403, wrong
    right = {"Authorization": f"Bearer {SECRET}"}
    assert client.get("/hooks/bounce", headers=right).status_code == 405
    assert client.post("/hooks/bounce", data=b"x" * 3_000_000, headers=right).status_code == 413
    for body in (b"{", b"[]", b"null", b'"x"', b"{}", b'{"kind": "bounce", "message_id": 5}', b"\xff\x00"):
        found = client.post("/hooks/bounce", data=body, headers=right, content_type="application/json")
        assert found.status_code == 422 and found.text.strip().endswith("."), body
    for message_id in ("", "\x00@example.org", "\ud800@example.org", "one two@example.org", "x" * 10_000):
        found = client.post("/hooks/bounce", json={**told, "message_id": message_id}, headers=right)
        assert (found.status_code, found.text) == (422, "The message_id is not the Message-ID of a mail.\n")
    assert client.post("/hooks/bounce", data=report(message_id="<\x00@example.org>"), headers=right).status_code == 422
    status = {**told, "status": "5.1.1\x00", "kind": "complaint"}
    assert client.post("/hooks/bounce", json=status, headers=right).status_code == 204


def test_no_hook_without_a_secret(make_app: MakeApp) -> None:
    """Where no secret is set there is no such page."""
    client = make_app(BOUNCE_SECRET="").test_client()
    assert client.post("/hooks/bounce", json={}, headers={"Authorization": "Bearer "}).status_code == 404
