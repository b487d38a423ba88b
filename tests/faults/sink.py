"""An SMTP server that fails in every way a real one does, each receiver in one way, and remembers what it accepted.

How it treats somebody is the part of their address before the first dash: `greylist-7@example.org`. Connections are
offered PIPELINING (RFC 2920) as `pipelining` says, by default every other one: the sender then sends MAIL, RCPT and
DATA in one piece, and each of them may be answered, refused or cut in the middle of it.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from io import BufferedReader

# What becomes of a mail to whom. "once" means: the first time; after that it is accepted.
WAYS = {
    "fine": "accepted",
    "slow": "accepted, after a moment",
    "greylist": "451 to RCPT twice, then accepted",
    "nobody": "550 5.1.1 to RCPT, always",
    "spam": "554 after the dot, always",
    "full": "452 after the dot once",
    "unwanted": "550 5.1.1 to RCPT, always, and 354 to a DATA that came with it",
    "cutmail": "connection cut at MAIL once; where commands come one by one, right after its answer",
    "cutrcpt": "connection cut at RCPT once",
    "cutdata": "connection cut at DATA once",
    "cutgo": "connection cut right after 354 once",
    "cutbody": "connection cut amid the body once",
    "taken": "accepted, then the connection is cut before the answer, once",
}
# Who is held until the test lets them: "mute" before the answer to RCPT, "thinks" when the mail is taken already.
HELD = ("mute", "thinks")
REFUSED = {"nobody", "spam", "unwanted"}
_RECEIVER = re.compile(rb"(?i)RCPT TO:<([^>]*)>")
_MESSAGE_ID = re.compile(rb"(?im)^Message-ID: (\S+)")


@dataclass
class FaultSink:
    """Listens on a free port of the loopback; `copies` counts what was accepted, by receiver and Message-ID."""

    accepted: list[tuple[str, str]] = field(default_factory=list)
    sealed: list[bytes] = field(default_factory=list)
    slow: float = 0.3  # seconds that a slow one takes over its last word
    talks: int = 0  # with how many clients it talks now
    gates: dict[str, threading.Event] = field(default_factory=lambda: {way: threading.Event() for way in HELD})
    held: set[str] = field(default_factory=set)  # whose mail waits at a gate, or did
    pipelining: tuple[bool, ...] = (True, False)  # whether it is offered, to one connection after another
    pieces: int = 0  # mails whose commands came in one piece
    refusals: dict[str, str] = field(default_factory=dict)  # by verb, "connect" or "dot": what it says there once
    _connections: int = 0
    _tried: Counter[tuple[str, str]] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=100)
        self.port: int = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, name="fault sink", daemon=True).start()

    @property
    def url(self) -> str:
        """The MAIL_URL of this sink."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def copies(self) -> dict[str, Counter[str]]:
        """By receiver: each Message-ID and how often it was accepted."""
        with self._lock:
            found: dict[str, Counter[str]] = defaultdict(Counter)
            for receiver, message_id in self.accepted:
                found[receiver][message_id] += 1
            return found

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self.accepted.clear()
            self.sealed.clear()
            self._tried.clear()
            self._connections = self.pieces = 0

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            with self._lock:
                self.talks += 1
                offers = self.pipelining[self._connections % len(self.pipelining)]
                self._connections += 1
            threading.Thread(target=self._talk_safely, args=(connection, offers), daemon=True).start()

    def _talk_safely(self, connection: socket.socket, offers: bool) -> None:
        try:
            with connection, connection.makefile("rb") as heard:
                _Talk(self, connection, heard, offers).run()
        except OSError:
            pass  # whoever talked to us was killed
        finally:
            with self._lock:
                self.talks -= 1

    def is_first(self, receiver: str, what: str, times: int = 1) -> bool:
        """Whether this is one of the first times."""
        with self._lock:
            self._tried[receiver, what] += 1
            return self._tried[receiver, what] <= times

    def take(self, receiver: str, data: bytes) -> None:
        """Remember what was accepted."""
        found = _MESSAGE_ID.search(data)
        with self._lock:
            self.accepted.append((receiver, found[1].decode() if found else ""))
            self.sealed.append(data)

    def hold(self, receiver: str, way: str) -> None:
        """Say nothing until the gate is open."""
        with self._lock:
            self.held.add(receiver)
        self.gates[way].wait(300)

    def note_piece(self) -> None:
        """A mail's commands came in one piece."""
        with self._lock:
            self.pieces += 1


