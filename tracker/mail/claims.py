"""Who holds which row of the outbox, and what became of it. Inside a transaction of the caller, each function.

pending → claimed → transmit → sent, failed or unknown (digests.md, rule 4). A claim is a token with a lease; whoever
lost the token can change nothing. An unknown mail is held, then pending once more with its mark `ambiguous`.
"""

from __future__ import annotations

import datetime as dt
import itertools
import operator
import random
import re
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, cast

import sqlalchemy as sa

from tracker.db import along, db, one_of
from tracker.instance import SENDING_PAUSED, setting
from tracker.mail import outbox, pace
from tracker.mail.models import SETTLED, Email, EmailBody, EmailKind, EmailState
from tracker.mail.render import one_line
from tracker.mail.statements import heard
from tracker.mail.urgency import AT_ONCE, PATIENT
from tracker.settings import config

GAVE_UP = "Gave up: "
JITTER = 0.25
PERHAPS = "The connection was lost after the mail was handed over; nobody can tell whether it was taken."
# What grants entry to whoever reads it; wiped as soon as it was delivered (safety.md, 2).
CODES = frozenset({EmailKind.SIGN_IN_LINK, EmailKind.PASSWORD_RESET, EmailKind.CONFIRMATION, EmailKind.WORK_CODE})
_ADDRESS = re.compile(r"\S+@\S+")


Held = tuple[int, str]  # a mail's number, and the token by which it is ours


@dataclass(slots=True)
class Claimed:
    """What is to be known of a claimed mail, without the object: a run has many."""

    id: int
    public_id: str
    kind: EmailKind
    priority: int
    body_id: int
    recipient_sealed: str | None
    links_sealed: str | None
    message_id: str
    domain_hash: str
    has_turn: bool
    token: str
    attempts: int
    ambiguous: bool
    created_at: dt.datetime

    @property
    def held(self) -> Held:
        """By which number and token it is ours."""
        return self.id, self.token


_CLAIMED = [cast(sa.Table, Email.__table__).c[field.name] for field in fields(Claimed)]


def claim(*, now: dt.datetime, limit: int = 1) -> list[Claimed]:
    """Take up to `limit` due mails, the most urgent first; none while sending rests, and no more than the rates allow.

    No row is taken twice. May return fewer than are due: ask again.
    """
    if is_paused():
        return []
    room = pace.allowance(now, limit)
    if not room.mails:
        return []
    emails = _take(room.for_the_patient, now, least=PATIENT) if room.for_the_patient else []
    if rest := room.mails - len(emails):
        emails = _take(rest, now) + emails
    db.session.expire_all()
    going = pace.hold_back(emails, now)
    pace.spend(now, len(going))
    return going


