"""Whether mail can leave: each step to the mail server by itself, so that what is wrong can be said with what to do."""

from __future__ import annotations

import datetime as dt
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from urllib.parse import urlsplit

from tracker.config import Config, Mail
from tracker.mail.letter import Letter
from tracker.mail.mailgun import Mailgun
from tracker.mail.outbox import is_allowed, sender_domain
from tracker.mail.transport import (
    Interrupted,
    Refused,
    Uncertain,
    Unreachable,
    transport,
)
from tracker.mail.wording import LINES
from tracker.operations.finding import BAD, GOOD, NOTE, Finding

# Who asks wants to know soon; the sender itself is more patient.
LONGEST_WAIT = 10.0
_ADDRESS = re.compile(r"\S+@\S+")
BLOCKED = (
    "Most hosts block port 25, some 465 and 587 too (docs/server.md, “When the host blocks mail”): use a relay at "
    "another of these ports, ask the host to open it, or send by HTTPS with mailgun+https."
)

HUNG_UP = "{where} hung up in the middle ({error}); its own log may say why."


class Trouble(Exception):
    """What is wrong, and what to do, in words."""


def look(config: Config) -> Iterator[Finding]:
    """One line: how far we got and how, or where it ended and what to do."""
    mail = config.mail
    if mail.is_folder:
        return
    try:
        level, words = _api(config) if mail.scheme == "mailgun+https" else _smtp(config)
        yield Finding(level, "mail", words)
    except Trouble as trouble:
        yield Finding(BAD, "mail", str(trouble))


def _seconds(config: Config) -> float:
    return min(LONGEST_WAIT, config.durations.smtp_connect.total_seconds())


