"""A letter's way over SMTP, step by step: what to say and hear next stands here, who waits for it elsewhere."""

from __future__ import annotations

import contextlib
import enum
import re
import smtplib
import ssl
import time
from collections.abc import Generator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from tracker.config import Durations, Mail
from tracker.mail.letter import Letter
from tracker.mail.opening import open_connection
from tracker.mail.transport import Interrupted, LeaseLost, Refused, Reply, Transmit, Uncertain, Unreachable
from tracker.mail.wording import PLAIN_ADDRESS

# A connection costs as much as a few letters; a server that wants fewer says 421, which is no failed attempt.
LETTERS_A_CONNECTION = 200
CLOSING = 421  # the server ends the connection (RFC 5321, 3.8)
GOODBYE_SECONDS = 1.0  # how long the answer to QUIT is waited for
_BARE_NEWLINE = re.compile(rb"\r\n|\n|\r(?!\n)")
# Of the answers to MAIL, RCPT and DATA: what they begin with, and whether they speak of the receiver.
_WANTED, _ABOUT_RECEIVER = (2, 2, 3), (False, True, False)


@dataclass(frozen=True)
class Say:
    """A piece for the server, and how many answers it gives; `patience` is how long one may take, in seconds."""

    data: bytes
    answers: int
    patience: float


class Step(enum.Enum):
    """What else a talk waits for."""

    CONNECT = "connect"  # a new connection, or Unreachable
    ASK = "ask"  # whether the last bytes may leave


# A letter on its way, step by step: what it waits for goes out; answers, a connection or a permission come in.
Talk = Generator[Say | Step, Any, Reply]


