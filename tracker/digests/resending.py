"""Sending one digest once more because somebody asked, and letting sending go on without what waits.

The same frozen mail with the same Message-ID, marked, as long as its words are there, and its receiver surely or
perhaps got it and has that address still; else composed anew from what was not told. Never to an address that must not
be written to.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.db import db
from tracker.digests.ending import goes_to
from tracker.digests.models import Digest, DigestItem, DigestResend, DigestState, Subscriber
from tracker.digests.queries import told_by
from tracker.digests.readers import readers_of
from tracker.digests.selecting import still_tellable
from tracker.digests.sending import address_of, follow_mail, free
from tracker.digests.service import DigestError, resume_sending
from tracker.digests.watching import WAITING as IN_OUTBOX
from tracker.digests.watching import hears
from tracker.mail import outbox, unsealed
from tracker.mail.models import Email, EmailKind, EmailState
from tracker.words import _, gettext

LEFT_OUT = "left out when sending was resumed; perhaps it went out before"
WAITING = (DigestState.READY, DigestState.UNKNOWN)
AGAIN = frozenset({DigestState.SENT, DigestState.UNKNOWN, DigestState.FAILED})


def resend(digest: Digest, *, by: Account, now: dt.datetime) -> DigestResend:
    """Have it sent again; who asked is written down. A worker sends it after the commit.

    Raises DigestError, in words, when there is nothing to send again, or nobody who may be written to.
    """
    # The mail first, as whoever settles it does: its last bytes may be leaving at this moment.
    mails = sa.select(Email).join(Digest, Digest.email_id == Email.id).where(Digest.id == digest.id)
    email = db.session.scalar(mails.with_for_update(of=Email).execution_options(populate_existing=True))
    digest = db.session.scalars(
        sa.select(Digest)
        .where(Digest.id == digest.id)
        .with_for_update(of=Digest)
        .execution_options(populate_existing=True)
    ).one()
    if digest.email_id != (email.id if email is not None else None):  # composed anew meanwhile
        raise DigestError(_("It waits to be sent already."))
    _refuse(digest)
    is_same = (
        email is not None
        and digest.state is not DigestState.FAILED
        and goes_to(email, digest.subscriber)
        and unsealed.opened(email) is not None
    )
    record = DigestResend(digest_id=digest.id, asked_by_id=by.id, asked_at=now, was=digest.state, is_same=is_same)
    db.session.add(record)
    if email is not None and is_same:
        told = set(db.session.scalars(sa.select(DigestItem.entry_id).where(*told_by(digest))))
        (reader,) = readers_of([digest.subscriber], today=now.date())
        if told - still_tellable(reader, told, now=now):
            raise DigestError(_("It tells of something that its receiver may no longer see, so it is not sent again."))
        _once_more(email, now)
        digest.state = DigestState.READY
        follow_mail(email, now)
    else:
        free(digest)  # what it told counts as not told, so that it can be told again
        digest.state, digest.reason, digest.settled_at = DigestState.DUE, "", None
    digest.run.closed_at = None
    db.session.flush()
    return record


def _refuse(digest: Digest) -> None:
    if digest.state is DigestState.SKIPPED:
        raise DigestError(_("There was no mail, so there is none to send again."))
    if digest.state not in AGAIN or (digest.email is not None and digest.email.state in IN_OUTBOX):
        raise DigestError(_("It waits to be sent already."))
    subscriber = digest.subscriber
    address = address_of(subscriber)
    if subscriber.ended_at is not None or address is None:
        raise DigestError(_("Its receiver ended the subscription, or the account is not in use."))
    if (reason := outbox.refusal(address)) is not None:
        raise DigestError(gettext("This address must not be written to: %(reason)s", reason=reason))


def _once_more(email: Email, now: dt.datetime) -> None:
    """The same row again. Marked: its receiver may have two copies, which mailboxes show as one by the Message-ID."""
    email.state, email.ambiguous, email.has_turn = EmailState.PENDING, True, False
    email.token = email.lease_until = email.settled_at = None
    email.attempts, email.first_tried_at, email.next_attempt_at = 0, None, now  # the whole ladder anew
    db.session.flush()


def waiting() -> sa.Select[int]:
    """The mails of digests that have no last word: waiting, or in a copy that was taken while they were being sent."""
    found: sa.Select[int] = (
        sa.select(Email.id)
        .join(Digest, Digest.email_id == Email.id)
        .where(
            Email.kind == EmailKind.DIGEST,
            Email.settled_at.is_(None),
            Digest.state.in_(WAITING),
        )
    )
    return found


def waiting_count() -> int:
    """How many these are."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(waiting().subquery())) or 0


def resume_without_waiting(*, now: dt.datetime) -> int:
    """Let sending go on, but not the digests that wait: after a restore, they may have gone out before. How many.

    What they tell counts as told, so that no later digest tells it again; other mails leave. Raises DigestError while
    something that fell due is not composed yet: it would leave after all.
    """
    if _is_behind(now):
        raise DigestError(_("Digests that fell due are still being composed. Try again in a minute."))
    if _is_sending(now):
        raise DigestError(_("Some are being handed to the mail server at this moment. Try again in some minutes."))
    ids = set(db.session.scalars(waiting()))
    db.session.execute(
        sa.update(Digest)
        .where(Digest.email_id.in_(waiting()), Digest.state.in_(WAITING))
        .values(state=DigestState.SKIPPED, reason=LEFT_OUT, settled_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        sa.update(Email)
        .where(
            Email.settled_at.is_(None),
            Email.kind == EmailKind.DIGEST,
            sa.select(Digest.id)
            .where(Digest.email_id == Email.id, Digest.state == DigestState.SKIPPED, Digest.reason == LEFT_OUT)
            .exists(),
        )
        .values(state=EmailState.CANCELLED, answer=LEFT_OUT, settled_at=now, token=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
    resume_sending(now=now)
    return len(ids)


def _is_sending(now: dt.datetime) -> bool:
    """Whether a worker holds one: its lease is not over. In a restored copy nobody does, and it soon is."""
    held = waiting().where(Email.state.in_([EmailState.CLAIMED, EmailState.TRANSMIT]), Email.lease_until > now)
    return db.session.scalar(held.limit(1)) is not None


def _is_behind(now: dt.datetime) -> bool:
    due = sa.select(Digest.id).where(Digest.state == DigestState.DUE)
    unplanned = sa.select(Subscriber.id).where(Subscriber.next_due_at <= now, hears())
    return any(db.session.scalar(one.limit(1)) is not None for one in (due, unplanned))
