"""The long work of a sweep, five hundred signatures a transaction, each with the number of the last one looked at.

Killed anywhere, what was done and that number are both there or neither; the next worker goes on from it.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker import clock
from tracker.accounts.models import Account
from tracker.db import db, transaction
from tracker.settings import config
from tracker.signatures.models import COUNTED, Signatory, Signature, SignatureStatus
from tracker.signatures.people import keys_of, read_contact
from tracker.signatures.service.changing import find_valid
from tracker.signatures.service.telling import append
from tracker.sweeps.models import WORKING, Sweep, SweepState
from tracker.sweeps.queries import fitting
from tracker.timeline.models import EntryVisibility
from tracker.timeline.queries import day_in
from tracker.words import ngettext

BITE = 500
LIVE = (SignatureStatus.PENDING, *COUNTED)
NEXT = {
    SweepState.COUNTING: SweepState.COUNTED,
    SweepState.RUNNING: SweepState.DONE,
    SweepState.UNDOING: SweepState.UNDONE,
}


def work(*, stopping: Callable[[], bool] = lambda: False) -> int:
    """Do what waits, one sweep after another; how many. Opens its own transactions."""
    worked = 0
    while not stopping() and (claimed := _claim()) is not None:
        worked += 1
        while _bite(*claimed):
            if stopping():
                break
    return worked


def _claim() -> tuple[int, str] | None:
    now, lease = clock.now(), secrets.token_hex(8)
    with transaction():
        free = sa.select(Sweep).where(
            Sweep.state.in_(WORKING), sa.or_(Sweep.leased_until.is_(None), Sweep.leased_until < now)
        )
        sweep = db.session.scalars(free.order_by(Sweep.id).limit(1).with_for_update(skip_locked=True)).first()
        if sweep is None:
            return None
        sweep.lease, sweep.leased_until = lease, now + config().durations.claim_lease
        return sweep.id, lease


def _bite(number: int, lease: str) -> bool:
    """One transaction; whether there is more for whoever holds this lease."""
    now = clock.now()
    with transaction():
        sweep = db.session.scalars(sa.select(Sweep).where(Sweep.id == number).with_for_update()).one()
        if sweep.lease != lease or sweep.state not in WORKING:
            return False  # somebody stopped it, or another worker has it
        sweep.leased_until = now + config().durations.claim_lease
        is_undo = sweep.state is SweepState.UNDOING
        wanted = Signature.sweep_id == sweep.id if is_undo else fitting(sweep)
        some = (
            sa.select(Signature)
            .where(wanted, Signature.id > sweep.last_id)
            .order_by(Signature.id)
            .limit(BITE)
            .options(joinedload(Signature.signatory).joinedload(Signatory.campaign))
        )
        signatures = db.session.scalars(some).all()
        if signatures:
            sweep.looked_at += len(signatures)
            sweep.last_id = signatures[-1].id
            sweep.done += _take_back(signatures) if is_undo else _find_invalid(sweep, signatures, now)
            return True
        if sweep.state is SweepState.COUNTING:
            sweep.found = sweep.done
        elif sweep.done:
            _tell(sweep, now)
        sweep.ended_at = None if sweep.state is SweepState.COUNTING else now
        sweep.state, sweep.lease, sweep.leased_until = NEXT[sweep.state], "", None
        return False


def _find_invalid(sweep: Sweep, signatures: Sequence[Signature], now: dt.datetime) -> int:
    keys = keys_of(sweep.campaign, now=now)
    number = 0
    for signature in signatures:
        if signature.status not in LIVE or signature.signatory.deleted_at is not None:
            continue
        if sweep.domain:
            domain = read_contact(signature.signatory, keys)[0].rpartition("@")[2].lower()
            if domain != sweep.domain and not domain.endswith(f".{sweep.domain}"):
                continue
        number += 1
        if sweep.state is SweepState.RUNNING:
            signature.status, signature.ended_at = SignatureStatus.INVALIDATED, now
            signature.end_reason, signature.sweep_id = sweep.reason, sweep.id
    return number


def _take_back(signatures: Sequence[Signature]) -> int:
    number = 0
    for signature in signatures:
        signature.sweep_id = None
        if signature.status is not SignatureStatus.INVALIDATED or signature.signatory.deleted_at is not None:
            continue
        number += find_valid(signature)
    return number


def _tell(sweep: Sweep, now: dt.datetime) -> None:
    if sweep.state is SweepState.UNDOING:
        words = ngettext("%(num)d signature counts again", "%(num)d signatures count again", sweep.done)
    else:
        words = ngettext(
            "%(num)d signature was found to be none", "%(num)d signatures were found to be none", sweep.done
        )
    append(
        sweep.campaign,
        words,
        day_in(sweep.campaign.zone, now),
        visibility=EntryVisibility.MEMBERS,
        announce=False,
        actor=db.session.get(Account, sweep.actor_id) if sweep.actor_id else None,
        now=now,
    )
