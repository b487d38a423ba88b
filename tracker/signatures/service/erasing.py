"""Everything that is kept of a signatory is destroyed, wherever it lies; for the signer or an organiser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

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
PARTED = "parted"  # marks, in the place of the table, a row that counts no more since another one erased itself
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
    others = [other for other in with_merged(who_counts(row)) if other is not row]
    mark_redactions([f"{PARTED}:{other.public_id}" for other in others], "", now)
    for other in others:
        if (signature := newest_of(other)) is not None:
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
    marks = list(marks)
    return sum(_erase_again(*one, now=now) for one in _marked(TABLE, marks)) + sum(
        _part_again(*one, now=now) for one in _marked(PARTED, marks)
    )


def _marked(what: str, marks: Iterable[MarkedRedaction]) -> Iterator[tuple[Signatory, MarkedRedaction]]:
    """The rows with such a mark that still hold something."""
    by_id = {mark.record.removeprefix(f"{what}:"): mark for mark in marks if mark.record.startswith(f"{what}:")}
    ids = list(by_id)
    for start in range(0, len(ids), 500):
        some = sa.select(Signatory).where(
            Signatory.public_id.in_(ids[start : start + 500]), Signatory.erased_at.is_(None)
        )
        for signatory in db.session.scalars(some).all():
            yield signatory, by_id[signatory.public_id]


def _erase_again(signatory: Signatory, mark: MarkedRedaction, *, now: dt.datetime) -> int:
    if mark.reason == NOT_AGAIN:
        add_never_again(signatory)
    remove_signatory(signatory, actor=None, now=now)
    return 1


def _part_again(signatory: Signatory, mark: MarkedRedaction, *, now: dt.datetime) -> int:
    """It counts no more, unless its own signer signed since."""
    signature = newest_of(signatory)
    if signature is None or signature.ended_at is not None:
        return 0
    if max(signature.recorded_at, signature.confirmed_at or signature.recorded_at) > mark.redacted_at:
        return 0
    withdraw_with_others(signature, now=now)
    return 1


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
