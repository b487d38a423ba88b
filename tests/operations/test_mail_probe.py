"""The doctor says of each step to the mail server what is wrong, and what to do."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from flask import Flask

from tests.conftest import MakeApp
from tests.support.certificates import Authority
from tests.support.mail_api import MailApi
from tests.support.processes import free_port
from tests.support.smtp import SmtpSink
from tracker import clock
from tracker.config import Durations
from tracker.operations import mail_probe

QUICK = replace(Durations(), smtp_connect=dt.timedelta(seconds=1), smtp_command=dt.timedelta(seconds=2))
TO = "somebody@example.org"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        yield listening


def told(make_app: MakeApp, url: str, to: str | None = None, **variables: str) -> str:
    """What the doctor says of this MAIL_URL, or of a test mail by it."""
    app = make_app(MAIL_URL=url, MAIL_ALLOW="*", durations=QUICK, **variables)
    return said(app, to)


def said(app: Flask, to: str | None = None) -> str:
    config = app.extensions["config"]
    with app.app_context():
        found = [mail_probe.send_test(config, to, now=clock.now())] if to else list(mail_probe.look(config))
    (finding,) = found
    words = f"{finding.level} {finding.words}"
    assert "@example.org" not in words, "an address stays out of the doctor's words"
    assert "hunter2" not in words
    return words


class Taking:
    """Takes every mail."""

    async def handle_DATA(self, server: object, session: object, envelope: object) -> str:
        return "250 OK"


def serve(authority: Authority, **options: object) -> Controller:
    """A mail server that speaks TLS and knows one password."""

    def check(server: object, session: object, envelope: object, mechanism: str, data: LoginPassword) -> AuthResult:
        return AuthResult(success=data.password == b"hunter2", handled=False)

    controller = Controller(Taking(), hostname="127.0.0.1", port=free_port(), authenticator=check, **options)
    controller.start()
    return controller


def test_a_name_that_does_not_exist(make_app: MakeApp) -> None:
    """DNS: the name is in the sentence."""
    assert "the name mail.invalid is not known" in told(make_app, "smtp://mail.invalid:587")


def test_refused(make_app: MakeApp) -> None:
    """Nobody listens: another port is meant."""
    port = free_port()
    assert told(make_app, f"smtp://127.0.0.1:{port}").startswith(f"BAD 127.0.0.1:{port} refuses connections")


def test_black_holed(make_app: MakeApp, listener: socket.socket) -> None:
    """Packets vanish: the sentence says that hosts block ports, and what else there is."""
    port = listener.getsockname()[1]
    crowd = [socket.socket() for _ in range(4)]
    try:
        for one in crowd:  # the queue is full now, and Linux drops who comes next without a word
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        words = told(make_app, f"smtp://127.0.0.1:{port}")
    finally:
        for one in crowd:
            one.close()
    assert "lets nobody through within 1 s" in words
    assert "Most hosts block port 25" in words
    assert "mailgun+https" in words


def test_a_greeting_that_never_comes(make_app: MakeApp, listener: socket.socket) -> None:
    """Connected, then silence: perhaps TLS was expected."""
    words = told(make_app, f"smtp://127.0.0.1:{listener.getsockname()[1]}")
    assert "takes the connection and then says nothing for 1 s" in words
    assert "smtps://" in words


def test_a_server_that_answers(make_app: MakeApp, smtp_sink: SmtpSink) -> None:
    """The plain sink on the loopback is well; elsewhere that it is not encrypted would be a note."""
    assert told(make_app, smtp_sink.url) == f"good 127.0.0.1:{smtp_sink.port} answers, not encrypted"
    assert "does not offer STARTTLS" in told(make_app, smtp_sink.url + "?starttls=required")
    assert "takes no password" in told(make_app, f"smtp://me:hunter2@127.0.0.1:{smtp_sink.port}")


def test_starttls_and_password(make_app: MakeApp, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """A certificate nobody trusts, a wrong password, and all as it should be: three sentences."""
    server = serve(authority, tls_context=authority.server(), require_starttls=True)
    where = f"127.0.0.1:{server.port}"
    try:
        assert f"the certificate of {where} is not trusted" in told(make_app, f"smtp://me:hunter2@{where}")
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        wrong = told(make_app, f"smtp://me:wrong@{where}")
        assert "does not accept our user or password (535" in wrong
        assert told(make_app, f"smtp://me:hunter2@{where}") == (
            f"good {where} answers, encrypted, and takes our password"
        )
        assert told(make_app, f"smtp://me:hunter2@{where}", TO).startswith("good taken (250 OK)")
    finally:
        server.stop()


def test_tls_from_the_first_byte(make_app: MakeApp, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    """smtps:// to a port that begins in the clear, and the other way round, are told apart."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    server = serve(authority, ssl_context=authority.server(), auth_require_tls=False)
    sink = SmtpSink()
    try:
        assert told(make_app, f"smtps://me:hunter2@127.0.0.1:{server.port}").endswith("takes our password")
        assert "says nothing" in told(make_app, f"smtp://127.0.0.1:{server.port}")
        assert "cannot begin TLS" in told(make_app, f"smtps://127.0.0.1:{sink.port}")
    finally:
        server.stop()
        sink.close()


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("250 OK", "good taken (250 OK); look where it arrives"),
        ("451 4.7.1 come again", "for now only. Greylisting"),
        ("550 5.7.1 <somebody@example.org>: Relay access denied", "does not send to others for us. Sign in"),
        ("550 5.1.1 no such user", "does not want this receiver"),
    ],
)
def test_a_test_mail(make_app: MakeApp, smtp_sink: SmtpSink, answer: str, words: str) -> None:
    """What the server says to the receiver, in our words too; what it takes is a whole mail."""
    smtp_sink.answer_rcpt = answer
    assert words in told(make_app, smtp_sink.url, TO, MAIL_FROM="Us <us@example.org>")
    for mail in smtp_sink.received:
        assert mail.message["Subject"] == "A test from Undersigned"
        assert mail.message["Message-ID"].endswith("@example.org>")


def test_a_test_mail_obeys_the_list(make_app: MakeApp, smtp_sink: SmtpSink) -> None:
    """MAIL_ALLOW holds for tests too."""
    app = make_app(MAIL_URL=smtp_sink.url, MAIL_ALLOW="example.net")
    assert "MAIL_ALLOW does not name this address" in said(app, TO)
    assert smtp_sink.received == []


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((400, '{"message": "to parameter is missing"}'), "good the mail API at 127.0.0.1 answers and takes our key"),
        ((401, "Forbidden"), "does not accept our key"),
        ((404, '{"message": "Domain not found"}'), "does not know /v3/example.org (Domain not found)"),
        ((500, ""), "answers 500"),
    ],
)
def test_the_api(
    make_app: MakeApp, authority: Authority, monkeypatch: pytest.MonkeyPatch, answer: tuple[int, str], words: str
) -> None:
    """The API knows our key, or which of key and domain it does not know."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    api = MailApi(authority.server())
    api.answer = answer
    try:
        assert words in told(make_app, api.url)
    finally:
        api.close()
