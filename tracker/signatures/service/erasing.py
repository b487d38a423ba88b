"""Everything that is kept of a signatory is destroyed, wherever it lies; for the signer or an organiser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.db import db
from tracker.sealing import MarkedRedaction, campaign_keys, mark_redactions
from tracker.signatures import emails
from tracker.signatures.models import Signatory
from tracker.signatures.news import forget_news
from tracker.signatures.not_again import add_never_again
from tracker.signatures.one_person import merged_into, newest_of, who_counts
from tracker.signatures.people import keys_of, read_contact
from tracker.signatures.service.changing import remove_signatory, withdraw_with_others
from tracker.signatures.signings import SigningRequest

TABLE = Signatory.__tablename__
NOT_AGAIN = "not again"  # the reason of a mark, for a restored copy that knows the signatory again


def erase(signatory: Signatory, *, actor: Account | None, not_again: bool = False, now: dt.datetime) -> list[str]:
    """Destroy everything that is kept of a signatory and of those merged into it: names, address, what waits for
    confirmation, who was mailed. For an organiser, who sees all of them; with ``not_again`` no list adds them again.

    A tombstone without a word stays, and a mark in the store of keys, so that a restored older copy forgets them too.
    Returns the public ids of mails whose files are to be removed; afterwards call `forget_deleted`.
    """
    return _destroy(with_merged(signatory), actor=actor, not_again=not_again, now=now)


def erase_own(row: Signatory, *, not_again: bool = False, now: dt.datetime) -> list[str]:
    """A signer destroys everything that their receipt shows: its own row. Takes and returns what `erase` does.

    Those that were found to be the same signer's are parted from it with all their words, which may be a stranger's.
    They count no more and are shown nowhere, as after a withdrawal, until their own signer signs again.
    """
    for other in with_merged(who_counts(row)):
        if other is not row and (signature := newest_of(other)) is not None:
            withdraw_with_others(signature, now=now)
    return _destroy([row], actor=None, not_again=not_again, now=now)


def _destroy(everybody: list[Signatory], *, actor: Account | None, not_again: bool, now: dt.datetime) -> list[str]:
    mark_redactions([f"{TABLE}:{one.public_id}" for one in everybody], NOT_AGAIN if not_again else "", now)
    mails: list[str] = []
    for one in everybody:
        address, *_others = read_contact(one, keys_of(one.campaign, now=now))
        if address:
            _forget_requests(one, address, now)
            mails += emails.forget_mails(address, now=now)
            mails += forget_news(one.campaign, address, now)
        if not_again:
            add_never_again(one)
        remove_signatory(one, actor=actor, now=now)
    return mails


def with_merged(signatory: Signatory) -> list[Signatory]:
    """A signatory and whoever was found to be the same person."""
    return [signatory, *merged_into(signatory)]


def erase_again(marks: Iterable[MarkedRedaction], *, now: dt.datetime) -> int:
    """Apply the marks of earlier erasures to restored rows; how many were needed."""
    reasons = {
        public_id: mark.reason
        for mark in marks
        for table, _colon, public_id in [mark.record.partition(":")]
        if table == TABLE
    }
    ids = list(reasons)
    again = 0
    for start in range(0, len(ids), 500):
        some = sa.select(Signatory).where(
            Signatory.public_id.in_(ids[start : start + 500]), Signatory.erased_at.is_(None)
        )
        for signatory in db.session.scalars(some).all():
            if reasons[signatory.public_id] == NOT_AGAIN:
                add_never_again(signatory)
            remove_signatory(signatory, actor=None, now=now)
            again += 1
    return again


def _forget_requests(signatory: Signatory, address: str, now: dt.datetime) -> None:
    """What was typed with the same address and waits, also by who signed for an organisation, whose row keeps no hash.
    Without the key nothing waits any more."""
    keys = campaign_keys(signatory.campaign.public_id, now=now)
    if not keys.can_look_up:
        return
    db.session.execute(
        sa.delete(SigningRequest)
        .where(
            SigningRequest.campaign_id == signatory.campaign_id,
            SigningRequest.address_hash == keys.address_hash(address),
        )
        .execution_options(synchronize_session=False)
    )
