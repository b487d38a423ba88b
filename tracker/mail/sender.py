"""Sending what is due: short transactions, with the talk to the server between them.

A named exception to the one door (house.md, 4): claim · commit · MAIL, RCPT, DATA → 354 · transmit · commit · body and
dot · settle · commit. Killed anywhere, the next sweep can tell "surely not sent" from "perhaps sent". Several mails
travel at once (lanes.py); what their lanes ask and say meanwhile is committed together.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence, Set
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
from tracker.mail.settling import NOBODY, Watch, part_with, settle, settle_late
from tracker.mail.smtp import Smtp
from tracker.mail.transport import Reply, remove_letter, transport
from tracker.mail.wires import Wires
from tracker.postgresql import again
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
        except BaseException:
            # Whatever came, nothing waits for the end of its lease. The error itself is raised.
            left = [*self.lanes.take_back(), *self.lanes.close()]
            with contextlib.suppress(sa.exc.DBAPIError):
                self.hand_back(left)
            raise
        self.hand_back(self.lanes.close())
        if self.untold:
            again(self.tell_sent)
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
        """Claim some mails, look at them again and make them ready; those that may not go are settled.

        Looking and writing takes much longer than claiming, and is done between two transactions: on SQLite nobody
        else could write meanwhile."""
        emails, now = again(self.take)
        if not emails:
            return []
        self.left -= len(emails)
        try:
            parcels, refused, problems = self.look(emails, now)
            if refused or problems:
                self.counts += again(lambda: self.part_with(emails, refused, problems))
        except BaseException:
            with contextlib.suppress(sa.exc.DBAPIError), transaction():  # the error itself is raised
                claims.release([email.held for email in emails], now=clock.now())
            raise
        return parcels

    def take(self) -> tuple[list[Claimed], dt.datetime]:
        """Claim some mails, and tell what was taken meanwhile."""
        with transaction():
            now = clock.now()
            if self.untold:
                self.watch.sent(self.untold, now)
            emails = claims.claim(now=now, limit=min(self.left, self.lanes.room))
            self.is_dry = not emails and not claims.is_due(now)
        self.untold = set()
        return emails, now

    def part_with(
        self, emails: Sequence[Claimed], refused: Mapping[int, str], problems: Mapping[int, str]
    ) -> Counter[str]:
        """Those of them that will not leave."""
        with transaction():
            return part_with(emails, refused, problems, self.watch, clock.now())

    def look(
        self, emails: Sequence[Claimed], now: dt.datetime
    ) -> tuple[list[Parcel], Mapping[int, str], Mapping[int, str]]:
        """Of claimed mails those that may go, ready to leave; which may not go any more, and which never can, and why.
        Reads only."""
        refused, problems = look_again(lambda some: self.watch.recheck(some, now), emails)
        self.writer.look_up({email.body_id for email in emails if email.id not in refused})
        parcels: list[Parcel] = []
        for email in emails:
            if email.id not in refused and email.id not in problems:
                ready = self.prepare(email)
                if isinstance(ready, Parcel):
                    parcels.append(ready)
                else:
                    problems[email.id] = ready
        unwanted = outbox.refusals({parcel.letter.receiver for parcel in parcels})
        if unwanted:
            named = ((parcel.email_id, unwanted.get(parcel.letter.receiver)) for parcel in parcels)
            problems |= {email_id: reason for email_id, reason in named if reason is not None}
        db.session.rollback()
        return [parcel for parcel in parcels if parcel.email_id not in problems], refused, problems

    def prepare(self, email: Claimed) -> Parcel | str:
        """The mail as bytes, or why it can never leave. One broken row stops no other."""
        try:
            ready = self.writer.letter(email)
        except (SealError, ValueError) as error:
            return str(error)
        except sa.exc.SQLAlchemyError:
            raise
        except Exception as error:
            logger.exception("mail %s could not be written", email.public_id)
            return f"It could not be written: {type(error).__name__}."
        if ready is None:
            return "Its words were destroyed."
        return Parcel(email.id, email.token, ready, forgets=email.kind in claims.CODES)

    def listen(self) -> None:
        """Hear what the lanes have to say, commit it all at once, and let go on whoever waits for that."""
        heard = self.lanes.fetch(_LISTEN_SECONDS)  # also where the rates make us wait
        if not heard:
            return
        asking = [parcel for parcel in heard if parcel.outcome is None]
        said = [parcel for parcel in heard if parcel.outcome is not None]
        held = [parcel.held for parcel in asking]
        try:
            granted = again(lambda: self.write_down(held, said))
            if not granted >= {*held}:
                self.look_whether_paused([parcel for parcel in asking if parcel.held not in granted])
        except BaseException:
            for parcel in heard:
                if parcel.outcome is None:
                    parcel.answer(False)
                else:
                    self.lanes.settle_late(parcel)
            raise
        # By token, too: a mail whose claim was lost may have been claimed anew by this very sender, and ask twice.
        for parcel in asking:
            parcel.answer(parcel.held in granted)

    def write_down(self, held: Collection[claims.Held], said: Sequence[Parcel]) -> Set[claims.Held]:
        """What was heard, all or nothing; which of those who asked may go on."""
        if not all(isinstance(parcel.outcome, Reply) and not parcel.forgets for parcel in said):
            with transaction():
                now = clock.now()
                granted = claims.note(db.session.connection(), held, [], now=now).keys()
                counts = settle(said, self.watch, now)
            self.counts += counts
            return granted
        # What nearly all say, in one statement: that they want to send their last bytes, or that they were taken.
        replies = [(parcel, parcel.outcome) for parcel in said if isinstance(parcel.outcome, Reply)]
        taken = [claims.Taken(*parcel.held, one.code, one.answer) for parcel, one in replies]
        with at_once() as connection:
            noted = claims.note(connection, held, taken, now=clock.now()).keys()
        sent = {one.email_id for one in taken if (one.email_id, one.token) in noted}
        # Who wants to hear of it does when more is claimed; or from the sweep, if we are killed before.
        self.untold |= sent
        self.counts += Counter({"sent": len(sent), "lease lost": len(taken) - len(sent)})
        return noted

    def tell_sent(self) -> None:
        with transaction():
            self.watch.sent(self.untold, clock.now())

    def look_whether_paused(self, refused: Sequence[Parcel]) -> None:
        """Where that is why last bytes may not leave, what was claimed is not lost but handed back."""
        with transaction():
            if claims.is_paused():
                self.is_paused = True
                claims.release([parcel.held for parcel in refused], now=clock.now())

    def hand_back(self, parcels: list[Parcel]) -> None:
        """Give back what was claimed and will not leave."""
        if parcels:
            with transaction():
                claims.release([parcel.held for parcel in parcels], now=clock.now())


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
