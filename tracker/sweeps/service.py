"""What happens to a sweep. Inside the caller's transaction; the long work is running.py's."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.signatures import names
from tracker.signatures.blocks import BlockKind
from tracker.signatures.models import Provenance, Signature
from tracker.signatures.service import SignatureError
from tracker.signatures.service.blocking import understood
from tracker.sweeps.models import WORKING, Sweep, SweepState
from tracker.sweeps.queries import fitting
from tracker.words import _


@dataclass(frozen=True)
class Conditions:
    """Which signatures; all that are given must fit, and one must be given."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    provenance: Provenance | None = None
    domain: str = ""


def begin(campaign: Campaign, wanted: Conditions, *, reason: str, actor: Account, now: dt.datetime) -> Sweep:
    """Ask a worker to count what fits; nobody is touched. Raises SignatureError."""
    domain = ""
    if wanted.domain:
        kind, domain = understood(wanted.domain)
        if kind is not BlockKind.DOMAIN:
            raise SignatureError(_("Write a mail domain such as example.com."), "domain")
    if wanted.since is None and wanted.until is None and wanted.provenance is None and not domain:
        raise SignatureError(_("Say which: this would be everybody."), "since")
    if wanted.since and wanted.until and wanted.since >= wanted.until:
        raise SignatureError(_("It ends before it begins."), "until")
    if not (said := names.clean(reason)):
        raise SignatureError(_("Say why they do not count; do not name anybody."), "reason")
    sweep = Sweep(
        campaign=campaign,
        actor_id=actor.id,
        state=SweepState.COUNTING,
        created_at=now,
        since=wanted.since,
        until=wanted.until,
        provenance=wanted.provenance,
        domain=domain,
        reason=said[:255],
    )
    db.session.add(sweep)
    db.session.flush()
    _phase(sweep, SweepState.COUNTING)
    return sweep


def start(sweep: Sweep, *, now: dt.datetime) -> None:
    """Ask a worker to find them invalid. Raises SignatureError."""
    if sweep.state is not SweepState.COUNTED:
        raise SignatureError(_("Count them first."))
    _phase(sweep, SweepState.RUNNING)


def undo(sweep: Sweep, *, now: dt.datetime) -> None:
    """Ask a worker to let all of them count again, also while it runs; who withdrew meanwhile stays withdrawn."""
    if sweep.state not in (SweepState.DONE, SweepState.RUNNING):
        raise SignatureError(_("There is nothing to take back."))
    _phase(sweep, SweepState.UNDOING)


def cancel(sweep: Sweep, *, now: dt.datetime) -> None:
    """Think better of it before anybody was touched."""
    if sweep.state not in (SweepState.COUNTING, SweepState.COUNTED):
        raise SignatureError(_("It has begun; take it back instead."))
    sweep.state, sweep.ended_at, sweep.lease, sweep.leased_until = SweepState.CANCELLED, now, "", None


def _phase(sweep: Sweep, state: SweepState) -> None:
    assert state in WORKING
    sweep.state, sweep.lease, sweep.leased_until = state, "", None
    sweep.last_id = sweep.looked_at = sweep.done = 0
    wanted = Signature.sweep_id == sweep.id if state is SweepState.UNDOING else fitting(sweep)
    sweep.to_look_at = db.session.scalar(sa.select(sa.func.count()).select_from(Signature).where(wanted)) or 0
