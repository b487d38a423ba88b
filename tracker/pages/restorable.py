"""Which changes a list leads to setting back."""

from __future__ import annotations

from collections.abc import Iterable

from tracker.accounts.models import Account
from tracker.campaigns.service.restoring import may_be_restored
from tracker.timeline.models import Revision, TimelineEntry

# Of an entry that nobody else could have seen. Who may read it is chosen on its own form.
OF_AN_ENTRY = frozenset({"headline", "words", "occurred_on"})


def offers_restoring(revision: Revision, account: Account | None) -> bool:
    """Whether this account may ask to set it back; whether that is possible is told on the page."""
    if revision.record_type == TimelineEntry.__tablename__:
        mine = account is not None and revision.actor_id == account.id
        return mine and not revision.is_sealed and revision.field in OF_AN_ENTRY and bool(revision.old_value)
    return may_be_restored(revision)


def restorable(revisions: Iterable[Revision], account: Account | None) -> set[str]:
    """The public ids of those."""
    return {revision.public_id for revision in revisions if offers_restoring(revision, account)}