def _connected(mail: Mail, seconds: float) -> socket.socket:
    where = f"{mail.host}:{mail.port}"
    try:
        socket.getaddrinfo(mail.host, mail.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Trouble(
            f"the name {mail.host} is not known ({error.strerror}); look at its spelling in MAIL_URL, and at this "
            "machine's DNS."
        ) from None
    try:
        return socket.create_connection((mail.host, mail.port), timeout=seconds)
    except ConnectionRefusedError:
        raise Trouble(f"{where} refuses connections: another port is meant, or no mail server runs there.") from None
    except TimeoutError:
        raise Trouble(
            f"{where} lets nobody through within {seconds:g} s: it is blocked on the way. {BLOCKED}"
        ) from None
    except OSError as error:
        raise Trouble(f"{where} cannot be reached: {error.strerror}. {BLOCKED}") from None


class _Connected(smtplib.SMTP):
    """Speaks over a connection that is there already."""

    def __init__(self, connection: socket.socket, *, host: str, name: str, seconds: float) -> None:
        super().__init__(local_hostname=name, timeout=seconds)
        self._given = connection
        self._host = host  # whose certificate STARTTLS wants to see

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._given


def _smtp(config: Config) -> tuple[str, str]:
    """Connect, TLS, greeting, STARTTLS, password; closes again without a word of mail."""
    mail, seconds, trust = config.mail, _seconds(config), ssl.create_default_context()
    where, name = f"{mail.host}:{mail.port}", urlsplit(config.public_base_url).hostname or "localhost"
    with _connected(mail, seconds) as plain:
        try:
            wire = trust.wrap_socket(plain, server_hostname=mail.host) if mail.scheme == "smtps" else plain
        except (OSError, ssl.SSLError) as error:
            raise Trouble(
                _tls(where, error, "smtp://, which begins in the clear, is meant for ports 25 and 587.")
            ) from None
        peer = _Connected(wire, host=mail.host, name=name, seconds=seconds)
        greeted = False
        try:
            code, greeting = peer.connect(mail.host, mail.port)
            if code != 220:
                raise Trouble(f"{where} greets with {code} {_told(greeting)}; it does not want to talk to us.")
            greeted = True
            peer.ehlo()
            is_sealed = mail.scheme == "smtps" or _starttls(peer, mail, trust, where)
            if mail.user:
                _sign_in(peer, mail, where, is_sealed=is_sealed)
            peer.quit()
        except (TimeoutError, smtplib.SMTPServerDisconnected) as error:
            if not isinstance(error, TimeoutError) and "timed out" not in str(error):
                raise Trouble(HUNG_UP.format(where=where, error=error)) from None
            if greeted:
                raise Trouble(f"{where} greets and then says nothing for {seconds:g} s; try again later.") from None
            hint = "a port that speaks TLS from the first byte wants smtps://" if mail.scheme == "smtp" else "try later"
            raise Trouble(f"{where} takes the connection and then says nothing for {seconds:g} s; {hint}.") from None
        except (OSError, smtplib.SMTPException) as error:
            raise Trouble(HUNG_UP.format(where=where, error=type(error).__name__)) from None
        finally:
            peer.close()
    how = "encrypted" if is_sealed else "not encrypted"
    words = f"{where} answers, {how}" + (", and takes our password" if mail.user else "")
    if is_sealed or mail.host in ("localhost", "127.0.0.1", "::1"):
        return GOOD, words
    return NOTE, f"{words}; whoever is on the way can read every mail"


def _starttls(peer: smtplib.SMTP, mail: Mail, trust: ssl.SSLContext, where: str) -> bool:
    if mail.starttls == "never":
        return False
    if not peer.has_extn("starttls"):
        if mail.starttls == "required":
            raise Trouble(
                f"{where} does not offer STARTTLS, which MAIL_URL requires; smtps:// may be meant (port 465)."
            )
        return False
    try:
        peer.starttls(context=trust)
    except (ssl.SSLError, smtplib.SMTPException) as error:
        raise Trouble(_tls(where, error, "its administrator has to mend it.")) from None
    peer.ehlo()
    return True


def _tls(where: str, error: Exception, hint: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"the certificate of {where} is not trusted: {error.verify_message}. Write the server's name in MAIL_URL "
            "as its certificate has it; for an authority of your own set SSL_CERT_FILE."
        )
    return f"{where} cannot begin TLS ({getattr(error, 'reason', None) or type(error).__name__}); {hint}"


def _sign_in(peer: smtplib.SMTP, mail: Mail, where: str, *, is_sealed: bool) -> None:
    if not is_sealed and mail.host not in ("localhost", "127.0.0.1", "::1"):
        raise Trouble(f"{where} offers no encryption, so our password is not sent; use smtps:// or another server.")
    try:
        peer.login(mail.user, mail.password)
    except smtplib.SMTPAuthenticationError as error:
        raise Trouble(
            f"{where} does not accept our user or password ({error.smtp_code} {_told(error.smtp_error)}); many want an "
            "application password, and %-signs for what is special in a URL."
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise Trouble(f"{where} takes no password; leave user and password out of MAIL_URL.") from None


def _api(config: Config) -> tuple[str, str]:
    mail = config.mail
    _connected(mail, _seconds(config)).close()
    try:
        with Mailgun(mail, config.durations) as api:
            status, answer = api.greet()
    except Unreachable as error:
        raise Trouble(f"{error} Look at MAIL_URL, and at this machine's certificates.") from None
    if status == 400:  # it misses the letter, so it knows us
        return GOOD, f"the mail API at {mail.host} answers and takes our key"
    if status in (401, 403):
        raise Trouble(
            f"the mail API at {mail.host} does not accept our key ({status} {_told(answer)}); make a new one."
        )
    if status == 404:
        raise Trouble(f"the mail API at {mail.host} does not know {mail.path} ({_told(answer)}); look at the domain.")
    raise Trouble(f"the mail API at {mail.host} answers {status} {_told(answer)}; try later, or ask its status page.")


def send_test(config: Config, to: str, *, now: dt.datetime) -> Finding:
    """Send one mail to an address, past the outbox, and say what became of it."""
    mail = config.mail
    if not mail.is_folder and not is_allowed(to, mail):
        return Finding(BAD, "test mail", "MAIL_ALLOW does not name this address; nothing was sent.")
    name = urlsplit(config.public_base_url).hostname or "localhost"
    try:
        with transport(mail, config.durations, name=name) as carrier:
            reply = carrier.deliver(_letter(config, to, now), lambda: True)
    except Unreachable as error:
        return Finding(BAD, "test mail", str(error))
    except Interrupted as error:
        return Finding(BAD, "test mail", f"{error} Nothing was sent.")
    except Uncertain:
        return Finding(BAD, "test mail", "the connection was lost after the mail had left; look whether it arrived.")
    except Refused as refused:
        return Finding(BAD, "test mail", _refusal(refused, mail))
    return Finding(
        GOOD,
        "test mail",
        f"taken ({reply.code} {_told(reply.answer)}); look where it arrives, and if among spam, at SPF, DKIM and DMARC",
    )


def _refusal(refused: Refused, mail: Mail) -> str:
    code, answer = refused.reply.code, _told(refused.reply.answer)
    said = f"refused ({code} {answer})"
    if code < 500:
        return f"{said}: for now only. Greylisting wants us to come again; real mail is tried again by itself."
    if refused.about_receiver and re.search(r"relay|5\.7\.[01]\b", answer, re.IGNORECASE):
        return f"{said}: the server does not send to others for us. Sign in with user and password in MAIL_URL."
    if refused.about_receiver:
        return f"{said}: the server does not want this receiver, or these words."
    return f"{said}: the server does not let us send as {sender_domain(mail)}. Set MAIL_FROM to one that it knows."


def _letter(config: Config, to: str, now: dt.datetime) -> Letter:
    _, sender = parseaddr(config.mail.sender)
    message = EmailMessage(policy=LINES)
    message["From"], message["To"], message["Subject"] = config.mail.sender, to, "A test from Undersigned"
    message["Date"], message["Message-ID"] = format_datetime(now), make_msgid(domain=sender_domain(config.mail))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(
        f"Whoever runs {config.public_base_url} sent this with `tracker doctor --mail-to`,\n"
        "to see whether its mail arrives. There is nothing to do.\n"
    )
    return Letter("test", sender, to, to, message.as_bytes(), needs_utf8=not to.isascii())


def _told(answer: bytes | str) -> str:
    """What a server said, on one line and without addresses."""
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return _ADDRESS.sub("…", " ".join(text.split()))[:200]
