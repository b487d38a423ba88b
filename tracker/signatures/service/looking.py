"""The search for signatories that are perhaps one: asked for with a row, done by a worker, pass after pass.

A pass reads all names of the campaign, a few thousand at a time, and keeps in memory those blocks that are its share:
memory stays flat however many signed, and a killed worker costs one pass. Names are opened in memory alone; what is
written are numbers. A lease keeps two workers apart; the number of passes decides if it should fail.
"""

from __future__ import annotations

import datetime as dt
import secrets
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise

import sqlalchemy as sa

from tracker import clock
from tracker.campaigns.models import Campaign
from tracker.db import db, insert_missing, new_public_id, transaction
from tracker.settings import config
from tracker.signatures.likeness import Found, Named, keys_of, named, pairs_in
from tracker.signatures.models import COUNTED, Signatory, SignatoryKind, SignatureStatus
from tracker.signatures.pairs import Evidence, LikenessSearch, PairState, SignatoryPair
from tracker.signatures.people import Keys, chunks, opened_name
from tracker.signatures.people import keys_of as sealing_keys
from tracker.signatures.queries import present

IN_ONE_PASS = 100_000  # signatories
WINDOW = 5_000  # signatories read at once
MOST_OPEN = 2_000  # pairs that wait for a person; more would not be looked at
# Who withdrew is looked at too: a list may bring back whom its signer took away.
LOOKED_AT = (*COUNTED, SignatureStatus.WITHDRAWN)


class _Gone(Exception):
    """Another worker has it, or the campaign is gone."""


def ask_to_look(campaign_id: int, *, now: dt.datetime) -> None:
    """Have the pairs of a campaign looked for. Asked twice is once; one that is on its way goes on."""
    numbers = dict.fromkeys(("passes", "done", "found", "looked_at", "looked_until"), 0)
    insert_missing(LikenessSearch, [{"campaign_id": campaign_id, "lease": "", **numbers}])
    db.session.execute(
        sa.update(LikenessSearch)
        .where(LikenessSearch.campaign_id == campaign_id, LikenessSearch.asked_at.is_(None))
        .values(asked_at=now, passes=0, done=0, found=0)
        .execution_options(synchronize_session=False)
    )


def ask_where_somebody_came(now: dt.datetime) -> int:
    """Ask for the campaigns that somebody joined since their last search, each at most every so often; how many."""
    looked = sa.outerjoin(Campaign, LikenessSearch, LikenessSearch.campaign_id == Campaign.id)
    until = sa.func.coalesce(LikenessSearch.looked_until, 0)
    newer = sa.exists().where(Signatory.campaign_id == Campaign.id, Signatory.id > until)
    due = sa.or_(LikenessSearch.ended_at.is_(None), LikenessSearch.ended_at <= now - config().durations.likeness_every)
    wanted = sa.select(Campaign.id).select_from(looked).where(
        Campaign.deleted_at.is_(None), LikenessSearch.asked_at.is_(None), due, newer
    )  # fmt: skip
    campaigns = list(db.session.scalars(wanted.order_by(Campaign.id)))
    for campaign_id in campaigns:
        ask_to_look(campaign_id, now=now)
    return len(campaigns)


def look(*, stopping: Callable[[], bool] = lambda: False) -> int:
    """Do the searches that wait, one after another; how many. Opens its own transactions."""
    searched = 0
    while not stopping() and (claimed := _claim()) is not None:
        searched += 1
        try:
            _search(*claimed, stopping)
        except _Gone:
            continue
    return searched


