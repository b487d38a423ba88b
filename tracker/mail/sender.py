"""Sending what is due: short transactions, with the talk to the server between them.

A named exception to the one door (house.md, 4): claim · commit · MAIL, RCPT, DATA → 354 · transmit · commit · body and
dot · settle · commit. Killed anywhere, the next sweep can tell "surely not sent" from "perhaps sent". Several mails
travel at once (lanes.py); what their lanes ask and say meanwhile is committed together.
"""

from __future__ import annotations

import datetime as dt
import itertools
import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import cast
from urllib.parse import urlsplit

import sqlalchemy as sa
from flask import Flask, current_app

from tracker import clock
from tracker.db import at_once, db, transaction
from tracker.mail import bounces, claims, outbox, pace
from tracker.mail.claims import Claimed
from tracker.mail.lanes import Lanes, Parcel
from tracker.mail.letter import Writer
from tracker.mail.looking import look_again
from tracker.mail.models import EmailState
from tracker.mail.settling import NOBODY, Watch, load, settle, settle_late, tell
from tracker.mail.smtp import Smtp
from tracker.mail.transport import Reply, remove_letter, transport
from tracker.mail.wires import Wires
from tracker.sealing import SealError
from tracker.settings import config

# Mails of one call: enough to be worth its start, which opens connections; it ends by the clock.
MOST = 20_000
# How long to listen before looking whether something fell due meanwhile.
_LISTEN_SECONDS = 0.2
# How long servers that were told less than the last bytes may take when we are told to stop: with the wait for last
# words (worker/heart.py) less than the supervisor waits for us.
_STOP_SECONDS = 5.0

logger = logging.getLogger("tracker.mail")


def send_due(
    watch: Watch = NOBODY, *, most: int = MOST, seconds: float = 40, stopping: Callable[[], bool] = lambda: False
) -> Counter[str]:
    """Send what is due now, at most so many; counts by what became of them.

    Begins none after so many seconds, when the server cannot be reached, or when `stopping()`; what was claimed and
    not begun is handed back, and so is, soon after `stopping()`, what waits for an answer before the last bytes. Does
    not wait for a server that takes long over its last word: such a mail settles when the word comes, and counts as
    "late".
    """
    return _Sender(watch, most=most, seconds=seconds, stopping=stopping).run()


