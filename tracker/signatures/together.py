"""How many signed campaigns that are read as one (ADR 021)."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from tracker.db import db
from tracker.signatures.models import COUNTED, Signatory, Signature, SignatureStatus
from tracker.signatures.queries import Counts, counts_for, newest_signature, present


def counts_together(standing: Mapping[int, int], apart: Mapping[int, Counts] | None = None) -> dict[int, Counts]:
    """The same for campaigns that were merged: by the campaign that stands for others, an organisation once.

    `standing` gives for each campaign the one that stands for it (`campaigns.merged.together`); `apart` is what
    `counts_for` says of each, if that is known already.
    """
    if apart is None:
        apart = counts_for(standing)
    merged = {into for campaign_id, into in standing.items() if campaign_id != into}
    if not merged:
        return dict(apart)
    return {
        into: _added_up(into, standing, apart) if into in merged else apart[into] for into in set(standing.values())
    }


def _added_up(into: int, standing: Mapping[int, int], apart: Mapping[int, Counts]) -> Counts:
    ids = [campaign_id for campaign_id, stands in standing.items() if stands == into]
    rows = db.session.execute(
        sa.select(Signature.campaign_id, Signatory.organisation_id, Signature.status)
        .join(Signature.signatory)
        .where(
            Signature.campaign_id.in_(ids),
            Signatory.organisation_id.is_not(None),
            Signature.status.in_(COUNTED),
            newest_signature(),
            present(),
        )
        .order_by(Signature.status, Signature.id)  # confirmed before listed: the better one counts
    ).all()
    known: set[int | None] = set()
    again = dict.fromkeys(COUNTED, 0)
    bodies = dict.fromkeys(ids, 0)
    for campaign_id, organisation_id, status in rows:
        bodies[campaign_id] += 1
        if organisation_id in known:
            again[status] += 1
        known.add(organisation_id)
    with_people = sum(apart[campaign_id].here > bodies[campaign_id] for campaign_id in ids)
    return Counts(
        confirmed=sum(apart[one].confirmed for one in ids) - again[SignatureStatus.CONFIRMED],
        listed=sum(apart[one].listed for one in ids) - again[SignatureStatus.LISTED],
        withdrawn=sum(apart[one].withdrawn for one in ids),
        pending=sum(apart[one].pending for one in ids),
        invalidated=sum(apart[one].invalidated for one in ids),
        at_most=with_people > 1,
    )
