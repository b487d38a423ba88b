"""What a redacted entry told of a delivery, or to the signers, goes everywhere."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tracker.db import db
from tracker.deliveries.models import Delivery, SignerUpdate, SignerUpdateBody
from tracker.mail import outbox
from tracker.mail.models import Email, EmailBody, EmailState
from tracker.mail.transport import remove_letter
from tracker.settings import config
from tracker.timeline.models import TimelineEntry


def destroy_what_was_told(entry: TimelineEntry, now: dt.datetime) -> None:
    """The receiver of a delivery, and news to signers with their stored mails, of which this entry tells. For
    `timeline.service.redact_entry(also=…)`; what has not left yet never does."""
    for delivery in db.session.scalars(sa.select(Delivery).where(Delivery.entry_id == entry.id)):
        delivery.receiver = delivery.receipt = ""
    for update in db.session.scalars(sa.select(SignerUpdate).where(SignerUpdate.entry_id == entry.id)):
        destroy_news(update, now)
    db.session.flush()


def destroy_news(update: SignerUpdate, now: dt.datetime) -> None:
    """The words of news to signers, also in its stored mails; what has not left yet never does."""
    update.words = ""
    of_it = sa.select(SignerUpdateBody.body_id).where(SignerUpdateBody.update_id == update.id)
    for email in db.session.scalars(sa.select(Email).where(Email.body_id.in_(of_it)).order_by(Email.id)):
        if email.state in (EmailState.PENDING, EmailState.CLAIMED) and not email.ambiguous:
            outbox.cancel(email, "words in it were removed", now=now)
        remove_letter(config().mail, email.public_id)
    for body in db.session.scalars(sa.select(EmailBody).where(EmailBody.id.in_(of_it))):
        outbox.wipe_body(body, now=now)
    db.session.flush()
