"""How a letter leaves: by SMTP, by HTTPS (mailgun.py), or into a folder that a page shows.

`deliver(letter, transmit)` calls `transmit()` after everything that can still be taken back and before the bytes that
cannot; when it answers False the lease is lost and nothing leaves.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from tracker.config import Durations, Mail
from tracker.mail.letter import Letter

Transmit = Callable[[], bool]
LETTERS_A_CONNECTION = 50
_BARE_NEWLINE = re.compile(rb"\r\n|\n|\r(?!\n)")
_LEADING_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True)
class Reply:
    """What the server answered."""

    code: int
    answer: str


class Refused(Exception):
    """The server said no to this letter: 4xx for now, 5xx for good. `about_receiver` when it spoke of the address."""

    def __init__(self, reply: Reply, *, about_receiver: bool = False) -> None:
        super().__init__(reply.answer)
        self.reply = reply
        self.about_receiver = about_receiver


class Unreachable(Exception):
    """The server cannot be talked to now; no letter is to blame."""


class Interrupted(Exception):
    """The connection broke before the letter's bytes left: surely not sent."""


class Uncertain(Exception):
    """The connection broke after they had left: nobody can tell."""


class LeaseLost(Exception):
    """Somebody else may hold this row now; nothing was sent."""


class Carrier(Protocol):
    """What can carry letters, one after another, between its `with` and its end."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...

    def deliver(self, letter: Letter, transmit: Transmit) -> Reply:
        """Hand over one letter. Raises Refused, Unreachable, Interrupted, Uncertain or LeaseLost."""


class Folder:
    """Each letter a file of its own, readable by the owner alone. Delivers to nobody."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Nothing to close."""

    def deliver(self, letter: Letter, transmit: Transmit) -> Reply:
        """Write the file whole or not at all; the same letter again replaces it."""
        part = self.folder / f".{letter.public_id}.part"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(letter.data)
                file.flush()
                os.fsync(file.fileno())
            if not transmit():
                raise LeaseLost
            part.replace(self.folder / f"{letter.public_id}.eml")
        except OSError as error:
            raise Unreachable(f"The mail folder cannot be written: {error.strerror}.") from error
        finally:
            part.unlink(missing_ok=True)
        return Reply(250, "Kept in the mail folder.")


def remove_letter(mail: Mail, public_id: str) -> None:
    """Remove a letter's file, if mail goes to a folder and it is still there."""
    if mail.folder is not None:
        (mail.folder / f"{public_id}.eml").unlink(missing_ok=True)


class Smtp:
    """One connection at a time, used for several letters, verified where it is encrypted."""

    def __init__(self, mail: Mail, durations: Durations, *, name: str) -> None:
        self.mail = mail
        self.durations = durations
        self.name = name  # how we greet
        self._connection: smtplib.SMTP | None = None
        self._letters = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._hang_up(politely=error is None)

    def deliver(self, letter: Letter, transmit: Transmit) -> Reply:
        """Hand over one letter. Raises Refused, Unreachable, Interrupted, Uncertain or LeaseLost."""
        connection = self._ready()
        try:
            self._until_data(connection, letter)
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            raise Interrupted(f"The connection was lost: {type(error).__name__}.") from error
        if not transmit():
            self._hang_up()  # without the final dot: the server throws the letter away
            raise LeaseLost
        return self._after_data(connection, letter)

    def _until_data(self, connection: smtplib.SMTP, letter: Letter) -> None:
        options = []
        if letter.needs_utf8:
            if not connection.has_extn("smtputf8"):
                raise Refused(Reply(553, "The mail server takes no address with such letters."))
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        self._check(connection.mail(letter.sender, options))
        self._check(connection.rcpt(letter.to), about_receiver=True)
        self._check(connection.docmd("DATA"), wanted=3)

    def _after_data(self, connection: smtplib.SMTP, letter: Letter) -> Reply:
        data = _LEADING_DOT.sub(b"..", _BARE_NEWLINE.sub(b"\r\n", letter.data))
        if not data.endswith(b"\r\n"):
            data += b"\r\n"
        try:
            if connection.sock is not None:
                connection.sock.settimeout(self.durations.smtp_reply.total_seconds())
            connection.send(data + b".\r\n")
            code, answer = connection.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._hang_up()
            raise Uncertain from error
        if code // 100 not in (2, 4, 5):
            self._hang_up()
            raise Uncertain
        self._check((code, answer), about_receiver=True)
        if connection.sock is not None:
            connection.sock.settimeout(self.durations.smtp_command.total_seconds())
        return _reply(code, answer)

    def _check(self, heard: tuple[int, bytes], *, wanted: int = 2, about_receiver: bool = False) -> None:
        code, answer = heard
        if code // 100 == wanted:
            return
        if code == 421 or code < 400:  # the server is closing, or talks nonsense
            self._hang_up()
        if code < 400:
            raise smtplib.SMTPServerDisconnected("unexpected reply")
        raise Refused(_reply(code, answer), about_receiver=about_receiver)

    def _ready(self) -> smtplib.SMTP:
        """A connection that answers: the one we have, or a new one."""
        if self._connection is not None and self._letters < LETTERS_A_CONNECTION:
            try:
                if self._connection.rset()[0] == 250:
                    self._letters += 1
                    return self._connection
            except (OSError, smtplib.SMTPException):
                pass
        self._hang_up(politely=True)
        try:
            self._connection = self._connect()
        except ssl.SSLError as error:
            raise Unreachable(f"The mail server's certificate cannot be trusted: {error.reason}.") from error
        except smtplib.SMTPAuthenticationError as error:
            raise Unreachable(f"The mail server does not accept our user or password ({error.smtp_code}).") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"The mail server cannot be reached: {type(error).__name__}.") from error
        self._letters = 1
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        mail, seconds = self.mail, self.durations.smtp_connect.total_seconds()
        trust = ssl.create_default_context()
        if mail.scheme == "smtps":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                mail.host, mail.port, local_hostname=self.name, timeout=seconds, context=trust
            )
        else:
            connection = smtplib.SMTP(mail.host, mail.port, local_hostname=self.name, timeout=seconds)
        try:
            if connection.sock is not None:
                connection.sock.settimeout(self.durations.smtp_command.total_seconds())
            connection.ehlo_or_helo_if_needed()
            is_sealed = mail.scheme == "smtps"
            if not is_sealed and mail.starttls != "never":
                if connection.has_extn("starttls"):
                    connection.starttls(context=trust)
                    connection.ehlo_or_helo_if_needed()
                    is_sealed = True
                elif mail.starttls == "required":
                    raise Unreachable("The mail server does not offer STARTTLS, which MAIL_URL requires.")
            if mail.user:
                if not is_sealed and not _is_loopback(mail.host):
                    raise Unreachable("The mail server offers no encryption; the password is not sent in the clear.")
                connection.login(mail.user, mail.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _hang_up(self, *, politely: bool = False) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if politely:
                connection.quit()
        connection.close()


def transport(mail: Mail, durations: Durations, *, name: str) -> Carrier:
    """What MAIL_URL names."""
    if mail.is_folder and mail.folder is not None:
        return Folder(mail.folder)
    if mail.scheme == "mailgun+https":
        from tracker.mail.mailgun import Mailgun

        return Mailgun(mail, durations)
    return Smtp(mail, durations, name=name)


def _reply(code: int, answer: bytes) -> Reply:
    return Reply(code, answer.decode("utf-8", "replace"))


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