def _claim() -> tuple[int, str] | None:
    now, lease = clock.now(), secrets.token_hex(8)
    with transaction():
        free = sa.select(LikenessSearch).where(
            LikenessSearch.asked_at.is_not(None),
            sa.or_(LikenessSearch.leased_until.is_(None), LikenessSearch.leased_until < now),
        )
        row = db.session.scalars(
            free.order_by(LikenessSearch.asked_at).limit(1).with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        row.lease, row.leased_until = lease, now + config().durations.claim_lease
        if row.passes == 0:
            of_it = sa.select(sa.func.count()).where(Signatory.campaign_id == row.campaign_id, present())
            number = db.session.scalar(of_it) or 0
            row.passes, row.looked_at = max(1, -(-number // IN_ONE_PASS)), number
        return row.campaign_id, lease


def _mine(campaign_id: int, lease: str, now: dt.datetime) -> LikenessSearch:
    row = db.session.scalars(
        sa.select(LikenessSearch).where(LikenessSearch.campaign_id == campaign_id).with_for_update()
    ).one_or_none()
    if row is None or row.lease != lease:
        raise _Gone
    row.leased_until = now + config().durations.claim_lease
    return row


def _search(campaign_id: int, lease: str, stopping: Callable[[], bool]) -> None:
    while True:
        row = db.session.get_one(LikenessSearch, campaign_id)
        passes, part = row.passes, row.done
        campaign = db.session.get_one(Campaign, campaign_id)
        keys = sealing_keys(campaign, now=clock.now())
        last = db.session.scalar(sa.select(sa.func.max(Signatory.id)).where(Signatory.campaign_id == campaign_id)) or 0
        db.session.rollback()
        blocks: defaultdict[str, list[Named]] = defaultdict(list)
        for some in _everybody(campaign_id, last, keys):
            for one in some:
                for key in keys_of(one):
                    if zlib.crc32(key.encode()) % passes == part:
                        blocks[key].append(one)
            if stopping():
                break
            with transaction():
                _mine(campaign_id, lease, clock.now())  # so that a long pass outlives no lease
        if not stopping():
            found = {(each.one, each.other): each for block in blocks.values() for each in pairs_in(block)}
            if part == 0:
                found |= {(each.one, each.other): each for each in _of_one_profile(campaign_id)}
            with transaction():
                row = _mine(campaign_id, lease, clock.now())
                row.found += _keep(campaign_id, list(found.values()))
                row.done += 1
                if row.done >= row.passes:
                    row.asked_at, row.ended_at, row.looked_until = None, clock.now(), last
                    row.passes = row.done = 0
                    row.lease, row.leased_until = "", None
                    return
        if stopping():
            with transaction():
                row = _mine(campaign_id, lease, clock.now())
                row.lease, row.leased_until = "", None
            return


def _everybody(campaign_id: int, last: int, keys: Keys) -> Iterator[list[Named]]:
    """The people of a campaign who count or withdrew, in windows of their numbers; nothing is held open between."""
    first = db.session.scalar(sa.select(sa.func.min(Signatory.id)).where(Signatory.campaign_id == campaign_id)) or 0
    columns = (
        Signatory.id, Signatory.public_id, Signatory.name, Signatory.office, Signatory.affiliation,
        Signatory.name_sealed, Signatory.office_sealed, Signatory.affiliation_sealed, Signatory.stands_as,
        Signatory.receipt_mark.is_not(None).label("by_slip"),
    )  # fmt: skip
    for start in range(first, last + 1, WINDOW):
        rows = db.session.execute(
            sa.select(*columns).where(
                Signatory.campaign_id == campaign_id,
                Signatory.id >= start,
                Signatory.id < min(start + WINDOW, last + 1),
                Signatory.kind == SignatoryKind.PERSON,
                Signatory.stands_as.in_(LOOKED_AT),
                present(),
            )
        ).all()
        db.session.rollback()
        some = []
        for row in rows:
            person = opened_name(row, keys)
            way = "slip" if row.by_slip else "list" if row.stands_as is SignatureStatus.LISTED else "mail"
            some.append(named(row.id, person.name, person.affiliation, person.office, way))
        yield some


def _of_one_profile(campaign_id: int) -> list[Found]:
    """People of a campaign who have the same profile, next to each other by age: certain, whatever their names."""
    here = (
        Signatory.campaign_id == campaign_id, Signatory.kind == SignatoryKind.PERSON, present(),
        Signatory.stands_as.in_(LOOKED_AT),
    )  # fmt: skip
    shared = sa.select(Signatory.link_hash).where(Signatory.link_hash.is_not(None), *here)
    shared = shared.group_by(Signatory.link_hash).having(sa.func.count() > 1)
    rows = db.session.execute(
        sa.select(Signatory.link_hash, Signatory.id)
        .where(Signatory.link_hash.in_(shared), *here)
        .order_by(Signatory.link_hash, Signatory.id)
    ).all()
    db.session.rollback()
    return [
        Found(one.id, other.id, Evidence.LINK, 100) for one, other in pairwise(rows) if one.link_hash == other.link_hash
    ]


def _keep(campaign_id: int, found: list[Found]) -> int:
    """Write the pairs that nobody was asked about yet, the likest first; how many."""
    waiting = sa.select(sa.func.count()).where(
        SignatoryPair.campaign_id == campaign_id, SignatoryPair.state == PairState.OPEN
    )
    before = db.session.scalar(waiting) or 0
    known: set[tuple[int, int]] = set()
    for some in chunks([each.one for each in found]):
        known.update(
            (one, other)
            for one, other in db.session.execute(
                sa.select(SignatoryPair.one_id, SignatoryPair.other_id).where(SignatoryPair.one_id.in_(some))
            )
        )
    new = [each for each in found if (each.one, each.other) not in known]
    new = sorted(new, key=lambda each: (-each.likeness, each.one, each.other))[: max(0, MOST_OPEN - before)]
    now = clock.now()
    here = _still_here({number for each in new for number in (each.one, each.other)})
    rows = [
        {
            "public_id": new_public_id(), "campaign_id": campaign_id, "one_id": each.one, "other_id": each.other,
            "evidence": each.evidence, "likeness": each.likeness, "state": PairState.OPEN, "found_at": now,
        }
        for each in sorted(new, key=lambda each: (each.one, each.other))
        if each.one in here and each.other in here
    ]  # fmt: skip
    for batch in chunks(rows):
        insert_missing(SignatoryPair, batch)
    return len(rows)


def _still_here(numbers: set[int]) -> set[int]:
    """Those whose rows were not destroyed since they were read; kept from being destroyed until the commit."""
    here: set[int] = set()
    for some in chunks(sorted(numbers)):
        here.update(
            db.session.scalars(sa.select(Signatory.id).where(Signatory.id.in_(some), present()).with_for_update())
        )
    return here
