"""One SMTP connection that is served when it has something to say or to hear (wires.py)."""

from __future__ import annotations

import select
import selectors
import smtplib
import socket
import ssl
import time
from typing import Any, Protocol

from tracker.mail.lanes import Outcome, Parcel
from tracker.mail.smtp import Say, Smtp, Step, Talk
from tracker.mail.transport import Interrupted, LeaseLost, Refused, Uncertain, Unreachable

A_PIECE = 65_536
LONGEST_ANSWER = 100_000  # bytes; a server that says more talks nonsense
_NOT_NOW = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Keeper(Protocol):
    """Whoever has many wires and waits at all of them."""

    def ask(self, parcel: Parcel) -> None:
        """The server waits for the last bytes: may they leave?"""

    def finish(self, wire: Wire, parcel: Parcel, outcome: Outcome) -> None:
        """Note what became of a parcel."""

    def connect(self, wire: Wire) -> None:
        """Open a connection for it."""

    def know(self, wire: Wire) -> None:
        """Wait at the socket that the wire has now."""

    def wait_for(self, wire: Wire, *, to_write: bool) -> None:
        """Wait for room as well, or no longer."""

    def wait_for_nothing(self, wire: Wire) -> None:
        """Its socket is gone."""


class Wire:
    """One connection, and the letter that is on it."""

    def __init__(self, keeper: Keeper, smtp: Smtp) -> None:
        self._keeper, self.smtp = keeper, smtp
        self.parcel: Parcel | None = None
        self.is_parked = False
        self.socket: socket.socket | None = None  # as the selector knows it
        self.until: float | None = None  # when the server's time for what it owes is over
        self._talk: Talk | None = None
        self._owed = 0  # answers
        self._answers: list[tuple[int, bytes]] = []
        self._heard, self._lines = b"", list[bytes]()
        self._unsaid = b""

    def take(self, parcel: Parcel) -> None:
        """Begin with a letter."""
        self.parcel, self._talk = parcel, self.smtp.talk(parcel.letter)
        parcel.go_on = self.go_on
        self.go_on_with(None)

    def go_on(self) -> None:
        """The sender said whether the last bytes may leave."""
        if self.parcel is not None:
            self.go_on_with(self.parcel.is_granted)

    def go_on_with(self, heard: Any, error: Exception | None = None) -> None:
        """Take up the talk with what was waited for."""
        self.until = None
        parcel, talk = self.parcel, self._talk
        if parcel is None or talk is None:
            return
        outcome: Outcome
        try:
            step = talk.send(heard) if error is None else talk.throw(error)
            self._keeper.know(self)
            self._begin(step)
            return
        except StopIteration as end:
            outcome = end.value
        except (Refused, Interrupted, Uncertain, LeaseLost, Unreachable) as problem:
            outcome = problem
        except Exception as problem:  # a fault of ours in one mail must not take the wire from all others
            self.smtp.hang_up()
            name = type(problem).__name__
            outcome = Uncertain() if parcel.is_granted else Interrupted(f"The mail could not be handed over: {name}.")
        self._keeper.know(self)
        self.parcel = self._talk = None
        self._keeper.finish(self, parcel, outcome)

    def _begin(self, step: Say | Step) -> None:
        if step is Step.CONNECT:
            self._heard, self._lines, self._unsaid = b"", [], b""
            self._keeper.connect(self)
        elif not isinstance(step, Say):
            assert self.parcel is not None
            self._keeper.ask(self.parcel)
        else:
            self._owed, self._answers = step.answers, []
            self.until = time.monotonic() + step.patience
            self.say(step.data)

    def say(self, data: bytes) -> None:
        """Send as much as goes; the rest when there is room."""
        if self.socket is None:
            self.go_on_with(None, smtplib.SMTPServerDisconnected("hung up"))
            return
        try:
            sent = self.socket.send(data)
        except _NOT_NOW:
            sent = 0
        except OSError as error:
            self.go_on_with(None, error)
            return
        self._unsaid = data[sent:]
        self._keeper.wait_for(self, to_write=bool(self._unsaid))

    def serve(self, events: int) -> None:
        """The server has said something, or has room."""
        if events & selectors.EVENT_WRITE and self._unsaid:
            self.say(self._unsaid)
        if not events & selectors.EVENT_READ or self.socket is None:
            return
        try:
            piece = self.socket.recv(A_PIECE)
            while isinstance(self.socket, ssl.SSLSocket) and (left := self.socket.pending()):
                piece += self.socket.recv(left)  # decrypted already, so that the selector would not tell of it
        except _NOT_NOW:
            return
        except OSError as error:
            self._lost(error)
            return
        if not piece:
            self._lost(smtplib.SMTPServerDisconnected("Connection unexpectedly closed"))
            return
        *lines, self._heard = (self._heard + piece).split(b"\n")
        for line in lines:
            self.understand(line)
        if len(self._heard) + sum(map(len, self._lines)) > LONGEST_ANSWER:
            self._lost(smtplib.SMTPServerDisconnected("Line too long."))
        elif self._owed and len(self._answers) >= self._owed:
            answers, self._answers, self._owed = self._answers[: self._owed], self._answers[self._owed :], 0
            self.go_on_with(answers)

    def understand(self, line: bytes) -> bool:
        """One line of an answer: a number, then "-" if more follows. Whether it was the last one."""
        self._lines.append(line[4:].strip(b" \t\r\n"))
        if line[3:4] == b"-" and line[:3].isdigit():
            return False
        self._answers.append((int(line[:3]) if line[:3].isdigit() else -1, b"\n".join(self._lines)))
        self._lines = []
        return True

    def _lost(self, error: Exception) -> None:
        """The connection is gone; whoever says nothing on it finds out when it does."""
        self._keeper.wait_for_nothing(self)
        if self._owed:
            self._owed = 0
            self.go_on_with(None, error)

    def wait_alone(self) -> None:
        """In a thread of its own: until the server's last word, or until its time is over."""
        while self.parcel is not None:
            if self.socket is None:
                self.go_on_with(None, TimeoutError())
                continue
            poll = select.poll()
            poll.register(self.socket, select.POLLIN | (select.POLLOUT if self._unsaid else 0))
            # Looked at even when the time is over: the sender may have waited for the database all the while.
            events = poll.poll(1000 * max(0.0, (self.until or 0) - time.monotonic()))
            if not events:
                self.go_on_with(None, TimeoutError())
            for _file, event in events:
                writes = selectors.EVENT_WRITE if event & select.POLLOUT else 0
                self.serve(writes | (selectors.EVENT_READ if event & ~select.POLLOUT else 0))
