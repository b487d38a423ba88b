"""The tally of signatories is folded: many small changes become the few numbers that they add up to."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from tracker.db import db
from tracker.signatures.models import SignatoryTally

ENOUGH = 200  # rows of one campaign; fewer are added up in no time


def fold_tallies(*, enough: int = ENOUGH) -> int:
    """Fold the tally of each campaign that has more rows than so many; how many campaigns had.

    Inside a transaction. What others add meanwhile is another row, which stays: no number is lost and nobody waits.
    """
    long = sa.select(SignatoryTally.campaign_id).group_by(SignatoryTally.campaign_id).having(sa.func.count() > enough)
    campaigns = list(db.session.scalars(long))
    for campaign_id in campaigns:
        gone = db.session.execute(
            sa.delete(SignatoryTally)
            .where(SignatoryTally.campaign_id == campaign_id)
            .returning(SignatoryTally.kind, SignatoryTally.stands_as, SignatoryTally.shown_as, SignatoryTally.number),
            execution_options={"synchronize_session": False},
        ).all()
        sums: Counter[tuple[object, object, object]] = Counter()
        for kind, stands_as, shown_as, number in gone:
            sums[kind, stands_as, shown_as] += number
        rows = [
            {"campaign_id": campaign_id, "kind": kind, "stands_as": stands_as, "shown_as": shown_as, "number": number}
            for (kind, stands_as, shown_as), number in sums.items()
            if number
        ]
        if rows:
            db.session.execute(sa.insert(SignatoryTally), rows)
    return len(campaigns)
