"""Two organisations were found to be one, and both signed a campaign: there they count once (companies/merging.py)."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from tracker.companies.merging import on_merging
from tracker.companies.models import Organisation
from tracker.db import db
from tracker.signatures.models import Signatory


@on_merging
def count_once(kept: Organisation, merged: Organisation, is_merge: bool) -> None:
    """Where both are, the kept organisation's row counts for both; parted again, each counts."""
    own, theirs = aliased(Signatory), aliased(Signatory)
    both = db.session.execute(
        sa.select(theirs.id, own.id)
        .join(own, own.campaign_id == theirs.campaign_id)
        .where(theirs.organisation_id == merged.id, own.organisation_id == kept.id)
        .where(theirs.merged_into_id.is_(None) if is_merge else theirs.merged_into_id == own.id)
    ).all()
    for number, counts in both:
        db.session.execute(
            sa.update(Signatory)
            .where(Signatory.id == number)
            .values(merged_into_id=counts if is_merge else None)
            .execution_options(synchronize_session=False)
        )
    db.session.expire_all()