class _Sender:
    """One call of send_due()."""

    def __init__(self, watch: Watch, *, most: int, seconds: float, stopping: Callable[[], bool]) -> None:
        self.watch = watch
        self.left = most
        self.end = time.monotonic() + seconds
        self.is_stopping = stopping
        self.told_at: float | None = None  # when we were seen to be told to stop
        self.counts: Counter[str] = Counter()
        self.writer = Writer()
        self.is_paused = False  # sending was told to rest meanwhile
        self.is_dry = False  # nothing was due when we last looked
        self.untold: set[int] = set()  # mails that were taken, and of which the watch was not told
        settings, app = config(), cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]
        name = urlsplit(settings.public_base_url).hostname or "localhost"
        mail, durations = settings.mail, settings.durations
        park_after = durations.park_after.total_seconds()

        def late(parcel: Parcel) -> None:
            settle_late(app, watch, parcel)

        self.lanes: Lanes | Wires
        if mail.is_smtp:
            self.lanes = Wires(
                lambda: Smtp(mail, durations, name=name),
                most=mail.connections,
                park_after=park_after,
                settle_late=late,
            )
        else:
            self.lanes = Lanes(
                lambda: transport(mail, durations, name=name),
                most=1 if mail.is_folder else mail.connections,
                park_after=park_after,
                settle_late=late,
            )

    def run(self) -> Counter[str]:
        try:
            while True:
                if self.may_claim:
                    self.lanes.put(self.claim())
                if self.lanes.is_idle and (self.is_dry or not self.may_claim):
                    break
                self.listen()
                self.counts["late"] += self.lanes.park_slow()
                if self.is_over:
                    self.hand_back(self.lanes.take_back())
                if self.must_hang_up:
                    break
        finally:
            left = self.lanes.close()
        self.hand_back(left)
        if self.untold:
            with transaction():
                self.tell_sent(clock.now())
        return +self.counts

    @property
    def is_over(self) -> bool:
        is_enough = self.left <= 0 or time.monotonic() > self.end
        return is_enough or self.lanes.is_unreachable or self.is_paused or self.is_stopping()

    @property
    def must_hang_up(self) -> bool:
        if self.told_at is None and self.is_stopping():
            self.told_at = time.monotonic()
        return self.told_at is not None and time.monotonic() - self.told_at > _STOP_SECONDS

    @property
    def may_claim(self) -> bool:
        return not self.is_over and self.lanes.room > 0

    def claim(self) -> list[Parcel]:
        """Claim some mails, look at them again and make them ready; those that may not go are settled."""
        with transaction():
            now = clock.now()
            self.tell_sent(now)
            emails = claims.claim(now=now, limit=min(self.left, self.lanes.room))
            self.is_dry = not emails and not claims.is_due(now)
            self.left -= len(emails)
            refused, broken = look_again(lambda some: self.watch.recheck(some, now), emails) if emails else ({}, {})
            self.writer.look_up({email.body_id for email in emails if email.id not in refused})
            parcels = []
            for email in emails:
                if email.id in broken:
                    self.fail(email.id, email.token, broken[email.id], now)
                elif email.id in refused:
                    self.stop(email, refused[email.id], now)
                elif (parcel := self.prepare(email, now)) is not None:
                    parcels.append(parcel)
            unwanted = outbox.refusals({parcel.letter.receiver for parcel in parcels})
            for parcel in parcels:
                if parcel.letter.receiver in unwanted:
                    self.fail(parcel.email_id, parcel.token, unwanted[parcel.letter.receiver], now)
        return [parcel for parcel in parcels if parcel.letter.receiver not in unwanted]

    def stop(self, email: Claimed, reason: str, now: dt.datetime) -> None:
        """A mail that may not go any more."""
        if email.ambiguous:  # it may have arrived already; what can still be done is not to send it again
            claims.settle_failed(email.id, email.token, code=None, answer=reason, now=now)
            self.tell(email.id, now)
            return
        row = load(email.id)
        if row.state is EmailState.CLAIMED:
            outbox.cancel(row, reason, now=now)
        self.counts["cancelled"] += 1

    def prepare(self, email: Claimed, now: dt.datetime) -> Parcel | None:
        """The mail as bytes; None when it has failed for good. One broken row stops no other."""
        try:
            ready = self.writer.letter(email)
            problem = "Its words were destroyed."
        except (SealError, ValueError) as error:
            ready, problem = None, str(error)
        except sa.exc.SQLAlchemyError:
            raise
        except Exception as error:
            logger.exception("mail %s could not be written", email.public_id)
            ready, problem = None, f"It could not be written: {type(error).__name__}."
        if ready is not None:
            return Parcel(email.id, email.token, ready, forgets=email.kind in claims.CODES)
        self.fail(email.id, email.token, problem, now)
        return None

    def fail(self, email_id: int, token: str, problem: str, now: dt.datetime) -> None:
        """A mail that can never leave."""
        claims.settle_failed(email_id, token, code=None, answer=problem, now=now)
        self.tell(email_id, now)

    def listen(self) -> None:
        """Hear what the lanes have to say, commit it all at once, and let go on whoever waits for that."""
        heard = self.lanes.fetch(_LISTEN_SECONDS)  # also where the rates make us wait
        if not heard:
            return
        asking = [parcel for parcel in heard if parcel.outcome is None]
        said = [parcel for parcel in heard if parcel.outcome is not None]
        held = [(parcel.email_id, parcel.token) for parcel in asking]
        granted: Collection[claims.Held] = ()
        try:
            if all(isinstance(parcel.outcome, Reply) and not parcel.forgets for parcel in said):
                granted = self.note(held, said)
            else:
                with transaction():
                    now = clock.now()
                    granted = claims.note(db.session.connection(), held, [], now=now)
                    self.counts += settle(said, self.watch, now)
            if len([one for one in held if one in granted]) < len(held):
                self.look_whether_paused([one for one in asking if (one.email_id, one.token) not in granted])
        except BaseException:
            for parcel in heard:
                if parcel.outcome is None:
                    parcel.answer(False)
                else:
                    self.lanes.settle_late(parcel)
            raise
        # By token, too: a mail whose claim was lost may have been claimed anew by this very sender, and ask twice.
        for parcel in asking:
            parcel.answer((parcel.email_id, parcel.token) in granted)

    def note(self, held: Collection[claims.Held], said: Sequence[Parcel]) -> Collection[claims.Held]:
        """What nearly all say, in one statement: that they want to send their last bytes, or that they were taken."""
        replies = [(parcel, parcel.outcome) for parcel in said if isinstance(parcel.outcome, Reply)]
        taken = [claims.Taken(parcel.email_id, parcel.token, one.code, one.answer) for parcel, one in replies]
        with at_once() as connection:
            noted = claims.note(connection, held, taken, now=clock.now())
        sent = {one.email_id for one in taken if (one.email_id, one.token) in noted}
        self.untold |= sent
        self.counts += Counter({"sent": len(sent), "lease lost": len(taken) - len(sent)})
        return noted

    def tell_sent(self, now: dt.datetime) -> None:
        """Tell who wants to hear what was taken since the last time; the sweep tells them if we are killed before."""
        if self.untold:
            self.watch.sent(self.untold, now)
            self.untold = set()

    def look_whether_paused(self, refused: Sequence[Parcel]) -> None:
        """Where that is why last bytes may not leave, what was claimed is not lost but handed back."""
        with transaction():
            if claims.is_paused():
                self.is_paused = True
                release(refused, clock.now())

    def hand_back(self, parcels: list[Parcel]) -> None:
        """Give back what was claimed and will not leave."""
        if parcels:
            with transaction():
                release(parcels, clock.now())

    def tell(self, email_id: int, now: dt.datetime) -> None:
        self.counts[tell(email_id, self.watch, now)] += 1


def release(parcels: Iterable[Parcel], now: dt.datetime) -> None:
    """Give back mails whose last bytes did not begin to leave; inside a transaction."""
    for token, group in itertools.groupby(sorted(parcels, key=_token), key=_token):
        claims.release([parcel.email_id for parcel in group], token, now=now)


def _token(parcel: Parcel) -> str:
    return parcel.token


def wipe_old() -> int:
    """Forget settled mails whose time is over, their files, and what is no longer counted by; how many mails."""
    with transaction():
        pace.forget_idle(clock.now())
        bounces.forget_old(clock.now())
    total = 0
    while True:
        with transaction():
            gone = claims.wipe_settled(now=clock.now())
        for public_id in gone:
            remove_letter(config().mail, public_id)
        total += len(gone)
        if not gone:
            return total
