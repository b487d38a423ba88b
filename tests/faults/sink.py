"""An SMTP server that fails in every way a real one does, each receiver in one way, and remembers what it accepted.

How it treats somebody is the part of their address before the first dash: `greylist-7@example.org`.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

# What becomes of a mail to whom. "once" means: the first time; after that it is accepted.
WAYS = {
    "fine": "accepted",
    "slow": "accepted, after a moment",
    "greylist": "451 to RCPT twice, then accepted",
    "nobody": "550 5.1.1 to RCPT, always",
    "spam": "554 after the dot, always",
    "full": "452 after the dot once",
    "cutmail": "connection cut at MAIL once",
    "cutrcpt": "connection cut at RCPT once",
    "cutdata": "connection cut at DATA once",
    "cutbody": "connection cut amid the body once",
    "taken": "accepted, then the connection is cut before the answer, once",
}
REFUSED = {"nobody", "spam"}
_MESSAGE_ID = re.compile(rb"(?im)^Message-ID: (\S+)")


@dataclass
class FaultSink:
    """Listens on a free port of the loopback; `copies` counts what was accepted, by receiver and Message-ID."""

    accepted: list[tuple[str, str]] = field(default_factory=list)
    sealed: list[bytes] = field(default_factory=list)
    slow: float = 0.3  # seconds that a slow one takes over its last word
    talks: int = 0  # with how many clients it talks now
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
            threading.Thread(target=self._talk_safely, args=(connection,), daemon=True).start()

    def _talk_safely(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rwb") as stream:
                self._talk(stream)
        except OSError:
            pass  # whoever talked to us was killed
        finally:
            with self._lock:
                self.talks -= 1

    def _first(self, receiver: str, what: str, times: int = 1) -> bool:
        """Whether this is one of the first times."""
        with self._lock:
            self._tried[receiver, what] += 1
            return self._tried[receiver, what] <= times

    def _talk(self, stream: object) -> None:
        def say(line: str) -> None:
            stream.write(line.encode() + b"\r\n")  # type: ignore[attr-defined]
            stream.flush()  # type: ignore[attr-defined]

        receiver = way = ""
        say("220 here")
        while line := stream.readline():  # type: ignore[attr-defined]
            verb = line.split()[0].upper()
            if verb == b"QUIT":
                say("221 bye")
                return
            if verb == b"RCPT":
                receiver = line.partition(b"<")[2].partition(b">")[0].decode()
                way = receiver.partition("-")[0]
                if way == "cutrcpt" and self._first(receiver, way):
                    return
                if way == "cutmail" and self._first(receiver, way):
                    return
                if way == "greylist" and self._first(receiver, way, 2):
                    say("451 4.7.1 come again")
                    continue
                if way == "nobody":
                    say("550 5.1.1 nobody")
                    continue
            if verb == b"DATA":
                if way == "cutdata" and self._first(receiver, way):
                    return
                say("354 go")
                if way == "cutbody" and self._first(receiver, way):
                    stream.read(64)  # type: ignore[attr-defined]
                    return
                data = b""
                while (part := stream.readline()) not in (b".\r\n", b""):  # type: ignore[attr-defined]
                    data += part
                if part == b"":
                    return
                if way == "slow":
                    time.sleep(self.slow)  # it takes it even from a client that is gone meanwhile
                if way == "full" and self._first(receiver, way):
                    say("452 4.2.2 full")
                    continue
                if way == "spam":
                    say("554 5.7.1 no")
                    continue
                found = _MESSAGE_ID.search(data)
                with self._lock:
                    self.accepted.append((receiver, found[1].decode() if found else ""))
                    self.sealed.append(data)
                if way == "taken" and self._first(receiver, way):
                    return
            say("250 ok")
