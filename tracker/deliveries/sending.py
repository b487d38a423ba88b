"""The mails of an update are written, two hundred signers a transaction, with the number of the last one.

Killed anywhere, nobody is written to twice. Signers who read it elsewhere, in a digest, are passed over; who they are
is asked when their turn comes and written nowhere, since it would say of a subscriber that they signed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from tracker import clock
from tracker.db import db, transaction
from tracker.deliveries import emails
from tracker.deliveries.models import SignerUpdate, SignerUpdateBody, UpdateState
from tracker.deliveries.queries import heard_through, hearers
from tracker.mail.outbox import Receiver
from tracker.sealing import campaign_keys
from tracker.settings import config
from tracker.signatures import receipts
from tracker.signatures.models import Signatory
from tracker.signatures.people import read_contact
from tracker.timeline.models import TimelineEntry

BITE = 200
Reads = Callable[[TimelineEntry, Sequence[str]], set[str]]
_readers: list[Reads] = []


def on_hearing(reads: Reads) -> Reads:
    """Call this with the entry of an update and the addresses it is for; it gives those who will read it elsewhere."""
    _readers.append(reads)
    return reads


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
    if not update.words:  # redacted meanwhile
        update.state = UpdateState.SENT
        return 0
    next_ones = hearers(campaign.id).where(Signatory.id > update.last_id).order_by(Signatory.id).limit(BITE)
    people = db.session.scalars(next_ones).all()
    if not people:
        update.state = UpdateState.SENT
        return 0
    keys = campaign_keys(campaign.public_id, now=now)
    receivers = []
    for signatory in people:
        row = heard_through(signatory)
        address = read_contact(row, lambda: keys)[0] if row else ""
        if row and address:
            stop = f"{config().public_base_url}/hears/{receipts.token(row.public_id, receipts.HEARS, keys)}"
            links = {"receipt": receipts.receipt_url(row.public_id, keys), "unsubscribe": stop}
            receivers.append(Receiver(address, links))
    if update.entry is not None:
        addresses = [one.to for one in receivers]
        elsewhere = {one for reads in _readers for one in reads(update.entry, addresses)}
        receivers = [one for one in receivers if one.to not in elsewhere]
    for body in emails.signer_update(receivers, campaign, update.words, locale=campaign.locale, now=now):
        db.session.flush()
        db.session.add(SignerUpdateBody(update_id=update.id, body_id=body.id))
    update.last_id, update.written = people[-1].id, update.written + len(receivers)
    return len(receivers)
