"""The signature is over the very bytes that a server receives."""

import base64

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask

from tests.conftest import MakeApp
from tests.mail.conftest import Put
from tests.support.smtp import SmtpSink
from tracker.config import Config, ConfigError
from tracker.mail import sender
from tracker.mail.models import EmailKind

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
).decode()
LONG = "https://example.org/u/" + "x" * 300


@pytest.fixture
def environ(tmp_path: object) -> dict[str, str]:
    return {"DKIM_KEY": PEM, "DKIM_SELECTOR": "nov", "MAIL_FROM": "Undersigned <u@example.org>"}


@pytest.fixture
def signing(make_app: MakeApp, smtp_sink: SmtpSink) -> Flask:
    return make_app(MAIL_URL=smtp_sink.url, MAIL_ALLOW="*")


def published(name: bytes, timeout: int = 5) -> bytes | None:
    """The DNS record that the operator would publish."""
    public = KEY.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return b"v=DKIM1; k=rsa; p=" + base64.b64encode(public) if name == b"nov._domainkey.example.org." else None


def test_the_bytes_received_verify(signing: Flask, smtp_sink: SmtpSink, put: Put) -> None:
    """A digest with a 300 character link and leading dots arrives with a signature that holds, and that covers what
    decides about unsubscribing; one changed byte, or an added From, breaks it."""
    with signing.app_context():
        put(
            kind=EmailKind.DIGEST,
            text=".\n..\n.Zürich\n" * 20,
            links={"unsubscribe": LONG},
        )
        sender.send_due()
    (mail,) = smtp_sink.received
    assert dkim.verify(mail.content, dnsfunc=published)
    assert f"\r\nList-Unsubscribe: <{LONG}>\r\n".encode() in mail.content
    signed = mail.message["DKIM-Signature"].replace(" ", "").casefold()
    for name in ("list-unsubscribe:", "list-unsubscribe-post", "message-id", "from:to:subject:date:from:to"):
        assert name in signed
    assert not dkim.verify(mail.content.replace(b"Z=C3=BC", b"Z=C3=BD", 1), dnsfunc=published)
    assert not dkim.verify(b"From: evil@example.net\r\n" + mail.content, dnsfunc=published)


def test_a_key_that_cannot_sign_says_so(make_app: MakeApp, environ: dict[str, str]) -> None:
    """Half a setting, or a file that is not there, stops the start with words."""
    for broken, words in (
        ({"DKIM_KEY": PEM, "DKIM_SELECTOR": ""}, "go together"),
        ({"DKIM_KEY": "/nowhere/key.pem"}, "cannot be read"),
        ({"DKIM_KEY": "-----BEGIN nothing"}, "must be a private key"),
    ):
        with pytest.raises(ConfigError, match=words):
            Config.from_environ({**environ, "MAIL_URL": "smtp://localhost", **broken})
