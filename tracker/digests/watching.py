"""Is anything late? What /healthz/digests, the desk, home, the doctor and the metrics say comes from here.

Cheap: counts by indexed columns, no words of any mail and nobody's name. What is late is told by moments that rows
carry themselves, so that it is found however little of the rest works.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.db import db
from tracker.digests.models import Digest, DigestState, Subscriber
from tracker.instance import SENDING_PAUSED, Heartbeat, setting
from tracker.mail.models import Email, EmailState, Suppression
from tracker.settings import config
from tracker.words import gettext, ngettext

PARTS = ("worker", "beat")
# Of which the outbox still has something to do.
WAITING = (EmailState.PENDING, EmailState.CLAIMED, EmailState.TRANSMIT)


@dataclass(frozen=True)
class Standing:
    """How mails and digests stand at one moment."""

    paused: str | None  # the reason
    mails_late: int  # whose time came more than `overdue_after` ago, or whose sender fell silent that long ago
    digests_late: int  # due that long ago, and not composed
    unplanned: int  # subscribers whose moment passed that long ago without a row
    oldest_waiting: dt.timedelta | None  # since the oldest mail that waits was written
    beats: Mapping[str, dt.timedelta | None]  # since each part's last sign of life; None: never

    @property
    def is_late(self) -> bool:
        """Whether anything is overdue."""
        return bool(self.mails_late or self.digests_late or self.unplanned)


@dataclass(frozen=True)
class Concern:
    """One thing that is not as it should be."""

    about: str
    words: str
    is_bad: bool = True  # else: worth knowing


def standing(now: dt.datetime) -> Standing:
    """Look."""
    late = now - config().durations.overdue_after
    oldest = db.session.scalar(sa.select(sa.func.min(Email.created_at)).where(Email.state.in_(WAITING)))
    beaten = {row.part: row.beaten_at for row in db.session.scalars(sa.select(Heartbeat))}
    return Standing(
        paused=setting(SENDING_PAUSED),
        mails_late=_count(Email, _late_mail(late)),
        digests_late=_count(Digest, sa.and_(Digest.state == DigestState.DUE, Digest.due_at < late)),
        unplanned=_count(Subscriber, sa.and_(Subscriber.next_due_at < late, hears())),
        oldest_waiting=max(now - oldest, dt.timedelta()) if oldest else None,
        # By a clock that was set back since, the last sign lies ahead: none came since then.
        beats={part: abs(now - beaten[part]) if part in beaten else None for part in PARTS},
    )


def hears() -> sa.ColumnElement[bool]:
    """Subscribers for whom digests are planned: not ended, and an address alone only once it was confirmed."""
    return sa.and_(
        Subscriber.ended_at.is_(None),
        sa.or_(Subscriber.account_id.is_not(None), Subscriber.confirmed_at.is_not(None)),
    )


def _late_mail(late: dt.datetime) -> sa.ColumnElement[bool]:
    return sa.or_(
        sa.and_(Email.state == EmailState.PENDING, Email.next_attempt_at < late),
        sa.and_(Email.state.in_([EmailState.CLAIMED, EmailState.TRANSMIT]), Email.lease_until < late),
        # Held for a word of the provider, and not let go when the time was over.
        sa.and_(
            Email.state == EmailState.UNKNOWN,
            Email.settled_at.is_(None),
            Email.ambiguous.is_(False),
            Email.next_attempt_at < late,
        ),
    )


def _count(model: type, condition: sa.ColumnElement[bool]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(condition)) or 0


def concerns(found: Standing, *, never_ran: bool = True) -> list[Concern]:
    """What is wrong, in words; causes before effects. Nothing personal: not even why sending rests.

    `never_ran=False` leaves out parts that never gave a sign of life: a page would say so before the first start.
    """
    durations = config().durations
    minutes = int(durations.overdue_after.total_seconds() // 60)
    said: list[Concern] = []
    if found.paused is not None:
        said.append(Concern("sending", gettext("All sending is paused."), is_bad=found.is_late))
    for part, since in found.beats.items():
        name = {"worker": gettext("The worker"), "beat": gettext("The beat")}[part]
        if since is None:
            if never_ran:
                said.append(Concern(part, gettext("%(part)s has never run.", part=name)))
        elif since > durations.silent_after:
            said.append(Concern(part, gettext("%(part)s has been silent for %(span)s.", part=name, span=spoken(since))))
    for about, count, words in (
        (
            "mails",
            found.mails_late,
            ngettext(
                "%(num)d mail is overdue by more than %(minutes)d minutes.",
                "%(num)d mails are overdue by more than %(minutes)d minutes.",
                found.mails_late,
                minutes=minutes,
            ),
        ),
        (
            "digests",
            found.digests_late,
            ngettext(
                "%(num)d digest fell due more than %(minutes)d minutes ago and is not composed.",
                "%(num)d digests fell due more than %(minutes)d minutes ago and are not composed.",
                found.digests_late,
                minutes=minutes,
            ),
        ),
        (
            "run",
            found.unplanned,
            ngettext(
                "A run is missing: the moment of %(num)d subscriber passed more than %(minutes)d minutes ago.",
                "A run is missing: the moment of %(num)d subscribers passed more than %(minutes)d minutes ago.",
                found.unplanned,
                minutes=minutes,
            ),
        ),
    ):
        if count:
            said.append(Concern(about, words))
    if found.oldest_waiting is not None and found.oldest_waiting > durations.waiting_long:
        words = gettext("The oldest mail that waits has waited for %(span)s.", span=spoken(found.oldest_waiting))
        said.append(Concern("waiting", words, is_bad=False))
    return said


def spoken(span: dt.timedelta) -> str:
    """How long, in the largest unit of which there are two."""
    seconds = int(span.total_seconds())
    if seconds >= 2 * 86400:
        return ngettext("%(num)d day", "%(num)d days", seconds // 86400)
    if seconds >= 2 * 3600:
        return ngettext("%(num)d hour", "%(num)d hours", seconds // 3600)
    if seconds >= 120:
        return ngettext("%(num)d minute", "%(num)d minutes", seconds // 60)
    return ngettext("%(num)d second", "%(num)d seconds", seconds)


def counts() -> tuple[dict[str, int], dict[str, int], int]:
    """How many mails and how many digests are in each state, and how many addresses must not be written to."""
    mails: dict[str, int] = dict.fromkeys(EmailState, 0)
    digests: dict[str, int] = dict.fromkeys(DigestState, 0)
    for model, into in ((Email, mails), (Digest, digests)):
        for state, count in db.session.execute(sa.select(model.state, sa.func.count()).group_by(model.state)):
            into[state] = count
    return mails, digests, db.session.scalar(sa.select(sa.func.count()).select_from(Suppression)) or 0