class _Cut(Exception):
    """It hangs up."""


class _Talk:
    """What it says on one connection."""

    def __init__(self, sink: FaultSink, connection: socket.socket, heard: BufferedReader, offers: bool) -> None:
        self._sink = sink
        self._connection = connection
        self._heard = heard
        self._offers = offers
        self._receiver = self._way = ""
        self._is_refused = False

    def run(self) -> None:
        """Answer until one of both hangs up."""
        refusal = self._sink.refusals.pop("connect", "")
        self._say(refusal or "220 here")
        try:
            while not refusal and (line := self._heard.readline()):
                verb = line.split()[0].upper().decode()
                if verb == "QUIT":
                    self._say("221 bye")
                    return
                if words := self._sink.refusals.pop(verb, ""):
                    self._is_refused |= verb in ("MAIL", "RCPT")
                    self._offers &= verb != "EHLO"
                    self._say(words)
                    if words.startswith("421"):
                        return
                    continue
                self._say({"EHLO": self._greet, "MAIL": self._mail, "DATA": self._data}.get(verb, self._fine)(line))
        except _Cut:
            return

    def _say(self, line: str) -> None:
        self._connection.sendall(line.encode() + b"\r\n")

    def _is_first(self, times: int = 1) -> bool:
        return self._sink.is_first(self._receiver, self._way, times)

    def _cut_if(self, way: str) -> None:
        if self._way == way and self._is_first():
            raise _Cut

    def _fine(self, line: bytes) -> str:
        return self._rcpt(line) if line[:4].upper() == b"RCPT" else "250 ok"

    def _greet(self, line: bytes) -> str:
        return "250-here\r\n250-PIPELINING\r\n250 8BITMIME" if self._offers else "250 here"

    def _mail(self, line: bytes) -> str:
        self._receiver = self._way = ""
        self._is_refused = False
        if self._offers and (found := _RECEIVER.search(self._heard.peek())):
            self._sink.note_piece()
            self._is_for(found[1])
            self._cut_if("cutmail")
        return "250 ok"

    def _is_for(self, receiver: bytes) -> None:
        self._receiver = receiver.decode()
        self._way = self._receiver.partition("-")[0]

    def _rcpt(self, line: bytes) -> str:
        found = _RECEIVER.match(line)
        self._is_for(found[1] if found else b"")
        self._cut_if("cutmail")
        self._cut_if("cutrcpt")
        if self._way == "mute":
            self._sink.hold(self._receiver, self._way)
        if self._way == "greylist" and self._is_first(2):
            self._is_refused = True
            return "451 4.7.1 come again"
        if self._way in ("nobody", "unwanted"):
            self._is_refused = True
            return "550 5.1.1 nobody"
        return "250 ok"

    def _data(self, line: bytes) -> str:
        if self._is_refused and self._way != "unwanted":
            return "503 5.5.1 no receiver"
        self._cut_if("cutdata")
        self._say("354 go")
        self._cut_if("cutgo")
        if self._way == "cutbody" and self._is_first():
            self._heard.read(64)
            raise _Cut
        data = b""
        while (part := self._heard.readline()) not in (b".\r\n", b""):
            data += part
        if part == b"":
            raise _Cut
        if self._way == "slow":
            time.sleep(self._sink.slow)  # it takes it even from a client that is gone meanwhile
        if self._way == "full" and self._is_first():
            return "452 4.2.2 full"
        if self._is_refused or self._way == "spam":
            return "554 5.7.1 no"
        if words := self._sink.refusals.pop("dot", ""):
            return words
        self._sink.take(self._receiver, data)
        if self._way == "thinks":
            self._sink.hold(self._receiver, self._way)
        self._cut_if("taken")
        return "250 ok"
