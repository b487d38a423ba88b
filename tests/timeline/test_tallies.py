"""A history counted once and read from either end is the history that counting and reading all of it gives."""

from __future__ import annotations

import itertools

import pytest
import sqlalchemy as sa
from flask import Flask

from bench.room.world import NOW, Size, fill
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.timeline.models import EntryKind, EntryVisibility
from tracker.timeline.queries import HistoryFilter, entries_visible_to, history
from tracker.timeline.tallies import accounts_of, page_of_history, tally_of

pytestmark = pytest.mark.each_database


@pytest.fixture
def campaign_id(app: Flask) -> int:
    """A campaign of ninety entries."""
    with app.app_context():
        filled = fill(Size(campaigns=4, entries=90, signatures=1))
        return db.session.scalars(sa.select(Campaign.id).where(Campaign.slug == filled.slug)).one()


def readers() -> list[Account | None]:
    """A lead, organisers who are no members, and nobody."""
    return [*db.session.scalars(sa.select(Account).order_by(Account.id).limit(4)), None]


def test_the_tally_counts_what_each_reader_may_read(app: Flask, campaign_id: int) -> None:
    """For every reader and filter the number is that of the entries themselves; confidential ones never count."""
    numbers = set()
    with app.app_context():
        today = NOW.date()
        for account in readers():
            tally = tally_of([campaign_id], entries_visible_to(account, today=today))
            entries = db.session.scalars(history([campaign_id], account, HistoryFilter(), today=today)).all()
            assert tally.kinds == {kind: n for kind in EntryKind if (n := sum(e.kind is kind for e in entries))}
            assert tally.visibilities == {
                one: n for one in EntryVisibility if (n := sum(entry.visibility is one for entry in entries))
            }
            assert {one.id for one in accounts_of(tally.actor_ids)} == {entry.actor_id for entry in entries}
            numbers.add(len(entries))
            kinds = [(), (EntryKind.NOTE,), (EntryKind.STATEMENT, EntryKind.CORRECTION)]
            seen = [(), (EntryVisibility.PUBLIC,), (EntryVisibility.MEMBERS, EntryVisibility.OFF_THE_RECORD)]
            actors = ["", *(one.public_id for one in accounts_of(tally.actor_ids)[:2]), "nobody"]
            for kind, visibility, actor in itertools.product(kinds, seen, actors):
                wanted = HistoryFilter(kinds=kind, visibilities=visibility, actor=actor)
                asked = db.session.scalar(sa.select(Account.id).where(Account.public_id == actor))
                found = db.session.scalars(history([campaign_id], account, wanted, today=today)).all()
                assert tally.number(wanted, asked) == len(found)
    assert len(numbers) > 2, "readers see different entries"


@pytest.mark.parametrize("oldest_first", [False, True])
def test_pages_from_either_end_make_the_whole(app: Flask, campaign_id: int, oldest_first: bool) -> None:
    """Page after page gives every entry once and in order, also where a page is counted from the end."""
    with app.app_context():
        for account in readers():
            wanted = HistoryFilter(oldest_first=oldest_first)
            found = history([campaign_id], account, wanted, today=NOW.date())
            whole = [entry.id for entry in db.session.scalars(found)]
            assert len(whole) > 30
            for size in (7, 40, 100):
                pages = [
                    page_of_history(found, oldest_first=oldest_first, total=len(whole), start=start, size=size)
                    for start in range(0, len(whole), size)
                ]
                assert [entry.id for entry in itertools.chain(*pages)] == whole
            assert page_of_history(found, oldest_first=oldest_first, total=0, start=0, size=9) == []
