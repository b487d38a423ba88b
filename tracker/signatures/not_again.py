"""Who erased themselves and asked not to be added again: keyed hashes of what a list would know them by, nothing else.

A list that somebody brings in once more would bring back whoever is on it. They themselves may sign again at any time.
The campaign's hash key makes them; once it is destroyed they are removed too.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from tracker.campaigns.models import Campaign
from tracker.db import Model, db
from tracker.signatures.models import Signatory
from tracker.words import _

SOME = 500  # in one statement
NOT_AGAIN = _(
    "Whoever is known by this erased themselves here and asked not to be added again; they alone may sign again."
)


class NotAgain(Model):
    """That nobody adds whoever is known by this: the hash of an address, of a profile's link or of a list's row."""

    __tablename__ = "signatory_not_again"
    __table_args__ = {"sqlite_with_rowid": False}

    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    mark: Mapped[str] = mapped_column(sa.String(64), primary_key=True)


def add_never_again(signatory: Signatory) -> None:
    """Keep what a list would know this signatory by; before it is destroyed. Twice is once."""
    marks = {signatory.address_hash, signatory.link_hash, signatory.row_key} - {None}
    for mark in marks - never_again(signatory.campaign_id, [mark for mark in marks if mark]):
        db.session.add(NotAgain(campaign_id=signatory.campaign_id, mark=mark))


def never_again(campaign_id: int, marks: Iterable[str]) -> set[str]:
    """Those of the hashes by which nobody is added."""
    mine = NotAgain.campaign_id == campaign_id
    few = db.session.scalars(sa.select(NotAgain.mark).where(mine).limit(SOME + 1)).all()
    if len(few) <= SOME:
        return set(few).intersection(marks)
    wanted, found = list(marks), set[str]()
    for start in range(0, len(wanted), SOME):
        some = wanted[start : start + SOME]
        found.update(db.session.scalars(sa.select(NotAgain.mark).where(mine, NotAgain.mark.in_(some))))
    return found


def forget_all(campaign: Campaign) -> None:
    """Remove them with the key that made them."""
    db.session.execute(
        sa.delete(NotAgain).where(NotAgain.campaign_id == campaign.id), execution_options={"synchronize_session": False}
    )
