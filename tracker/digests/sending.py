"""A digest and its mail: how its state follows what becomes of the mail, and how the mail is taken back."""

from __future__ import annotations

import datetime as dt
import functools
from typing import cast

import sqlalchemy as sa

from tracker.campaigns.deadlines import Deadline, DeadlineReminder
from tracker.db import along, db, dialect, given
from tracker.digests.ending import end_if_suppressed
from tracker.digests.models import Digest, DigestItem, DigestState, Subscriber
from tracker.digests.queries import digest_of, told_by
from tracker.digests.quoting import bodies_naming, bodies_saying_sizes, quoting
from tracker.mail import outbox
from tracker.mail.models import SETTLED, Email, EmailBody, EmailKind, EmailState
from tracker.mail.transport import remove_letter
from tracker.sealing import keyring
from tracker.settings import config
from tracker.timeline.models import Source, TimelineEntry, entry_source

REDACTED = "words in it were removed"
CLOSED = "others may read something in it now; composed anew"


def address_of(subscriber: Subscriber) -> str | None:
    """Where a subscriber's mail goes; None when the account is not in use or the address was erased."""
    if subscriber.account is not None:
        return subscriber.account.email if subscriber.account.active else None
    if subscriber.address_sealed is None or subscriber.confirmed_at is None:
        return None
    return keyring().open(subscriber.address_sealed, f"subscriber|address|{subscriber.public_id}")


def mails_sent(email_ids: set[int], now: dt.datetime) -> None:
    """The server took these mails: so their digests, if they carry any, are sent."""
    kind = dialect()
    db.session.flush()  # the connection itself is asked, which flushes nothing
    db.session.connection().execute(
        _sent(kind), along(kind, "mails", [(one,) for one in sorted(email_ids)]) | {"now": now}
    )
    db.session.expire_all()


@functools.cache
def _sent(kind: str) -> sa.Update:
    digest, mails = cast(sa.Table, Digest.__table__), given(kind, "mails", id=sa.Integer())
    return (
        sa.update(digest)
        .where(digest.c.email_id == mails.c.id)
        .values(state=DigestState.SENT, reason="", settled_at=sa.bindparam("now", type_=digest.c.settled_at.type))
    )


def follow_mail(email: Email, now: dt.datetime) -> None:
    """Bring a digest's state to what became of its mail. What surely was not delivered counts as not told.

    Of whatever kind the mail was: where it may not be written to any longer, every subscription ends with the reason.
    """
    digest = digest_of(email) if email.kind is EmailKind.DIGEST else None
    if email.state in (EmailState.FAILED, EmailState.SENT):
        end_if_suppressed(email, digest.subscriber if digest is not None else None, now)
    if digest is None:
        return
    match email.state:
        case EmailState.SENT:
            digest.state, digest.reason = DigestState.SENT, ""
        case EmailState.FAILED:
            digest.state, digest.reason = DigestState.FAILED, email.answer[:255]
            _forget_items(digest)
            db.session.flush()
            outbox.wipe_body_if_idle(email.body_id, now=now)
        case EmailState.UNKNOWN:
            digest.state, digest.reason = DigestState.UNKNOWN, email.answer[:255]
        case EmailState.PENDING if digest.state is not DigestState.UNKNOWN:
            digest.state, digest.reason = DigestState.READY, ""
        case _:
            return
    digest.settled_at = now if email.settled_at is not None else None
    db.session.flush()


def follow_mails(now: dt.datetime) -> None:
    """The same for every digest that waits for its mail; repairs what a killed worker left."""
    found = (
        sa.select(Email)
        .join(Digest, Digest.email_id == Email.id)
        .where(
            sa.or_(
                sa.and_(Digest.state == DigestState.READY, Email.state.in_([*SETTLED, EmailState.UNKNOWN])),
                sa.and_(
                    Digest.state == DigestState.UNKNOWN, Digest.settled_at.is_(None), Email.settled_at.is_not(None)
                ),
                # A last word that came after all, however late.
                sa.and_(Digest.state == DigestState.UNKNOWN, Email.state == EmailState.SENT),
            )
        )
        .order_by(Email.id)
        .limit(500)
        # Whoever hears a last word at this moment changes mail and digest; half of each must not be put together here.
        .with_for_update(of=Email, skip_locked=True)
    )
    for email in db.session.scalars(found).all():
        follow_mail(email, now)