class Smtp:
    """One connection at a time, used for several letters, verified where it is encrypted.

    A talk says what is to be said and heard next, and leaves it to others to wait: `deliver` waits for one letter,
    `wires.Wires` for many at once.
    """

    def __init__(self, mail: Mail, durations: Durations, *, name: str) -> None:
        self.mail = mail
        self.durations = durations
        self.name = name  # how we greet
        self.connection: smtplib.SMTP | None = None
        self._letters = 0
        self._is_fresh = True  # the server waits for a new letter
        self._longest, self._end = durations.smtp_talk.total_seconds(), float("inf")
        self._command, self._reply = durations.smtp_command.total_seconds(), durations.smtp_reply.total_seconds()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.hang_up(politely=error is None)

    def deliver(self, letter: Letter, transmit: Transmit) -> Reply:
        """Hand over one letter. Raises Refused, Unreachable, Interrupted, Uncertain or LeaseLost."""
        talk = self.talk(letter)
        step = next(talk)
        while True:
            try:
                try:
                    heard = self._heard(step, transmit)
                except (OSError, smtplib.SMTPException, Unreachable) as error:
                    step = talk.throw(error)
                else:
                    step = talk.send(heard)
            except StopIteration as end:
                reply: Reply = end.value
                return reply

    def _heard(self, step: Say | Step, transmit: Transmit) -> Any:
        if step is Step.CONNECT:
            return self.connect()
        if not isinstance(step, Say):
            return transmit()
        connection = self.connection
        if connection is None or connection.sock is None:
            raise smtplib.SMTPServerDisconnected("hung up")
        connection.sock.settimeout(step.patience)
        connection.send(step.data)
        return [connection.getreply() for _answer in range(step.answers)]

    def talk(self, letter: Letter) -> Talk:
        """Hand over one letter, step by step; raises what `deliver` raises. All that comes before the last bytes may
        take `smtp_talk` together, also where a server takes long over each answer: then the connection counts as lost.
        """
        self._end = time.monotonic() + self._longest
        return (yield from self._talk(letter))

    def _talk(self, letter: Letter) -> Talk:
        yield from self._ready()
        try:
            yield from self._until_data(letter)
        except (OSError, smtplib.SMTPException) as error:
            self.hang_up()
            if self._letters == 1 or time.monotonic() >= self._end:
                raise Interrupted(f"The connection was lost: {type(error).__name__}.") from error
            return (yield from self._talk(letter))  # the server had enough of the old connection
        except Refused as refused:
            if refused.reply.code != CLOSING or self._letters == 1:
                raise
            return (yield from self._talk(letter))
        if not (yield Step.ASK):
            self.hang_up()  # without the final dot: the server throws the letter away
            raise LeaseLost
        return (yield from self._after_data(letter))

    def _until_data(self, letter: Letter) -> Generator[Say | Step, Any, None]:
        self._is_fresh = False
        options = ""
        if letter.needs_utf8:
            if not self._offers("smtputf8"):
                raise Refused(Reply(553, "The mail server takes no address with such letters."))
            options = " SMTPUTF8 BODY=8BITMIME"
        commands = (
            f"MAIL FROM:{_quoted(letter.sender)}{options}", f"RCPT TO:{_quoted(letter.to)}", "DATA",
        )  # fmt: skip
        said = [f"{command}\r\n".encode() for command in commands]
        if any(piece.count(b"\n") > 1 or piece.count(b"\r") > 1 for piece in said):
            raise ValueError("An address must be on one line.")
        if not self._offers("pipelining"):
            for piece, wanted, about_receiver in zip(said, _WANTED, _ABOUT_RECEIVER, strict=True):
                (heard,) = yield Say(piece, 1, self._patience())
                self._check(heard, wanted=wanted, about_receiver=about_receiver)
            self._patience()
            return
        # In one piece (RFC 2920): one journey to the server and back instead of three.
        answers = yield Say(b"".join(said), 3, self._patience())
        try:
            for heard, wanted, about_receiver in zip(answers, _WANTED, _ABOUT_RECEIVER, strict=True):
                self._check(heard, wanted=wanted, about_receiver=about_receiver)
        except Refused:
            if answers[-1][0] // 100 == 3:  # it waits for the bytes all the same
                self.hang_up()
            raise

    def _patience(self) -> float:
        """How long a command may wait for its answer. Raises TimeoutError when the talk has taken too long already."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(self._command, left)

    def _offers(self, extension: str) -> bool:
        return self.connection is not None and self.connection.has_extn(extension)

    def _after_data(self, letter: Letter) -> Talk:
        data = _as_lines(letter)
        try:
            ((code, answer),) = yield Say(data + b".\r\n", 1, self._reply)
        except (OSError, smtplib.SMTPException) as error:
            self.hang_up()
            raise Uncertain from error
        if code // 100 not in (2, 4, 5):
            self.hang_up()
            raise Uncertain
        self._check((code, answer), about_receiver=True)
        self._is_fresh = True
        return _reply(code, answer)

    def _check(self, heard: tuple[int, bytes], *, wanted: int = 2, about_receiver: bool = False) -> None:
        code, answer = heard
        if code // 100 == wanted:
            return
        if code == CLOSING or code < 400:  # the server is closing, or talks nonsense
            self.hang_up()
        if code < 400:
            raise smtplib.SMTPServerDisconnected("unexpected reply")
        raise Refused(_reply(code, answer), about_receiver=about_receiver)

    def _ready(self) -> Generator[Say | Step, Any, None]:
        """A connection that answers: the one we have, or a new one."""
        if self.connection is not None and self._letters < LETTERS_A_CONNECTION:
            if self._is_fresh:
                self._letters += 1
                return
            try:
                # After what was not taken the server must forget it; and one that was left alone may be gone.
                ((code, _answer),) = yield Say(b"rset\r\n", 1, self._patience())
                if code == 250:
                    self._letters += 1
                    return
            except (OSError, smtplib.SMTPException):
                pass
        if self.connection is not None:
            with contextlib.suppress(OSError, smtplib.SMTPException):
                yield Say(b"quit\r\n", 1, GOODBYE_SECONDS)
        self.hang_up()
        self.connection = yield Step.CONNECT
        self._letters, self._is_fresh = 1, True

    def connect(self) -> smtplib.SMTP:
        """A new connection, greeted and if need be encrypted; waits for it. Raises Unreachable."""
        try:
            return open_connection(self.mail, self.durations, name=self.name, until=self._end)
        except ssl.SSLError as error:
            raise Unreachable(f"The mail server's certificate cannot be trusted: {error.reason}.") from error
        except smtplib.SMTPAuthenticationError as error:
            raise Unreachable(f"The mail server does not accept our user or password ({error.smtp_code}).") from error
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"The mail server cannot be reached: {type(error).__name__}.") from error

    def hang_up(self, *, politely: bool = False) -> None:
        """End the connection, if there is one."""
        connection, self.connection = self.connection, None
        if connection is None:
            return
        with contextlib.suppress(OSError, smtplib.SMTPException):
            if politely and connection.sock is not None:
                connection.sock.settimeout(GOODBYE_SECONDS)
                connection.quit()
        connection.close()


def _as_lines(letter: Letter) -> bytes:
    """As it goes on the wire: whole lines, with another dot before one in front (RFC 5321, 4.5.2)."""
    data = letter.data
    if not (letter.has_lines or data.count(b"\r\n") == data.count(b"\n") == data.count(b"\r")):
        data = _BARE_NEWLINE.sub(b"\r\n", data)
    data = data.replace(b"\n.", b"\n..")
    return (b"." if data.startswith(b".") else b"") + data + (b"" if data.endswith(b"\r\n") else b"\r\n")


def _quoted(address: str) -> str:
    return f"<{address}>" if PLAIN_ADDRESS.fullmatch(address) else smtplib.quoteaddr(address)


def _reply(code: int, answer: bytes) -> Reply:
    return Reply(code, answer.decode("utf-8", "replace"))
