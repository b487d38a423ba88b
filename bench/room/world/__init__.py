"""Worlds to serve: databases full of invented campaigns, one of which is measured.

    with app.app_context():
        filled = fill(Size(campaigns=200, entries=120, signatures=150))
    filled.slug, filled.sealed_slug, filled.company_slug, filled.account_id

The reader is an organiser: lead of the two campaigns that are measured, editor of every twentieth of the others, and
an outsider to the rest, some of which may not be read at all. All rows come from one seed: two worlds of one size are
the same world.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

import sqlalchemy as sa

from bench.room.world.campaigns import Campaigns
from bench.room.world.people import add_signatories
from bench.room.world.rows import Rows
from tracker.db import db, transaction
from tracker.search.rebuilding import rebuild
from tracker.signatures.service.tallying import fold_tallies

NOW = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Size:
    """How much there is. Entries and signatures are those of the campaign that is measured; others have a handful."""

    campaigns: int
    entries: int
    signatures: int


@dataclass(frozen=True)
class Filled:
    """Where to look."""

    account_id: int
    slug: str  # the campaign whose pages are measured; public, names in the open
    sealed_slug: str  # the same size, by link, names sealed
    company_slug: str  # asked by one campaign in four, by 400 at most
    title_word: str  # some campaigns have it in their title
    common_words: str  # for an address: each of two words stands in one entry in six, and in as many sources


def fill(size: Size, *, seed: int = 2018) -> Filled:
    """Fill the database of the running app, which must be empty and migrated."""
    chance = random.Random(seed)
    with db.engine.begin() as connection:
        world = Campaigns(Rows(connection), chance, NOW)
        open_id, sealed_id = world.add_measured(entries=size.entries)
        world.add_others(size.campaigns - 2)
        add_signatories(world, open_id, size.signatures, NOW)
        add_signatories(world, sealed_id, size.signatures, NOW)
        world.rows.finish()
        # What the services would have kept: a campaign begins before its entries, and its last change is the last.
        for column, which in (("changed_at", "max"), ("created_at", "min")):
            value = f"(SELECT {which}(recorded_at) FROM timeline_entry WHERE campaign_id = campaign.id)"  # noqa: S608
            connection.execute(sa.text(f"UPDATE campaign SET {column} = coalesce({value}, {column})"))  # noqa: S608
    # What a running instance has by then: the beat folds tallies, and each save keeps the index of searching.
    with transaction():
        fold_tallies(enough=0)
    rebuild(now=NOW)
    # PostgreSQL's autovacuum would have seen by then how the rows lie, those of the index of searching too. SQLite is
    # left as the app leaves it, which asks for no statistics.
    if db.engine.dialect.name == "postgresql":
        with db.engine.begin() as connection:
            connection.execute(sa.text("ANALYZE"))
    return Filled(
        account_id=world.reader_id,
        slug=world.slugs[open_id],
        sealed_slug=world.slugs[sealed_id],
        company_slug=world.companies[0].slug,
        title_word="lobbying",
        common_words="letter+signatures",
    )
