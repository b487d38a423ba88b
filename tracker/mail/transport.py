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
CLOSING = 421  # the server ends the connection (RFC 5321, 3.8)
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
        self._is_fresh = True  # the server waits for a new letter

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
            if self._letters == 1:
                raise Interrupted(f"The connection was lost: {type(error).__name__}.") from error
            return self.deliver(letter, transmit)  # the server had enough of the old connection
        except Refused as refused:
            if refused.reply.code != CLOSING or self._letters == 1:
                raise
            return self.deliver(letter, transmit)
        if not transmit():
            self._hang_up()  # without the final dot: the server throws the letter away
            raise LeaseLost
        return self._after_data(connection, letter)

    def _until_data(self, connection: smtplib.SMTP, letter: Letter) -> None:
        self._is_fresh = False
        if connection.has_extn("pipelining") and not letter.needs_utf8:
            return self._until_data_at_once(connection, letter)
        options = []
        if letter.needs_utf8:
            if not connection.has_extn("smtputf8"):
                raise Refused(Reply(553, "The mail server takes no address with such letters."))
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        self._check(connection.mail(letter.sender, options))
        self._check(connection.rcpt(letter.to), about_receiver=True)
        self._check(connection.docmd("DATA"), wanted=3)
        return None

    def _until_data_at_once(self, connection: smtplib.SMTP, letter: Letter) -> None:
        """The three commands in one piece (RFC 2920): one journey to the server and back instead of three."""
        commands = (
            f"MAIL FROM:{smtplib.quoteaddr(letter.sender)}", f"RCPT TO:{smtplib.quoteaddr(letter.to)}", "DATA",
        )  # fmt: skip
        if any("\r" in command or "\n" in command for command in commands):
            raise ValueError("An address must be on one line.")
        connection.send("\r\n".join([*commands, ""]))
        heard = [connection.getreply() for _command in commands]
        try:
            for (code, answer), wanted, about_receiver in zip(heard, (2, 2, 3), (False, True, False), strict=True):
                self._check((code, answer), wanted=wanted, about_receiver=about_receiver)
        except Refused:
            if heard[-1][0] // 100 == 3:  # it waits for the bytes all the same
                self._hang_up()
            raise

    def _after_data(self, connection: smtplib.SMTP, letter: Letter) -> Reply:
        data = letter.data
        if not data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r"):
            data = _BARE_NEWLINE.sub(b"\r\n", data)
        if data.startswith(b".") or b"\n." in data:
            data = _LEADING_DOT.sub(b"..", data)
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
        self._is_fresh = True
        return _reply(code, answer)

    def _check(self, heard: tuple[int, bytes], *, wanted: int = 2, about_receiver: bool = False) -> None:
        code, answer = heard
        if code // 100 == wanted:
            return
        if code == CLOSING or code < 400:  # the server is closing, or talks nonsense
            self._hang_up()
        if code < 400:
            raise smtplib.SMTPServerDisconnected("unexpected reply")
        raise Refused(_reply(code, answer), about_receiver=about_receiver)

    def _ready(self) -> smtplib.SMTP:
        """A connection that answers: the one we have, or a new one."""
        if self._connection is not None and self._letters < LETTERS_A_CONNECTION:
            try:
                # After what was not taken the server must forget it; and one that was left alone may be gone.
                if self._is_fresh or self._connection.rset()[0] == 250:
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
        self._letters, self._is_fresh = 1, True
        return self._connection

    def _connect(self) -> smtplib.SMTP:
        mail, seconds = self.mail, self.durations.smtp_connect.total_seconds()
        if mail.scheme == "smtps":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                mail.host, mail.port, local_hostname=self.name, timeout=seconds, context=ssl.create_default_context()
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
                    connection.starttls(context=ssl.create_default_context())
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
