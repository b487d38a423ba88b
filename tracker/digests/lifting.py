"""Taking an address off the list of those not to mail, for a reason that is written down."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tracker.accounts.models import Account, Reading
from tracker.accounts.queries import account_by_email
from tracker.accounts.service import record_access
from tracker.db import db
from tracker.digests.models import Subscriber
from tracker.digests.service import DigestError, unsubscribe
from tracker.mail import do_not_mail
from tracker.sealing import keyring
from tracker.words import _

NOT_LISTED = _("This address is not on the list.")
WHY = _("Say why it may be written to again; it is written in the access record.")
WHO_ASKED = _("Its owner marked our mail as unwanted: say who asked that it be written to again, and how you know.")


def lift(address: str, *, by: Account | None, reason: str, now: dt.datetime) -> None:
    """Let an address be written to again; inside a transaction. Who did it and why stands in the access record.

    It gets nothing by that alone: whatever it followed stays ended, and only its owner begins anew. `by` is None at the
    command line. Raises DigestError when it is not on the list, or without a reason.
    """
    found = do_not_mail.listed(address)
    if found is None:
        raise DigestError(NOT_LISTED, "email")
    if not reason.strip():
        raise DigestError(WHO_ASKED if found.is_complaint else WHY, "reason")
    for subscriber in _subscribers(address):
        unsubscribe(subscriber, now=now, reason=found.reason)
    do_not_mail.take_off(address)
    record_access(by, campaign_id=None, reading=Reading.LIFTED, count=1, reason=reason.strip(), now=now)


def _subscribers(address: str) -> list[Subscriber]:
    """Whoever hears from us at this address, by an account or without one."""
    account = account_by_email(address)
    whose: sa.ColumnElement[bool] = Subscriber.address_hash.in_(keyring().address_hashes(address))
    if account is not None:
        whose = sa.or_(whose, Subscriber.account_id == account.id)
    return list(db.session.scalars(sa.select(Subscriber).where(whose, Subscriber.ended_at.is_(None))))
