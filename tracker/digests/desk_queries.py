"""What the desk asks about one run."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from tracker.db import db
from tracker.digests import queries
from tracker.digests.models import Digest, DigestResend, DigestRun, DigestState, Subscriber

# As people ask: what waits is one thing, whether composed already or not.
GROUPS = {
    "sent": (DigestState.SENT,),
    "waiting": (DigestState.DUE, DigestState.READY),
    "unknown": (DigestState.UNKNOWN,),
    "failed": (DigestState.FAILED,),
    "skipped": (DigestState.SKIPPED,),
}
REASONS = 12


def digests_of(run: DigestRun, states: tuple[DigestState, ...] | None = None) -> sa.Select[Digest]:
    """A run's digests, those in these states only."""
    found = queries.digests_of(run)
    return found if states is None else found.where(Digest.state.in_(states))


def group_counts(run: DigestRun) -> dict[str, int]:
    """How many are in each group."""
    counts = queries.counts_of([run.id])[run.id]
    return {name: sum(counts.get(state, 0) for state in states) for name, states in GROUPS.items()}


def reasons_of(run: DigestRun) -> list[tuple[DigestState, str, int]]:
    """Why digests were skipped, failed or are unknown, the most frequent first."""
    number = sa.func.count()
    rows = db.session.execute(
        sa.select(Digest.state, Digest.reason, number)
        .where(Digest.run_id == run.id, Digest.reason != "")
        .group_by(Digest.state, Digest.reason)
        .order_by(number.desc(), Digest.reason)
        .limit(REASONS)
    )
    return [(state, reason, count) for state, reason, count in rows]


def digest_by_public_id(public_id: str) -> Digest | None:
    """One digest."""
    return db.session.scalar(sa.select(Digest).where(Digest.public_id == public_id))


def subscriber_by_public_id(public_id: str) -> Subscriber | None:
    """One subscriber."""
    return db.session.scalar(sa.select(Subscriber).where(Subscriber.public_id == public_id))


def resends_of(digest_ids: list[int]) -> dict[int, list[DigestResend]]:
    """Who had which of these sent again, the latest last."""
    found: dict[int, list[DigestResend]] = {}
    rows = (
        sa.select(DigestResend)
        .where(DigestResend.digest_id.in_(digest_ids))
        .order_by(DigestResend.id)
        .options(joinedload(DigestResend.asked_by))
    )
    for one in db.session.scalars(rows):
        found.setdefault(one.digest_id, []).append(one)
    return found
