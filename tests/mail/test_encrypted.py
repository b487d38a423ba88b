"""Mail leaves over TLS byte by byte as without it: from the first byte, and after STARTTLS; several at once."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiosmtpd.controller import Controller

from tests.conftest import MakeApp
from tests.mail.conftest import Put
from tests.support.certificates import Authority
from tests.support.processes import free_port
from tracker.db import db
from tracker.mail import sender
from tracker.mail.models import Email, EmailState

# Five megabytes: more than a socket takes at once, in few lines, since the server of the tests is slow by the line.
LONG = "".join(f"{number} {'words ' * 140}\n.\n..\n" for number in range(6_000))


class Keeping:
    """Keeps what it takes."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    async def handle_DATA(self, server: object, session: Any, envelope: Any) -> str:
        self.kept[envelope.rcpt_tos[0]] = envelope.content
        return "250 OK"


@pytest.fixture(params=["smtps", "starttls"])
def server(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Controller]:
    """A mail server that speaks TLS, trusted here."""
    authority = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    context = authority.server()
    how = {"smtps": {"ssl_context": context}, "starttls": {"tls_context": context, "require_starttls": True}}
    options: dict[str, Any] = how[request.param]
    controller = Controller(Keeping(), hostname="127.0.0.1", port=free_port(), **options)
    controller.url = (  # type: ignore[attr-defined]
        f"smtps://127.0.0.1:{controller.port}"
        if request.param == "smtps"
        else f"smtp://127.0.0.1:{controller.port}?starttls=required"
    )
    controller.start()
    yield controller
    controller.stop()


def test_many_leave_whole(make_app: MakeApp, put: Put, server: Any) -> None:
    """Short and long ones over a few connections: each arrives once, and as it was written."""
    app = make_app(MAIL_URL=server.url, MAIL_ALLOW="*")
    with app.app_context():
        for number in range(12):
            put(to=f"a{number}@example.org", text=LONG if number == 5 else f"Words of {number}.\n")
        assert sender.send_due()["sent"] == 12
        assert set(db.session.scalars(sa.select(Email.state))) == {EmailState.SENT}
    kept = server.handler.kept
    assert len(kept) == 12
    for number in range(12):
        message: Any = message_from_bytes(kept[f"a{number}@example.org"], policy=policy.default)
        text = message.get_body(("plain",)).get_content().replace("\r\n", "\n")
        assert text.startswith(LONG if number == 5 else f"Words of {number}.\n")


def test_a_certificate_of_nobody(make_app: MakeApp, put: Put, server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing leaves, and the mail waits."""
    monkeypatch.delenv("SSL_CERT_FILE")
    app = make_app(MAIL_URL=server.url, MAIL_ALLOW="*")
    with app.app_context():
        put()
        assert sender.send_due()["sent"] == 0
        assert db.session.scalars(sa.select(Email.state)).one() is EmailState.PENDING
    assert server.handler.kept == {}
