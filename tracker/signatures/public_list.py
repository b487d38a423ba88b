"""Who signed, as each chose: for the public page, its JSON and the packet.

Organisations come first, then names in the open by name, then initials; the order never tells a name or a time that is
hidden. A page of them is found by what stands in the indexes, from one name on, however many there are. Those who
signed an earlier text, before it was changed in substance, stand apart: nobody is shown under words not signed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.signatures.appearing import Shown, as_chosen, hides_names
from tracker.signatures.models import COUNTED, Appearance, Signatory, SignatoryKind, SignatoryTally, Signature
from tracker.signatures.people import keys_of
from tracker.signatures.queries import counts, newest_of, present

MOST_SHOWN = 500
BODIES, NAMES, INITIALS = range(3)
# In the words of the indexes `ix_signatory_named` and `ix_signatory_initials`, or SQLite does not see that they serve.
_COUNTS = sa.text("signatory.stands_as IN ('confirmed', 'listed')")
_SHOWN = {one: sa.text(f"signatory.shown_as = '{one.value}'") for one in (Appearance.NAMED, Appearance.INITIALS)}


@dataclass(frozen=True)
class PublicSignatories:
    """Who signed, as far as each chose; as many as fit, and how many are told as numbers only."""

    shown: Sequence[Shown]  # who signed the text as it is now
    earlier: Sequence[Shown]  # who signed an earlier one, before it was changed in substance
    counted_only: int  # chose only to be counted
    bodies: int  # organisations of a campaign that shows no names
    gone: int  # chose to be shown, and nothing to show is kept; known where all fit on one page
    after: str = ""  # the public id behind which more follow; empty when none do
    is_first: bool = True  # nobody stands before these

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not (self.shown or self.earlier or self.counted_only or self.bodies or self.gone)


@dataclass(frozen=True)
class _Place:
    rank: int
    key: str
    public_id: str


def public_signatories(
    campaigns: Sequence[Campaign],
    as_now: Set[int] | None,
    *,
    now: dt.datetime,
    limit: int = MOST_SHOWN,
    after: str = "",
    offset: int = 0,
    total: int | None = None,
) -> PublicSignatories:
    """At most `limit` who signed one of these campaigns, behind the one with the public id `after`, or behind the first
    `offset`; withdrawn ones never. From the beginning where nobody of that id is shown (any more). `as_now`: what
    `texts_as_now` says of one campaign. `total`: how many signed it, if that is known.

    Of several campaigns (merged, ADR 21) an organisation that signed more than one stands once on a page.
    """
    if total == 0:
        return PublicSignatories([], [], 0, 0, 0)
    place = _place_of(campaigns, after) if after else None
    rows = db.session.execute(_walk(campaigns, place, limit + 1, offset)).all()
    ids, more = [row.id for row in rows[:limit]], len(rows) > limit
    found = _as_chosen(campaigns, ids, now)
    earlier = [] if as_now is None else [shown for one, shown in found if one.text_id not in as_now]
    shown = [shown for one, shown in found if as_now is None or one.text_id in as_now]
    numbers = _numbers(campaigns)
    counted_only = sum(number for (_id, _kind, shown_as), number in numbers.items() if shown_as is Appearance.COUNTED)
    hiding = {one.id for one in campaigns if hides_names(one)}
    bodies = sum(
        number
        for (campaign_id, kind, shown_as), number in numbers.items()
        if campaign_id in hiding and kind is SignatoryKind.ORGANISATION and shown_as is not Appearance.COUNTED
    )
    is_whole = len(campaigns) == 1 and place is None and not offset and not more
    gone = 0
    if is_whole:
        here = counts(campaigns[0]).here if total is None else total
        gone = max(0, here - len(found) - counted_only - bodies)
    return PublicSignatories(
        sorted(dict.fromkeys(shown) if len(campaigns) > 1 else shown, key=Shown.sort_key),
        sorted(earlier, key=Shown.sort_key),
        counted_only,
        bodies,
        gone,
        rows[limit - 1].public_id if more else "",
        place is None and not offset,
    )


def _as_chosen(campaigns: Sequence[Campaign], ids: Sequence[int], now: dt.datetime) -> list[tuple[Signature, Shown]]:
    keys = {one.id: (one, keys_of(one, now=now)) for one in campaigns}
    return [
        (signature, shown)
        for signature in newest_of(ids)
        if (shown := as_chosen(signature, *keys[signature.campaign_id])) is not None
    ]


def _numbers(campaigns: Sequence[Campaign]) -> dict[tuple[int, SignatoryKind, Appearance], int]:
    """How many count, by campaign, kind and appearance; without counting them."""
    by = (SignatoryTally.campaign_id, SignatoryTally.kind, SignatoryTally.shown_as)
    found = (
        sa.select(*by, sa.func.sum(SignatoryTally.number))
        .where(SignatoryTally.campaign_id.in_([one.id for one in campaigns]), SignatoryTally.stands_as.in_(COUNTED))
        .group_by(*by)
    )
    return {(row[0], row[1], row[2]): int(row[3]) for row in db.session.execute(found)}


def _place_of(campaigns: Sequence[Campaign], public_id: str) -> _Place | None:
    found = sa.select(Signatory).where(
        Signatory.public_id == public_id,
        Signatory.campaign_id.in_([one.id for one in campaigns]),
        present(),
        _COUNTS,
        Signatory.shown_as.in_(tuple(_SHOWN)),
    )
    one = db.session.scalar(found)
    if one is None or one.shown_as is None:
        return None
    for rank, kind, shown_as, by_name in _ranks(next(each for each in campaigns if each.id == one.campaign_id)):
        if (kind, shown_as) == (one.kind, one.shown_as):
            return _Place(rank, one.sort_text if by_name else "", public_id)
    return None


def _ranks(campaign: Campaign) -> Iterable[tuple[int, SignatoryKind, Appearance, bool]]:
    """In which order who is shown stands, and whether by name; else by what tells nothing. The names of a protected
    campaign are sealed, so that what it is sorted by is empty and tells nothing either."""
    if hides_names(campaign):
        yield INITIALS, SignatoryKind.PERSON, Appearance.NAMED, campaign.is_protected
    else:
        yield BODIES, SignatoryKind.ORGANISATION, Appearance.NAMED, True
        yield NAMES, SignatoryKind.PERSON, Appearance.NAMED, True
    yield INITIALS, SignatoryKind.PERSON, Appearance.INITIALS, False


def _walk(campaigns: Sequence[Campaign], after: _Place | None, limit: int, offset: int) -> sa.Select[Any]:
    """One statement: a few short walks along the indexes, put together."""
    parts = []
    for campaign in campaigns:
        for rank, kind, shown_as, by_name in _ranks(campaign):
            if after is not None and after.rank > rank:
                continue
            key: sa.ColumnElement[str] = Signatory.sort_text.expression if by_name else sa.literal("", sa.Text)
            public_id = Signatory.public_id.expression
            part = sa.select(Signatory.id, sa.literal(rank).label("rank"), key.label("key"), public_id).where(
                Signatory.campaign_id == campaign.id, Signatory.kind == kind, present(), _COUNTS, _SHOWN[shown_as]
            )
            if after is not None and after.rank == rank:
                start = sa.tuple_(key, public_id) > sa.tuple_(after.key, after.public_id)
                part = part.where(start if by_name else public_id > after.public_id)
            ordered = part.order_by(*((key, public_id) if by_name else (public_id,)))
            parts.append(sa.select(ordered.limit(offset + limit).subquery()))
    every = sa.union_all(*parts).subquery()
    return sa.select(every).order_by(every.c.rank, every.c.key, every.c.public_id).limit(limit).offset(offset)
