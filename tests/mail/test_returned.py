"""Reports as mail servers and services write them (`returned/`; addresses invented): what each says, of which mail."""

from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tracker.mail import bounces, verp
from tracker.mail.bounces import BounceKind

RETURNED = Path(__file__).parent / "returned"
OURS = "<3f9a51c07d2b4e66@undersigned.example>"
SES = "<0102019353f19999-5c6d7e8f-0000-4000-8000-000000000002-000000@eu-west-1.amazonses.example>"


def returned(name: str) -> bytes:
    return (RETURNED / f"{name}.eml").read_bytes()


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize(
    ("name", "kind", "status"),
    [
        ("postfix_no_such_mailbox", BounceKind.GONE, "5.1.1"),
        ("exim_no_such_mailbox", BounceKind.GONE, "5.1.1"),
        ("exim_given_up", BounceKind.PASSING, "4.2.2"),
        ("microsoft_no_such_mailbox", BounceKind.GONE, "5.1.10"),
        ("microsoft_without_the_mail", BounceKind.PASSING, "5.2.2"),
        ("gmail_no_such_mailbox", BounceKind.GONE, "5.1.1"),
        ("ses_no_such_mailbox", BounceKind.GONE, "5.1.1"),
        ("complaint", BounceKind.COMPLAINT, ""),
        ("complaint_by_ses", BounceKind.COMPLAINT, ""),
    ],
)
def test_each_is_understood(name: str, kind: BounceKind, status: str, end: bytes) -> None:
    """What happened, and the mail by its Message-ID; Amazon gives each mail one of its own."""
    report = bounces.read_report(returned(name).replace(b"\n", end))
    assert (report.kind, report.status) == (kind, status)
    assert report.message_id == (SES if "ses" in name.split("_") else OURS)


def test_a_delay_is_none() -> None:
    """It is tried further: nothing has failed."""
    with pytest.raises(bounces.NoReport, match="nothing in it has failed"):
        bounces.read_report(returned("postfix_delayed"))


@pytest.fixture
def bouncing(make_app: MakeApp) -> Flask:
    return make_app(MAIL_BOUNCE="bounces@undersigned.example", MAIL_URL="smtp://127.0.0.1:1")


@pytest.mark.parametrize("name", ["ses_no_such_mailbox", "complaint", "complaint_by_ses", "exim_no_such_mailbox"])
def test_the_return_path_tells_the_mail_wherever_it_stands(bouncing: Flask, name: str) -> None:
    """In the report's own address, in what it says of the mail (complaints go elsewhere), or in the mail's head."""
    with bouncing.app_context():
        path = verp.return_path("abcdefghijklmnop")
        assert path is not None
        data = returned(name).replace(b"<bounces@undersigned.example>", f"<{path}>".encode())
        data = data.replace(b"To: bounces@", f"To: {path.partition('@')[0]}@".encode(), 1)
        report = bounces.read_report(data.replace(OURS.encode(), b"<another@mailbox.example>"))
        assert report.public_id == "abcdefghijklmnop"


@pytest.mark.parametrize(
    "header",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-replied; owner-email=reader@mailbox.example",
        "Auto-Submitted: auto-generated",
        "X-Autoreply: yes",
        "X-Autorespond: away",
        "X-Auto-Response-Suppress: All",
        "Precedence: auto_reply",
    ],
)
@pytest.mark.parametrize("shape", ["text", "alternative", "read receipt"])
def test_who_is_away_is_not_gone(header: str, shape: str) -> None:
    """An automatic reply changes nothing, whatever it says and however it says that it is one (listmonk #1334)."""
    reply = EmailMessage()
    reply["In-Reply-To"] = reply["References"] = OURS
    reply["Subject"] = "Automatic reply: 550 5.1.1 user unknown"
    name, _colon, value = header.partition(": ")
    reply[name] = value
    reply.set_content(f"I am away.\n\nAction: failed\nStatus: 5.1.1\n\nMessage-ID: {OURS}\n")
    if shape == "alternative":
        reply.add_alternative("<p>I am away.</p>", subtype="html")
    data = reply.as_bytes()
    if shape == "read receipt":
        data = data.replace(b"text/plain;", b"multipart/report; report-type=disposition-notification; boundary=b;")
        data = data.replace(
            b"I am away.",
            b"--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; reader@mailbox.example\n"
            b"Disposition: automatic-action/MDN-sent-automatically; deleted\n\n--b--\n",
        )
    with pytest.raises(bounces.NoReport) as refused:
        bounces.read_report(data)
    assert ("nothing in it has failed" if shape == "read receipt" else "automatic reply") in str(refused.value)