def _take(limit: int, now: dt.datetime, *, least: int = AT_ONCE) -> list[Claimed]:
    """Claim due mails; with `least`, only those that are no more urgent."""
    due = (
        sa.select(Email.id)
        .where(Email.state == EmailState.PENDING, Email.next_attempt_at <= now)
        # Not by id as well: thousands are due at one moment, and PostgreSQL would sort all of them for each few.
        .order_by(Email.priority, Email.next_attempt_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    if least:
        due = due.where(Email.priority >= least)
    # Not as a plain subquery: PostgreSQL may run one again for each row, and lock more than the limit.
    chosen = due.cte("due")
    taken = db.session.execute(
        sa.update(Email)
        .where(Email.id.in_(sa.select(chosen.c.id)), Email.state == EmailState.PENDING)
        .values(
            state=EmailState.CLAIMED,
            token=secrets.token_hex(16),
            lease_until=now + config().durations.claim_lease,
            attempts=Email.attempts + 1,
            first_tried_at=sa.func.coalesce(Email.first_tried_at, sa.literal(now, Email.first_tried_at.type)),
        )
        .returning(*_CLAIMED)
        .execution_options(synchronize_session=False)
    )
    return sorted((Claimed(*row) for row in taken), key=lambda email: (email.priority, email.id))


def release(held: Iterable[Held], *, now: dt.datetime) -> None:
    """Hand back claimed mails whose last bytes did not begin to leave: due at once, and no attempt was made."""
    by_token = sorted((token, email_id) for email_id, token in held)
    for token, group in itertools.groupby(by_token, key=operator.itemgetter(0)):
        ids = [email_id for _token, email_id in group]
        db.session.execute(
            sa.update(Email)
            .where(one_of(Email.id, ids), Email.token == token, Email.state == EmailState.CLAIMED)
            .values(pace.untried(now))
            .execution_options(synchronize_session=False)
        )


def is_paused() -> bool:
    """Whether all sending rests."""
    return setting(SENDING_PAUSED) is not None


@dataclass(frozen=True)
class Taken:
    """That a server took a mail, and what it said."""

    email_id: int
    token: str
    code: int
    answer: str


def settle_sent(taken: Sequence[Taken], *, now: dt.datetime) -> set[int]:
    """The server took them; which of them that settled. Also heard late: until a row is claimed anew, its last holder's
    word counts."""
    db.session.flush()  # the connection itself is asked, which flushes nothing
    noted = note(db.session.connection(), [], taken, now=now)
    db.session.expire_all()
    _forget_codes({email_id for (email_id, _token), kind in noted.items() if kind in CODES}, now)
    return {email_id for email_id, _token in noted}


def note(
    connection: sa.Connection, asking: Collection[Held], taken: Collection[Taken], *, now: dt.datetime
) -> dict[Held, EmailKind]:
    """In one statement: that the last bytes of those who ask are about to leave, and that servers took others, of which
    none may be one of CODES unless its words are forgotten as well. To which of all these that was news, and their
    kinds. None of those who ask while sending rests, which may have begun after they were claimed."""
    rows: list[tuple[int, str, int | None, str | None]] = [(*one, None, None) for one in asking]
    rows += [(one.email_id, one.token, one.code, _anonymous(one.answer)) for one in taken]
    if not rows:
        return {}
    rows.sort(key=lambda row: row[:2])  # two that settle late what overlaps must not wait for each other
    kind = connection.dialect.name
    values = along(kind, "said", rows)
    times = {"now": now, "until": now + config().durations.transmit_lease}
    return {(row[0], row[1]): row[2] for row in connection.execute(heard(kind), values | times)}


def settle_failed(email_id: int, token: str, *, code: int | None, answer: str, now: dt.datetime) -> bool:
    """It will not be sent. A mail that may have been taken the first time stays unknown instead."""
    state = sa.case((Email.ambiguous, EmailState.UNKNOWN.value), else_=EmailState.FAILED.value)
    done = _change(
        email_id, token, {EmailState.CLAIMED, EmailState.TRANSMIT}, state=state, smtp_code=code,
        answer=_anonymous(answer), lease_until=None, settled_at=now,
    )  # fmt: skip
    if done:
        _forget_codes({email_id}, now)
    return done


def settle_later(email: Email, *, code: int | None, answer: str, now: dt.datetime) -> bool:
    """Surely not sent; try again by the ladder, with jitter so that what failed together does not return together.

    A day after the first try it is given up; what waited before that, for a pause or a worker, does not count.
    """
    durations = config().durations
    rungs = durations.retry_ladder
    delay = rungs[email.attempts - 1] if email.attempts <= len(rungs) else durations.retry_every
    next_attempt_at = now + delay * random.uniform(1, 1 + JITTER)  # noqa: S311 not a secret
    if next_attempt_at > (email.first_tried_at or email.created_at) + durations.retry_until:
        return settle_failed(email.id, email.token or "", code=code, answer=GAVE_UP + answer, now=now)
    return _change(
        email.id, email.token or "", {EmailState.CLAIMED, EmailState.TRANSMIT}, state=EmailState.PENDING,
        next_attempt_at=next_attempt_at, smtp_code=code, answer=_anonymous(answer), lease_until=None, token=None,
    )  # fmt: skip


def settle_unknown(email_id: int, token: str, *, now: dt.datetime) -> bool:
    """Lost after the last bytes left: held for a bounce or a late word, then sent once more; twice lost is final."""
    return _change(email_id, token, {EmailState.TRANSMIT}, **unknown(now))


def wipe_settled(*, now: dt.datetime, limit: int = 500) -> list[str]:
    """Forget receivers and words of mails settled long enough ago. Returns their public ids, whose files go as well."""
    before = now - config().durations.settled_mail_kept
    emails = db.session.scalars(
        sa.select(Email)
        .where(Email.settled_at < before, Email.recipient_hash != "")
        .order_by(Email.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    for email in emails:
        outbox.wipe(email, now=now)
    db.session.flush()
    needed = sa.select(Email.id).where(Email.body_id == EmailBody.id, Email.wiped_at.is_(None)).exists()
    had = {email.body_id for email in emails}
    for body in db.session.scalars(
        sa.select(EmailBody).where(EmailBody.id.in_(had), EmailBody.wiped_at.is_(None), ~needed).order_by(EmailBody.id)
    ):
        outbox.wipe_body(body, now=now)
    return [email.public_id for email in emails]


def is_due(now: dt.datetime) -> bool:
    """Whether a mail waits whose time has come, and sending does not rest."""
    waits = sa.select(Email.id).where(Email.state == EmailState.PENDING, Email.next_attempt_at <= now)
    return not is_paused() and db.session.scalar(waits.limit(1)) is not None


def unknown(now: dt.datetime) -> dict[str, Any]:
    """What is written of a mail that was lost after its last bytes began to leave."""
    return {
        "state": EmailState.UNKNOWN,
        "lease_until": None,
        "answer": PERHAPS,
        "next_attempt_at": now + config().durations.unknown_hold,
        "settled_at": sa.case((Email.ambiguous, sa.bindparam("settled_at", now, Email.settled_at.type)), else_=None),
    }


def _change(email_id: int, holder: str, states: set[EmailState], **values: Any) -> bool:
    changed = db.session.execute(
        sa.update(Email)
        .where(Email.id == email_id, Email.token == holder, Email.state.in_(states))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    return changed.rowcount == 1  # type: ignore[attr-defined,no-any-return]


def _forget_codes(email_ids: Collection[int], now: dt.datetime) -> None:
    """A delivered code is wiped at once. Not in folder mode: there our copy is the receiver's mailbox."""
    if config().mail.is_folder or not email_ids:
        return
    codes = sa.select(Email).where(Email.id.in_(email_ids), Email.kind.in_(CODES), Email.state.in_(SETTLED))
    for email in db.session.scalars(codes.order_by(Email.id)).all():
        outbox.wipe(email, now=now, keep_hash=True)  # an address gets so many codes a day; the weekly wiping takes it
        outbox.wipe_body(email.body, now=now)
    db.session.flush()  # what follows may speak to the connection itself


def _anonymous(answer: str) -> str:
    """A server's words without addresses, on one line."""
    return one_line(_ADDRESS.sub("…", answer))[:1000]


def email_by_id(email_id: int) -> Email | None:
    """The row as it is now."""
    return db.session.get(Email, email_id, populate_existing=True)