def take_back(digest: Digest, reason: str, *, now: dt.datetime) -> bool:
    """Cancel a digest's mail that was surely not sent, and count what it would have told as not told. Whether that was
    possible: not when its last bytes began to leave meanwhile."""
    if digest.email is not None and not outbox.cancel(digest.email, reason, now=now):
        return False
    free(digest)
    return True


def due_again(digest: Digest, reason: str, *, now: dt.datetime) -> bool:
    """Take back a digest's mail, so that it is composed anew. Whether that was possible: not of a mail that was perhaps
    handed over before."""
    if digest.email is None or digest.email.ambiguous or not take_back(digest, reason, now=now):
        return False
    digest.state = DigestState.DUE
    db.session.flush()
    return True


def withdraw_entry(entry: TimelineEntry, now: dt.datetime) -> int:
    """Destroy every stored mail that tells of an entry or quotes it, delivered or not; how many.

    For `timeline.service.redact_entry(also=[withdraw_entry])`. What did not leave yet is composed anew without it; a
    mail being handed over at this moment is stopped before its last bytes if its claim can still be taken away.
    """
    return _withdraw(quoting(entry), now)


def withdraw_source(source: Source, now: dt.datetime) -> int:
    """The same for mails that tell of anything which cites a source."""
    return _withdraw(sa.select(entry_source.c.entry_id).where(entry_source.c.source_id == source.id), now)


def withdraw_deadline(deadline: Deadline, now: dt.datetime) -> int:
    """The same for digests that may say what is due, and for reminders of it; what waits is not reminded of again."""
    sent = sa.select(DeadlineReminder.email_id).where(DeadlineReminder.deadline_id == deadline.id)
    for email in db.session.scalars(sa.select(Email).where(Email.id.in_(sent)).order_by(Email.id)).all():
        if email.settled_at is None:
            outbox.cancel(email, REDACTED, now=now)
        _destroy(email, now)
    saying = sa.select(Email.id).where(Email.body_id.in_(bodies_naming(deadline.campaign_id, deadline.created_at)))
    return _withdraw_digests(Digest.email_id.in_(saying), now)


def compose_anew(entry: TimelineEntry, now: dt.datetime) -> int:
    """Others may read an entry from now on: take back the digests that quote it or say its size and did not leave yet.
    Composed anew they say what may still be read. Those that tell it are looked at before they leave. How many."""
    corrections = sa.select(TimelineEntry.id).where(TimelineEntry.corrects_id == entry.id)
    telling = sa.select(DigestItem.digest_id).where(DigestItem.entry_id.in_(corrections))
    sizes = bodies_saying_sizes(sa.select(TimelineEntry.id).where(TimelineEntry.id == entry.id))
    saying = sa.select(Email.id).where(Email.body_id.in_(sizes))
    which = sa.and_(sa.or_(Digest.id.in_(telling), Digest.email_id.in_(saying)), Digest.state == DigestState.READY)
    digests = db.session.scalars(sa.select(Digest).where(which).order_by(Digest.id)).all()
    return sum(due_again(digest, CLOSED, now=now) for digest in digests)


def _withdraw(entry_ids: sa.Select[int], now: dt.datetime) -> int:
    telling = sa.select(DigestItem.digest_id).where(DigestItem.entry_id.in_(entry_ids))
    saying = sa.select(Email.id).where(Email.body_id.in_(bodies_saying_sizes(entry_ids)))
    return _withdraw_digests(sa.or_(Digest.id.in_(telling), Digest.email_id.in_(saying)), now)


def _withdraw_digests(which: sa.ColumnElement[bool], now: dt.datetime) -> int:
    digests = db.session.scalars(sa.select(Digest).where(which, Digest.email_id.is_not(None)).order_by(Digest.id)).all()
    for digest in digests:
        email = digest.email
        if email is None:
            continue
        due_again(digest, REDACTED, now=now)
        _destroy(email, now)
    db.session.flush()
    return len(digests)


def _destroy(email: Email, now: dt.datetime) -> None:
    body = db.session.get(EmailBody, email.body_id)
    if body is not None:
        outbox.wipe_body(body, now=now)
    remove_letter(config().mail, email.public_id)


def free(digest: Digest) -> None:
    """Part a digest from its mail and from what it tells."""
    _forget_items(digest)
    digest.email_id, digest.composed_at = None, None
    db.session.flush()


def _forget_items(digest: Digest) -> None:
    db.session.execute(sa.delete(DigestItem).where(*told_by(digest)).execution_options(synchronize_session=False))
