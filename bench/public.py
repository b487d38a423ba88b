"""Does the public page stay quick at a million signatories? First and later names, JSON, counter: few and a million."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import sqlalchemy as sa

from bench.pages import COLUMNS, Measured, Page, measure
from bench.room.answer import Answer, Limit, Table
from bench.room.crowd import crowd
from bench.room.databases import KINDS, on
from bench.room.world import Filled, Size, fill
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.signatures.models import Appearance, Signatory
from tracker.signatures.public_list import MOST_SHOWN

SMALL = Size(campaigns=3, entries=40, signatures=9 * MOST_SHOWN)
LARGE = Size(campaigns=3, entries=40, signatures=1_000_000)
QUICK = (Size(campaigns=3, entries=12, signatures=30), Size(campaigns=3, entries=12, signatures=60))
ROUNDS = 60

WORDS = f"""
A campaign that everybody may read, with {SMALL.signatures:,} signatories and with {LARGE.signatures:,}:
a third by name, a third by initials, a third only counted. Whoever asks is not signed in. Both show equally many names
on each page. *Later names* is the page behind the last name of the first one, *far names* the page behind a name near
the end of the alphabet. Columns as in the table of pages; the limit is 1.5.
"""


@dataclass(frozen=True)
class Signed(Filled):
    """Where to look, and behind whom."""

    after: str  # the public id of the last name on the first page
    far: str  # of a name near the end


PAGES = (
    Page("Public page", lambda filled, size: f"/c/{filled.slug}"),
    Page("Later names", lambda filled, size: f"/c/{filled.slug}?after={_signed(filled).after}"),
    Page("Far names", lambda filled, size: f"/c/{filled.slug}?after={_signed(filled).far}"),
    Page("JSON", lambda filled, size: f"/c/{filled.slug}.json"),
    Page("Counter", lambda filled, size: f"/c/{filled.slug}/counter"),
    Page("Counter as a picture", lambda filled, size: f"/c/{filled.slug}/counter.svg"),
)


def _signed(filled: Filled) -> Signed:
    assert isinstance(filled, Signed)
    return filled


def fill_public(size: Size) -> Signed:
    """A world whose campaign has so many signatories, written at once."""
    filled = fill(Size(size.campaigns, size.entries, 0))
    campaign_id = db.session.scalars(sa.select(Campaign.id).where(Campaign.slug == filled.slug)).one()
    crowd(campaign_id, size.signatures)
    named = (
        sa.select(Signatory.public_id)
        .where(Signatory.campaign_id == campaign_id, Signatory.shown_as == Appearance.NAMED)
        .order_by(Signatory.sort_text, Signatory.public_id)
    )
    number = size.signatures // 3
    # What stands behind both fills a page with initials where the names end.
    places = (min(MOST_SHOWN, number // 2) - 1, max(number - 2 * MOST_SHOWN, number // 2) - 1)
    after, far = (db.session.scalars(named.offset(place).limit(1)).one() for place in places)
    return Signed(**{one.name: getattr(filled, one.name) for one in fields(Filled)}, after=after, far=far)


def run(*, quick: bool = False, kinds: Iterable[str] = KINDS) -> Answer:
    """Measure every page on each kind of database."""
    small, large = QUICK if quick else (SMALL, LARGE)
    tables, limits = [], []
    for kind in kinds:
        with on(kind) as databases:
            found: list[Measured] = measure(
                databases, small, large, rounds=2 if quick else ROUNDS, pages=PAGES, filling=fill_public,
                is_signed_in=False,
            )  # fmt: skip
        mine = [Limit(f"{KINDS[kind]}, {one.page.name}:", one.ratio, one.page.limit) for one in found]
        rows = [one.row(limit) for one, limit in zip(found, mine, strict=True)]
        tables.append(Table(COLUMNS, rows, caption=f"### {KINDS[kind]}"))
        limits += mine
    return Answer("Does the public page stay quick at a million signatories?", WORDS, tables, limits)
