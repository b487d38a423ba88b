"""Several ways out at once, each in a thread of its own: for the folder and for HTTPS. SMTP has `wires.Wires`.

The sender's thread does all that concerns the database, for all lanes together: one commit notes the last bytes of
several mails, and one settles several. A lane whose server takes long over its last word is parked: it holds up no
other mail, and settles its own when the word comes (digests.md, rule 4).
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from tracker.mail.last_words import late, owing
from tracker.mail.letter import Letter
from tracker.mail.transport import Interrupted, LeaseLost, Refused, Reply, Transmit, Uncertain, Unreachable

AHEAD = 6  # parcels that wait for each lane at least
# What leaves within so many seconds waits for the lanes: to claim and look at many at once costs little more than one,
# but what is urgent does not overtake what is claimed already.
SECONDS_AHEAD, MOST_AHEAD = 1, 800
# How long who has spoken waits for the others, so that one commit serves as many as can be.
GATHER_SECONDS = 0.01

Outcome = Reply | Refused | Interrupted | Uncertain | LeaseLost | Unreachable


class Carrier(Protocol):
    """What hands letters over, one after another."""

    def deliver(self, letter: Letter, transmit: Transmit) -> Reply:
        """See tracker.mail.transport."""


OpenCarrier = Callable[[], AbstractContextManager[Carrier]]


@dataclass(eq=False)
class Parcel:
    """A claimed mail on its way through a lane."""

    email_id: int
    token: str
    letter: Letter
    forgets: bool = False  # its words, as soon as they were delivered
    outcome: Outcome | None = None
    asked_at: float | None = None  # when the lane was ready for the last bytes
    is_granted: bool = False
    go_on: Callable[[], None] = lambda: None  # what waits for the answer

    @property
    def held(self) -> tuple[int, str]:
        """By which number and token it is ours."""
        return self.email_id, self.token

    def answer(self, granted: bool) -> None:
        """Say whether the last bytes may leave."""
        self.is_granted = granted
        self.go_on()


class Ahead:
    """The parcels that wait to be carried: as many as keep the ways busy until the sender looks again."""

    def __init__(self, *, most: int, settle_late: Callable[[Parcel], None]) -> None:
        self.most = most
        self.waiting: deque[Parcel] = deque()
        self.taken = 0
        self.is_unreachable = False  # a server could not be talked to: nothing more is taken
        self._counted_at, self._ahead = time.monotonic(), most * AHEAD
        self.settle_now = settle_late

    def look_ahead(self) -> None:
        """By how quickly parcels were taken since the last time."""
        now = time.monotonic()
        pace = self.taken / max(now - self._counted_at, 0.001)
        self._ahead = min(max(self.most * AHEAD, int(pace * SECONDS_AHEAD)), max(MOST_AHEAD, self.most * AHEAD))
        self.taken, self._counted_at = 0, now

    @property
    def room(self) -> int:
        """How many more parcels are wanted; none while a quarter of them wait."""
        room = self._ahead - len(self.waiting)
        return room if room * 4 >= self._ahead * 3 else 0

    def take_back(self) -> list[Parcel]:
        """What none has begun; it is no longer ours."""
        left = list(self.waiting)
        self.waiting.clear()
        return left

    def settle_late(self, parcel: Parcel) -> None:
        """Settle a parcel in a thread of its own: the sender's could not, or does not wait for it."""
        if parcel.is_granted:
            late(lambda: self.settle_now(parcel))


class Lane(threading.Thread):
    """One connection. Takes parcels until there are none, or until it is parked."""

    def __init__(self, lanes: Lanes) -> None:
        super().__init__(name="mail lane", daemon=True)
        self._lanes = lanes
        self.parcel: Parcel | None = None
        self.is_parked = False

    def run(self) -> None:
        """Carry parcels."""
        with self._lanes.open_carrier() as carrier:
            while (parcel := self._lanes.take(self)) is not None:
                if not self._lanes.finish(self, parcel, self._carry(carrier, parcel)):
                    return

    def _carry(self, carrier: Carrier, parcel: Parcel) -> Outcome:
        try:
            return carrier.deliver(parcel.letter, lambda: self._lanes.ask(parcel))
        except (Refused, Interrupted, Uncertain, LeaseLost, Unreachable) as error:
            return error
        except Exception as error:  # a fault of ours in one mail must not take the lane from all others
            if parcel.is_granted:
                return Uncertain()
            return Interrupted(f"The mail could not be handed over: {type(error).__name__}.")


