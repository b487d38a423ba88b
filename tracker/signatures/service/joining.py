"""A person decides that two signatories are one, or are not; and takes it back.

Merging changes one number: which row counts for the other. Nothing of either is lost, so parting them restores exactly
what was. Neither the history nor the access record names anybody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

import sqlalchemy as sa

from tracker.accounts.models import Account, Reading
from tracker.accounts.service import record_access
from tracker.campaigns.models import Campaign
from tracker.db import db, insert_missing, new_public_id
from tracker.signatures.models import Provenance, Signatory, SignatureStatus
from tracker.signatures.one_person import newest_of, who_counts
from tracker.signatures.pairs import Evidence, PairState, SignatoryPair, pair_of
from tracker.signatures.service.errors import SignatureError
from tracker.signatures.service.telling import append, revise
from tracker.timeline.models import EntryVisibility
from tracker.timeline.queries import day_in
from tracker.words import _, gettext

DECIDED = _("Somebody else decided this meanwhile.")
CANNOT = _("These two cannot be one.")
GONE = _("One of the two is not here any more.")


def find_same(pair: SignatoryPair, *, actor: Account, now: dt.datetime) -> Signatory:
    """These two are one: the one that is kept counts for both. Raises SignatureError."""
    pair = _locked(pair, PairState.OPEN)
    kept, merged = merge_signatories(pair.one, pair.other)
    _decide(pair, PairState.SAME, actor, now)
    pair.merged_id = merged.id
    _tell(kept, merged, gettext("2 signatures were found to be one signer’s; they count once"), actor, now)
    record_access(actor, campaign_id=pair.campaign_id, reading=Reading.MERGED, count=2, now=now)
    return kept


def find_same_unasked(
    one: Signatory, other: Signatory, *, likeness: int, actor: Account, now: dt.datetime
) -> Signatory:
    """These two are one, whom nobody proposed, or whom somebody found different before. Raises SignatureError."""
    first, second = sorted((one.id, other.id))
    row = {
        "public_id": new_public_id(), "campaign_id": one.campaign_id, "one_id": first, "other_id": second,
        "evidence": Evidence.PERSON, "likeness": likeness, "state": PairState.OPEN, "found_at": now,
    }  # fmt: skip
    if one.id == other.id or one.campaign_id != other.campaign_id:
        raise SignatureError(CANNOT)
    insert_missing(SignatoryPair, [row])
    pair = pair_of(one, other)
    assert pair is not None
    if pair.state is PairState.DIFFERENT:
        take_back(pair, actor=actor, now=now)
    return find_same(pair, actor=actor, now=now)


def find_different(pair: SignatoryPair, *, actor: Account, now: dt.datetime) -> None:
    """These two are two; nobody is asked about them again. Raises SignatureError."""
    _decide(_locked(pair, PairState.OPEN), PairState.DIFFERENT, actor, now)


def take_back(pair: SignatoryPair, *, actor: Account, now: dt.datetime) -> None:
    """Undo a decision: what was merged counts by itself again, and the two wait for a person. Raises SignatureError."""
    pair = _locked(pair, PairState.SAME, PairState.DIFFERENT)
    if pair.state is PairState.SAME:
        merged = pair.one if pair.one_id == pair.merged_id else pair.other
        kept = who_counts(merged)
        part_signatory(merged)
        _tell(kept, merged, gettext("2 signatures were found to be of two signers after all; both count"), actor, now)
        record_access(actor, campaign_id=pair.campaign_id, reading=Reading.PARTED, count=2, now=now)
    pair.state, pair.decided_at, pair.decided_by_id, pair.merged_id = PairState.OPEN, None, None, None


def merge_signatories(one: Signatory, other: Signatory) -> tuple[Signatory, Signatory]:
    """Have one row count for both: the kept one and the merged one. Raises SignatureError when either is gone."""
    found = db.session.scalars(
        sa.select(Signatory)
        .where(Signatory.id.in_([one.id, other.id]))
        .order_by(Signatory.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if len(found) != 2 or any(each.deleted_at or each.merged_into_id for each in found):
        raise SignatureError(GONE)
    if found[0].campaign_id != found[1].campaign_id or found[0].kind is not found[1].kind:
        raise SignatureError(CANNOT)
    kept, merged = kept_first(*found)
    _point(merged, kept.id)
    return kept, merged


def kept_first(one: Signatory, other: Signatory) -> tuple[Signatory, Signatory]:
    """Of two that are one, the row that would be kept, then the other."""
    return (one, other) if _stands_before(one) > _stands_before(other) else (other, one)


def let_count(signatory: Signatory, *, now: dt.datetime) -> None:
    """Have this row count for all that were found to be the same signer's, since its signer asked for something last.

    So whoever acts through one row's receipt or address is shown by that row's own words, and nobody by another's. The
    pairs know it, so that taking one back still parts these two. Raises SignatureError when somebody parts them now.
    """
    if signatory.merged_into_id is None:
        return
    path = [signatory]
    while (number := path[-1].merged_into_id) is not None:
        path.append(db.session.get_one(Signatory, number))
    steps = list(pairwise(path))
    pairs = [pair for step in steps if (pair := pair_of(*step)) and pair.merged_id]
    _lock(SignatoryPair, pairs)
    _lock(Signatory, path)
    if any(below.merged_into_id != above.id for below, above in steps) or path[-1].merged_into_id is not None:
        raise SignatureError(DECIDED)
    for pair in pairs:
        pair.merged_id = pair.other_id if pair.merged_id == pair.one_id else pair.one_id
    _point(signatory, None)
    for below, above in steps:
        _point(above, below.id)
    revise(signatory, "merged", None, now)


def stand_alone(signatory: Signatory) -> None:
    """Part a row from the one that counts for it, and from those it counts for, each of which counts by itself."""
    if signatory.merged_into_id is not None:
        _point(signatory, None)
    for row in db.session.scalars(sa.select(Signatory).where(Signatory.merged_into_id == signatory.id)).all():
        _point(row, None)


def part_signatory(merged: Signatory) -> None:
    """Let a merged row count by itself again. Raises SignatureError when it was erased, or is not merged."""
    if merged.deleted_at is not None or merged.merged_into_id is None:
        raise SignatureError(GONE)
    _point(merged, None)


def _point(merged: Signatory, kept_id: int | None) -> None:
    # Past the version of the row, so that parting leaves it as it was before.
    db.session.execute(
        sa.update(Signatory)
        .where(Signatory.id == merged.id)
        .values(merged_into_id=kept_id)
        .execution_options(synchronize_session=False)
    )
    db.session.expire(merged)


def _lock(model: type[Signatory] | type[SignatoryPair], rows: Sequence[Signatory | SignatoryPair]) -> None:
    """Hold these rows, as they are now, until the end of the transaction."""
    db.session.scalars(
        sa.select(model)
        .where(model.id.in_([row.id for row in rows]))
        .order_by(model.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()


def _stands_before(signatory: Signatory) -> tuple[bool, dt.date, bool, int, int]:
    """Which of two is kept: what the signer did last; of one day a withdrawal, then what shows less; of lists what
    shows less, then the earlier. (Of a signature with a slip only the day is known.)

    So nobody is shown more than they chose, and who withdrew stays withdrawn, whatever a list says.
    """
    signature = newest_of(signatory)
    if signature is None:
        return False, dt.date.min, False, 0, -signatory.id
    shown = -signature.appearance.rank
    if signature.provenance is not Provenance.SIGNER:
        return False, dt.date.min, False, shown, -signatory.id
    moments = (signature.recorded_at, signature.confirmed_at, signature.ended_at)
    day = day_in(signatory.campaign.zone, max(moment for moment in moments if moment is not None))
    return True, day, signature.status is SignatureStatus.WITHDRAWN, shown, signatory.id


def _locked(pair: SignatoryPair, *states: PairState) -> SignatoryPair:
    found = db.session.scalars(
        sa.select(SignatoryPair)
        .where(SignatoryPair.id == pair.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise SignatureError(GONE)
    if found.state not in states:
        raise SignatureError(DECIDED)
    return found


def _decide(pair: SignatoryPair, state: PairState, actor: Account, now: dt.datetime) -> None:
    pair.state, pair.decided_at, pair.decided_by_id = state, now, actor.id


def _tell(kept: Signatory, merged: Signatory, headline: str, actor: Account, now: dt.datetime) -> None:
    campaign: Campaign = kept.campaign
    append(
        campaign,
        headline,
        day_in(campaign.zone, now),
        visibility=EntryVisibility.MEMBERS,
        announce=False,
        actor=actor,
        now=now,
    )
    for row in (kept, merged):
        revise(row, "merged", actor, now)
