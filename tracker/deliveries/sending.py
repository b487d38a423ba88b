"""The mails of an update are written, two hundred signers a transaction, with the number of the last one.

Killed anywhere, nobody is written to twice.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa

from tracker import clock
from tracker.db import db, transaction
from tracker.deliveries import emails
from tracker.deliveries.models import SignerUpdate, UpdateState
from tracker.deliveries.queries import hearers
from tracker.mail.outbox import Receiver
from tracker.sealing import campaign_keys
from tracker.settings import config
from tracker.signatures import receipts
from tracker.signatures.models import Signatory
from tracker.signatures.people import read_contact

BITE = 200


def work(*, stopping: Callable[[], bool] = lambda: False) -> int:
    """Write what waits; how many mails. Opens its own transactions."""
    written = 0
    while not stopping():
        with transaction():
            update = db.session.scalars(
                sa.select(SignerUpdate)
                .where(SignerUpdate.state == UpdateState.SENDING)
                .order_by(SignerUpdate.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).first()
            if update is None:
                return written
            written += _some(update)
    return written


def _some(update: SignerUpdate) -> int:
    now, campaign = clock.now(), update.campaign
    next_ones = hearers(campaign.id).where(Signatory.id > update.last_id).order_by(Signatory.id).limit(BITE)
    people = db.session.scalars(next_ones).all()
    if not people:
        update.state = UpdateState.SENT
        return 0
    keys = campaign_keys(campaign.public_id, now=now)
    receivers = []
    for signatory in people:
        address = read_contact(signatory, lambda: keys)[0]
        if address:
            stop = f"{config().public_base_url}/hears/{receipts.token(signatory.public_id, receipts.HEARS, keys)}"
            links = {"receipt": receipts.receipt_url(signatory, keys), "unsubscribe": stop}
            receivers.append(Receiver(address, links))
    written = emails.signer_update(receivers, campaign, update.words, locale=campaign.locale, now=now)
    update.last_id, update.written = people[-1].id, update.written + written
    return written