class Lanes(Ahead):
    """Up to `most` lanes. One opens first; the others follow once a server has answered and work is left.

    `settle_late` is called in the thread of a parked lane with the parcel whose outcome came at last.
    """

    def __init__(
        self, open_carrier: OpenCarrier, *, most: int, park_after: float, settle_late: Callable[[Parcel], None]
    ) -> None:
        super().__init__(most=most, settle_late=settle_late)
        self.open_carrier = open_carrier
        self._park_after = park_after
        self._lock = threading.Condition()
        self._lanes: list[Lane] = []
        self._heard: queue.SimpleQueue[Parcel] = queue.SimpleQueue()
        self._has_answered = False
        self._is_closed = False

    # What the sender's thread calls

    def put(self, parcels: Iterable[Parcel]) -> None:
        """Give the lanes work."""
        with self._lock:
            self.look_ahead()
            self.waiting.extend(parcels)
            self._open_lanes()
            self._lock.notify_all()

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits, nothing is carried and nothing was heard that was not fetched."""
        with self._lock:
            return not self.waiting and self._heard.empty() and all(lane.parcel is None for lane in self._lanes)

    def fetch(self, seconds: float) -> list[Parcel]:
        """What lanes have to say, very soon after the first spoke: parcels that ask, and parcels with an outcome."""
        heard: list[Parcel] = []
        try:
            heard.append(self._heard.get(timeout=seconds) if seconds else self._heard.get_nowait())
            end = time.monotonic() + (GATHER_SECONDS if seconds else 0)
            while True:
                left = end - time.monotonic() if self._more_may_speak(heard) else 0
                heard.append(self._heard.get(timeout=left) if left > 0 else self._heard.get_nowait())
        except queue.Empty:
            return heard

    def _more_may_speak(self, heard: Iterable[Parcel]) -> bool:
        """Whether a lane has something to do that it did not ask for yet."""
        asking = sum(1 for parcel in heard if parcel.outcome is None)
        with self._lock:
            return asking < self._busy() or bool(self.waiting and asking < len(self._lanes))

    def park_slow(self) -> int:
        """Let go of lanes that wait too long for a server's last word; others take their place."""
        parked = 0
        with self._lock:
            for lane in list(self._lanes):
                asked_at = lane.parcel.asked_at if lane.parcel and lane.parcel.is_granted else None
                if asked_at is not None and time.monotonic() - asked_at > self._park_after:
                    self._park(lane)
                    parked += 1
            self._open_lanes()
        return parked

    def take_back(self) -> list[Parcel]:
        """Take from the lanes what none of them has begun."""
        with self._lock:
            return super().take_back()

    def close(self) -> list[Parcel]:
        """Nothing more comes. Who was granted the last bytes settles by itself; what is not sent is returned."""
        with self._lock:
            self._is_closed = True
            carried = {lane: lane.parcel for lane in self._lanes if lane.parcel is not None}
            for lane, parcel in carried.items():
                if parcel.is_granted:
                    self._park(lane)
                else:
                    parcel.answer(False)
            self._lock.notify_all()
        for parcel in (heard := self.fetch(0)):
            self.settle_late(parcel)
        left = [*carried.values(), *(parcel for parcel in heard if parcel.outcome is not None)]
        return [parcel for parcel in left if not parcel.is_granted]

    # What lanes call

    def take(self, lane: Lane) -> Parcel | None:
        """The next parcel; None when this lane is to end."""
        with self._lock:
            while (not self.waiting or self.is_unreachable) and not self._is_closed:
                self._lock.wait()
            if self._is_closed:
                self._lanes = [one for one in self._lanes if one is not lane]
                return None
            self.taken += 1
            lane.parcel = self.waiting.popleft()
            return lane.parcel

    def ask(self, parcel: Parcel) -> bool:
        """Whether the last bytes may leave; waits until the sender has committed that they do."""
        with self._lock:
            if self._is_closed:
                return False
            if not self._has_answered:
                self._has_answered = True
                self._open_lanes()
            parcel.asked_at = time.monotonic()
            answered = threading.Event()
            parcel.go_on = answered.set
            self._heard.put(parcel)
        answered.wait()
        return parcel.is_granted

    def finish(self, lane: Lane, parcel: Parcel, outcome: Outcome) -> bool:
        """Say what became of a parcel; False when the lane is to end because it was parked."""
        with self._lock:
            parcel.outcome = outcome
            lane.parcel = None
            if isinstance(outcome, Unreachable):
                self.is_unreachable = True
            if not lane.is_parked and not self._is_closed:
                self._heard.put(parcel)
                return True
            self._lanes = [one for one in self._lanes if one is not lane]
        if parcel.is_granted:
            self.settle_now(parcel)
        owing.discard(lane)
        return False

    # Under the lock

    def _park(self, lane: Lane) -> None:
        lane.is_parked = True
        self._lanes.remove(lane)
        owing.add(lane)

    def _open_lanes(self) -> None:
        wanted = self.most if self._has_answered else 1
        while len(self._lanes) < min(wanted, len(self.waiting) + self._busy()) and not self._is_closed:
            lane = Lane(self)
            self._lanes.append(lane)
            lane.start()

    def _busy(self) -> int:
        return sum(1 for lane in self._lanes if lane.parcel is not None)
