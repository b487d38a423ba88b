"""Several SMTP connections at once, in the sender's own thread: whoever has something to say or to hear is served.

A thread for each connection spends five times as long on waking and waiting as on the mail. Only two things are left
to threads of their own: opening a connection, which asks a name server and may encrypt, and a server that takes long
over its last word. That one is parked: it holds up no other mail, and settles its own when the word comes (digests.md,
rule 4). The interface is that of `lanes.Lanes`.
"""

from __future__ import annotations

import contextlib
import selectors
import smtplib
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable

from tracker.mail.lanes import GATHER_SECONDS, Ahead, Outcome, Parcel
from tracker.mail.last_words import late
from tracker.mail.smtp import GOODBYE_SECONDS, Smtp
from tracker.mail.transport import Unreachable
from tracker.mail.wire import A_PIECE, Wire

_LOOK_SECONDS = 0.25  # how often it is looked whose patience is over


class Wires(Ahead):
    """Up to `most` wires. One opens first; the others follow once a server has answered and work is left.

    `settle_late` is called in the thread of a parked wire with the parcel whose outcome came at last.
    """

    def __init__(
        self, open_smtp: Callable[[], Smtp], *, most: int, park_after: float, settle_late: Callable[[Parcel], None]
    ) -> None:
        super().__init__(most=most, settle_late=settle_late)
        self._open_smtp, self._park_after = open_smtp, park_after
        self._wires: list[Wire] = []
        self._heard: list[Parcel] = []
        self._connected: deque[tuple[Wire, smtplib.SMTP | Unreachable]] = deque()
        self._selector = selectors.DefaultSelector()
        self._woken, self._waking = socket.socketpair()
        self._woken.setblocking(False)
        self._selector.register(self._woken, selectors.EVENT_READ)
        self._has_answered = self._is_closed = False
        self._lock = threading.Lock()  # connections are opened in threads of their own
        self._look_at = 0.0

    # What the sender calls

    def put(self, parcels: Iterable[Parcel]) -> None:
        """Give the wires work."""
        self.look_ahead()
        self.waiting.extend(parcels)
        self._open_wires()
        self._feed()

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits, nothing is carried and nothing was heard that was not fetched."""
        return not self.waiting and not self._heard and not self._busy()

    def fetch(self, seconds: float) -> list[Parcel]:
        """What was said, very soon after the first spoke: parcels that ask, and parcels with an outcome."""
        end = time.monotonic() + seconds
        while not self._heard and (left := end - time.monotonic()) > 0:
            self._serve(left)
        end = time.monotonic() + GATHER_SECONDS
        while self._more_may_speak() and (left := end - time.monotonic()) > 0:
            self._serve(left)
        heard, self._heard = self._heard, []
        return heard

    def park_slow(self) -> int:
        """Let go of wires that wait too long for a server's last word; others take their place."""
        before = time.monotonic() - self._park_after
        slow = [
            wire
            for wire in self._wires
            if wire.parcel and wire.parcel.is_granted and wire.parcel.asked_at is not None
            and wire.parcel.asked_at < before
        ]  # fmt: skip
        for wire in slow:
            self._park(wire)
        if slow:
            self._open_wires()
            self._feed()
        return len(slow)

    def close(self) -> list[Parcel]:
        """Nothing more comes. Who was granted the last bytes settles by itself; what is not sent is returned."""
        with self._lock:
            self._is_closed = True
        carried = {wire: wire.parcel for wire in self._wires if wire.parcel is not None}
        for wire, parcel in carried.items():
            if parcel.is_granted:
                self._park(wire)
        self._say_goodbye()
        for parcel in self._heard:
            self.settle_late(parcel)
        left = [*carried.values(), *(parcel for parcel in self._heard if parcel.outcome is not None)]
        self._selector.close()
        self._woken.close()
        self._waking.close()
        return [parcel for parcel in left if not parcel.is_granted]

    # What wires call

    def ask(self, parcel: Parcel) -> None:
        """The server waits for the last bytes: may they leave?"""
        parcel.asked_at = time.monotonic()
        self._heard.append(parcel)
        if not self._has_answered:
            self._has_answered = True

    def finish(self, wire: Wire, parcel: Parcel, outcome: Outcome) -> None:
        """Note what became of a parcel, and go on with the next."""
        parcel.outcome = outcome
        if wire.is_parked:
            if parcel.is_granted:
                self.settle_now(parcel)
            wire.smtp.hang_up(politely=True)
            return
        if isinstance(outcome, Unreachable):
            self.is_unreachable = True
        self._heard.append(parcel)

    def connect(self, wire: Wire) -> None:
        """Open a connection in a thread of its own."""

        def open_one() -> None:
            try:
                found: smtplib.SMTP | Unreachable = wire.smtp.connect()
            except Unreachable as error:
                found = error
            except Exception as error:
                found = Unreachable(f"The mail server cannot be reached: {type(error).__name__}.")
            with self._lock:
                if not self._is_closed:
                    self._connected.append((wire, found))
                    self._waking.send(b".")
                elif isinstance(found, smtplib.SMTP):
                    found.close()

        threading.Thread(target=open_one, name="mail wire opens", daemon=True).start()

    def know(self, wire: Wire) -> None:
        """Wait at the socket that the wire has now."""
        connection = wire.smtp.connection
        now = connection.sock if connection is not None else None
        if wire.socket is now:
            return
        self.wait_for_nothing(wire)
        if now is not None:
            now.setblocking(False)
            wire.socket = now
            self._selector.register(now, selectors.EVENT_READ, wire)

    def wait_for(self, wire: Wire, *, to_write: bool) -> None:
        """Wait for room as well, or no longer."""
        if wire.socket is None or wire.is_parked:
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if to_write else 0)
        if self._selector.get_key(wire.socket).events != events:
            self._selector.modify(wire.socket, events, wire)

    def wait_for_nothing(self, wire: Wire) -> None:
        """Its socket is gone, or another's to wait at."""
        if wire.socket is not None and not wire.is_parked:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(wire.socket)
        wire.socket = None

    # What is ours

    def _serve(self, seconds: float) -> None:
        for key, events in self._selector.select(min(seconds, _LOOK_SECONDS)):
            if key.data is None:
                with contextlib.suppress(BlockingIOError):
                    self._woken.recv(A_PIECE)
                self._greet()
            elif key.data.socket is key.fileobj:  # not one that was hung up meanwhile
                key.data.serve(events)
        self._open_wires()
        self._feed()
        now = time.monotonic()
        if now > self._look_at:
            self._look_at = now + _LOOK_SECONDS
            for wire in list(self._wires):
                if wire.until is not None and wire.until < now:
                    wire.go_on_with(None, TimeoutError("timed out"))

    def _greet(self) -> None:
        while self._connected:
            wire, found = self._connected.popleft()
            if isinstance(found, Unreachable):
                wire.go_on_with(None, found)
            else:
                wire.go_on_with(found)

    def _feed(self) -> None:
        """Give each wire that carries nothing a letter. Not from within a talk: a letter that fails at once would make
        another begin, and so on."""
        for wire in list(self._wires):
            while wire.parcel is None and self.waiting and not self.is_unreachable:
                self.taken += 1
                wire.take(self.waiting.popleft())

    def _open_wires(self) -> None:
        wanted = min(self.most if self._has_answered else 1, len(self.waiting) + self._busy())
        while len(self._wires) < wanted and not self.is_unreachable:
            self._wires.append(Wire(self, self._open_smtp()))

    def _busy(self) -> int:
        return sum(1 for wire in self._wires if wire.parcel is not None)

    def _say_goodbye(self) -> None:
        """To all at once, so that a server that does not answer costs a moment and not one each."""
        idle = [wire for wire in self._wires if wire.parcel is None]
        for wire in idle:
            wire.say(b"quit\r\n")
        end = time.monotonic() + GOODBYE_SECONDS
        owing = {wire.socket for wire in idle if wire.socket is not None}
        while owing and (left := end - time.monotonic()) > 0:
            for key, _events in self._selector.select(left):
                owing.discard(key.fileobj)
                self._selector.unregister(key.fileobj)
        for wire in self._wires:
            wire.smtp.hang_up()

    def _more_may_speak(self) -> bool:
        """Whether a wire has something to do that it did not ask for yet."""
        return bool(self._heard) and sum(1 for one in self._heard if one.outcome is None) < self._busy()

    def _park(self, wire: Wire) -> None:
        held = wire.socket
        self.wait_for_nothing(wire)
        wire.is_parked, wire.socket = True, held
        self._wires.remove(wire)
        late(wire.wait_alone)
