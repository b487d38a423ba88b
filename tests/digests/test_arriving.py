"""A digest as the bytes that a mail server receives: whole, strict, signed, and left by its own header."""

from email import message_from_bytes, policy

import dkim
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from tests.conftest import MakeApp
from tests.digests.world import MONDAY, World
from tests.mail.test_dkim import PEM, published
from tests.support.every_mail import arrived
from tests.support.smtp import SmtpSink
from tracker.db import db
from tracker.digests.models import Subscriber

# With the token, an address of 300 characters: what usual e-mail policies fold into an encoded word.
BASE = "https://" + ".".join(["a" * 60, "b" * 60, "c" * 60, "d" * 50]) + ".example"
LENGTH = 300


@pytest.fixture
def environ() -> dict[str, str]:
    return {
        "DKIM_KEY": PEM,
        "DKIM_SELECTOR": "nov",
        "MAIL_FROM": "Undersigned <u@example.org>",
        "MAIL_BOUNCE": "bounces@example.org",
        "PUBLIC_BASE_URL": BASE,
    }


@pytest.mark.each_database
def test_a_digest_as_it_is_received(make_app: MakeApp, smtp_sink: SmtpSink) -> None:
    """Parsed strictly, the signature holds, each header is there once, the long link stands in one line byte for byte,
    and a POST to it without a cookie ends the subscription."""
    app: Flask = make_app(MAIL_URL=smtp_sink.url, MAIL_ALLOW="*")
    with app.app_context(), time_machine.travel(MONDAY, tick=False) as traveller:
        world = World(app, traveller)
        campaign, reader = world.campaign(), world.account("reader@example.org")
        world.follow(reader, campaign)
        world.at("2026-11-23 07:00")
        world.entry(campaign, "Amazon “refuses” to answer in Zürich")
        world.run("2026-11-23 08:00")
    (mail,) = smtp_sink.received
    assert dkim.verify(mail.content, dnsfunc=published)
    assert "Zürich" in arrived(mail.content).text
    head = mail.content.partition(b"\r\n\r\n")[0]
    (line,) = [line for line in head.split(b"\r\n") if line.lower().startswith(b"list-unsubscribe:")]
    address = line.partition(b": ")[2].decode("ascii")
    assert address.startswith(f"<{BASE}/u/") and address.endswith(">")
    assert len(address) - 2 == LENGTH
    parsed = message_from_bytes(mail.content, policy=policy.strict)
    expected = {
        "From": "Undersigned <u@example.org>",
        "To": "reader@example.org",
        "Date": "Mon, 23 Nov 2026 08:00:00 +0000",
        "MIME-Version": "1.0",
        "List-Unsubscribe": address,
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
        "Content-Language": "en",
    }
    for name, value in expected.items():
        assert parsed.get_all(name) == [value], name
    for name in ("Message-ID", "Subject", "List-Id", "Feedback-ID", "DKIM-Signature"):
        assert len(parsed.get_all(name) or []) == 1, name
    assert b"reader@example.org" not in head.replace(b"To: reader@example.org", b""), "no header tells who reads"
    assert mail.sender.startswith("bounces+") and mail.sender != "bounces@example.org"
    with app.app_context():
        assert db.session.scalars(sa.select(Subscriber.ended_at)).one() is None
    path = address[1:-1].removeprefix(BASE)
    answer = app.test_client().post(path, data={"List-Unsubscribe": "One-Click"}, base_url=BASE)
    assert (answer.status_code, answer.headers.get("Set-Cookie")) == (200, None)
    with app.app_context():
        assert db.session.scalars(sa.select(Subscriber.ended_at)).one() is not None
