"""How a letter leaves where mail ports are blocked: the very bytes, by HTTPS, to an API that speaks Mailgun's
`messages.mime` (docs/adr tells why this one).

As with SMTP there is one moment after which nobody can take a letter back: here the last bytes of the request, without
which no server can have it whole. They leave after `transmit()`. The API knows no key against doubles; a second copy
has the same Message-ID.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import secrets
import select
import ssl
from types import TracebackType
from typing import Self

from tracker.config import Durations, Mail
from tracker.mail.letter import Letter
from tracker.mail.transport import Interrupted, LeaseLost, Refused, Reply, Transmit, Uncertain, Unreachable

LONGEST_ANSWER = 64 * 1024
# Our side of it: neither links nor pictures may tell the API who reads (product.md: no tracking).
OPTIONS = {"o:tracking": "no", "o:tracking-clicks": "no", "o:tracking-opens": "no"}

# What is wrong with us or with the API, and with no letter: all mail waits, and each costs one attempt at most.
OURS = {
    401: "The mail API does not accept our key.",
    402: "The mail API wants to be paid first.",
    403: "The mail API does not let our key do this.",
    404: "The mail API does not know the domain in MAIL_URL.",
    429: "The mail API wants us to slow down.",
}
# The API itself says that it has not taken the letter.
LATER = frozenset({408, 425, 500, 503})
# Somebody between us and the API says that it got no answer: nobody can tell.
GATEWAYS = frozenset({502, 504})


class Mailgun:
    """One connection at a time, verified, used for several letters."""

    def __init__(self, mail: Mail, durations: Durations) -> None:
        self.mail = mail
        self.durations = durations
        self._connection: http.client.HTTPSConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._hang_up()

    def deliver(self, letter: Letter, transmit: Transmit) -> Reply:
        """Hand over one letter. Raises Refused, Unreachable, Interrupted, Uncertain or LeaseLost."""
        boundary = f"=_{secrets.token_hex(16)}"
        body = form({"to": letter.to, **OPTIONS}, letter.data, boundary)
        connection = self._ready()
        try:
            self._begin(connection, boundary, len(body))
            connection.send(body[:-4])
        except (OSError, http.client.HTTPException) as error:
            return self._answered_early(connection, error)
        if not transmit():
            self._hang_up()  # without its last bytes the request is none
            raise LeaseLost
        try:
            with contextlib.suppress(OSError):  # closed; what was said before that may still be heard
                connection.send(body[-4:])
            status, answer = self._hear(connection)
        except (OSError, http.client.HTTPException) as error:
            self._hang_up()
            raise Uncertain from error
        return judge(status, answer)

    def greet(self) -> tuple[int, str]:
        """Ask without a letter: 400 means that the key is accepted. Raises Unreachable."""
        connection = self._ready()
        body = form({}, b"", "=_nothing")
        try:
            self._begin(connection, "=_nothing", len(body))
            connection.send(body)
            return self._hear(connection)
        except (OSError, http.client.HTTPException) as error:
            self._hang_up()
            raise Unreachable(f"The mail API does not answer: {type(error).__name__}.") from error

    def _begin(self, connection: http.client.HTTPSConnection, boundary: str, length: int) -> None:
        secret = base64.b64encode(f"{self.mail.user}:{self.mail.password}".encode()).decode()
        connection.putrequest("POST", f"{self.mail.path}/messages.mime")
        connection.putheader("Authorization", f"Basic {secret}")
        connection.putheader("Content-Type", f'multipart/form-data; boundary="{boundary}"')
        connection.putheader("Content-Length", str(length))
        connection.endheaders()

    def _hear(self, connection: http.client.HTTPSConnection) -> tuple[int, str]:
        response = connection.getresponse()
        try:
            raw = response.read(LONGEST_ANSWER)
        except (OSError, http.client.HTTPException):
            raw = b""  # its status was heard, which is what counts
        if response.will_close or not response.isclosed():
            self._hang_up()
        return response.status, _words(raw) or response.reason

    def _answered_early(self, connection: http.client.HTTPSConnection, error: Exception) -> Reply:
        """An answer before our last bytes explains why the connection was closed; a "yes" cannot be one."""
        try:
            status, answer = self._hear(connection)
        except (OSError, http.client.HTTPException):
            status, answer = 0, ""
        self._hang_up()
        if status >= 400 and status not in GATEWAYS:
            return judge(status, answer)
        raise Interrupted(f"The connection was lost: {type(error).__name__}.") from error

    def _ready(self) -> http.client.HTTPSConnection:
        """A connection that is open: the one we have, or a new one. Raises Unreachable."""
        if self._connection is not None and self._connection.sock is not None:
            # Something to read before we asked: the server has closed it meanwhile.
            if not select.select([self._connection.sock], [], [], 0)[0]:
                return self._connection
            self._hang_up()
        connection = http.client.HTTPSConnection(
            self.mail.host,
            self.mail.port,
            timeout=self.durations.smtp_connect.total_seconds(),
            context=ssl.create_default_context(),
        )
        try:
            connection.connect()
        except ssl.SSLCertVerificationError as error:
            raise Unreachable(f"The mail API's certificate cannot be trusted: {error.verify_message}.") from error
        except OSError as error:
            raise Unreachable(f"The mail API cannot be reached: {type(error).__name__}.") from error
        connection.sock.settimeout(self.durations.smtp_command.total_seconds())
        self._connection = connection
        return connection

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def form(fields: dict[str, str], message: bytes, boundary: str) -> bytes:
    """The fields and the message as multipart/form-data."""
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    if message:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="message"; filename="message.eml"\r\n'
        parts.append(f"{head}Content-Type: message/rfc822\r\n\r\n".encode() + message + b"\r\n")
    return b"".join(parts) + f"--{boundary}--\r\n".encode()


def judge(status: int, answer: str) -> Reply:
    """What an HTTP answer means in the words of SMTP, which the outbox speaks. Raises as `deliver` does."""
    told = f"HTTP {status}: {answer}"
    if 200 <= status < 300:
        return Reply(250, told)
    if status in OURS or 300 <= status < 400:
        raise Unreachable(f"{OURS.get(status, 'The mail API sends us elsewhere; look at MAIL_URL.')} ({told})")
    if status in LATER:
        raise Refused(Reply(451, told))
    if status in GATEWAYS or status >= 500 or status < 200:
        raise Uncertain
    raise Refused(Reply(554, told))


def _words(raw: bytes) -> str:
    try:
        found = json.loads(raw)
    except ValueError:
        return ""
    words = found.get("message") if isinstance(found, dict) else None
    return " ".join(words.split())[:500] if isinstance(words, str) else ""
