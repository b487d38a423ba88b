"""The bytes that leave: strict, complete, the same at each try."""

import datetime as dt
import re
import stat
from email import message_from_bytes, policy

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.mail.conftest import Put
from tracker.db import db, transaction
from tracker.mail import sender
from tracker.mail.letter import Letter, letter
from tracker.mail.models import Email, EmailKind
from tracker.mail.outbox import put as put_mail
from tracker.mail.render import Message, link, one_line, render

LONG = "https://example.org/u/" + "x" * 300


def made(number: int) -> Letter:
    found = letter(db.session.get_one(Email, number))
    assert found is not None
    return found


def test_headers_of_a_digest(app: Flask, put: Put) -> None:
    """Everything bulk mail needs, and a long List-Unsubscribe byte for byte in one line."""
    with app.app_context():
        found = made(put(kind=EmailKind.DIGEST, links={"unsubscribe": LONG}))
    assert f"\r\nList-Unsubscribe: <{LONG}>\r\n".encode() in found.data
    mail = message_from_bytes(found.data, policy=policy.strict)
    assert mail.defects == []
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["List-Id"] == "Undersigned digests <digests.127.0.0.1>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Precedence"] == "bulk"
    assert mail["Content-Language"] == "en"
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert mail["Date"].datetime.tzinfo is not None
    assert re.fullmatch(r"<[\w-]{16}@localhost>", mail["Message-ID"])


def test_other_mails_are_no_list(app: Flask, put: Put) -> None:
    """An invitation is not bulk mail and has nothing to unsubscribe from."""
    with app.app_context():
        mail = message_from_bytes(made(put(kind=EmailKind.INVITATION)).data, policy=policy.strict)
    assert mail["List-Id"] is None
    assert mail["List-Unsubscribe"] is None
    assert mail["Precedence"] is None


def test_the_same_bytes_each_time(app: Flask, put: Put) -> None:
    """A second try is the same mail: date, boundary, identity."""
    with app.app_context():
        number = put(text="Zürich — “quoted” 漢字\n" * 50)
        assert made(number).data == made(number).data


def test_lines_are_short_and_end_as_they_must(app: Flask, put: Put) -> None:
    """No line is longer than a mail server takes, none ends in half a line break, words survive."""
    words = "ü" * 2000 + "\n.leading dot\n..two\nFrom here\n"
    with app.app_context():
        data = made(put(text=words)).data
    assert re.search(rb"(?<!\r)\n|\r(?!\n)", data) is None
    assert max(len(line) for line in data.split(b"\r\n")) <= 998
    mail = message_from_bytes(data, policy=policy.default)
    part = mail.get_body(("plain",))  # type: ignore[attr-defined]
    assert part is not None
    assert part.get_content().replace("\r\n", "\n") == words


@pytest.mark.parametrize("nasty", ["a\r\nBcc: b@example.org", "a\x00b", "a\u2028Bcc: b", "a\x0bb", "a\x85b"])
def test_no_header_can_be_smuggled_in(app: Flask, put: Put, nasty: str) -> None:
    """Control characters in a subject become spaces; there is one Subject and no other header."""
    with app.app_context():
        mail = message_from_bytes(made(put(subject=one_line(nasty))).data, policy=policy.strict)
    assert mail["Bcc"] is None
    assert mail["Subject"].startswith("a ")


@pytest.mark.parametrize(
    "nasty", ["a@example.org\r\nBcc: b@example.org", "a@example.org, b@example.org", "a b@c", "@c", "a@"]
)
def test_no_second_receiver_can_be_smuggled_in(app: Flask, put: Put, nasty: str) -> None:
    """What is not one address is refused as one row, and goes nowhere."""
    with app.app_context():
        put(nasty)
        assert sender.send_due() == {"failed": 1}


def test_an_international_domain(app: Flask, put: Put) -> None:
    """A domain with other letters is written as the network writes it."""
    with app.app_context():
        found = made(put("ada@bücher.example"))
    assert found.to == "ada@xn--bcher-kva.example"
    assert not found.needs_utf8


def test_files_in_the_folder_are_private(app: Flask, put: Put) -> None:
    """The folder is ours alone, each file is whole, and sending twice makes no second file."""
    with app.app_context():
        put()
        sender.send_due()
        folder = app.extensions["config"].mail.folder
        (file,) = folder.iterdir()
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert file.suffix == ".eml"
        assert file.read_bytes() == letter(db.session.scalars(sa.select(Email)).one()).data  # type: ignore[union-attr]


def test_links_are_the_receivers_own(app: Flask) -> None:
    """Placeholders are filled at sending, escaped in HTML; a missing one is refused at once."""
    message = Message("s", f"Go: {link('go')}\n", f'<p><a href="{link("go")}">go</a></p>')
    with app.app_context():
        now = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
        with pytest.raises(ValueError, match="go"), transaction():
            put_mail(message, to="a@example.org", kind=EmailKind.TEST, now=now)
        with transaction():
            number = put_mail(
                message, to="a@example.org", kind=EmailKind.TEST, now=now, links={"go": "https://x.example/?a=1&b=2"}
            ).id
        data = made(number).data.replace(b"=\r\n", b"")
        assert b"Go: https://x.example/?a=3D1&b=3D2" in data
        assert b'href=3D"https://x.example/?a=3D1&amp;b=3D2"' in data
        with pytest.raises(ValueError, match="name a link"):
            link("not a name")


def test_a_mail_is_rendered_without_a_request(app: Flask) -> None:
    """Words come from three templates; styles stand in the elements, so that every reader applies them."""
    with app.app_context():
        message = render("invitation", **invitation_facts())
    assert message.link_names() == {"accept"}
    assert 'style="' in message.html
    assert "prefers-color-scheme: dark" in message.html
    assert "<script" not in message.html
    assert "src=" not in message.html, "no picture, no tracking"
    assert message.text.count("\n\n\n") == 0


def invitation_facts() -> dict[str, object]:
    until = dt.datetime(2026, 11, 30, 8, tzinfo=dt.UTC)
    return {"receiver": "Ada", "role": "viewer", "campaign": "", "inviter": "Bo", "until": until}
