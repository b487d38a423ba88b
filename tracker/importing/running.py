"""The long work of an import, five thousand rows a transaction, each with the number that says how far it is.

Killed anywhere, the rows and the number of that transaction are both there or neither: the next worker goes on from the
number, and doubles nobody. A lease keeps two workers apart; the number decides if it should fail.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tracker import clock
from tracker.db import db, forget_deleted, transaction
from tracker.importing import keeping
from tracker.importing.ahead import read_ahead, seldom_tidied, tidied
from tracker.importing.loading import Collision
from tracker.importing.marking import Marks, marks_of
from tracker.importing.models import WORKING, Import, ImportRefusal, ImportState, place
from tracker.importing.problems import FileProblem
from tracker.importing.reading import read_rows
from tracker.importing.rows import Row, understand
from tracker.importing.saving import Known, save, tell
from tracker.importing.service import shape
from tracker.importing.undoing import undo_some, undo_some_organisations
from tracker.sealing import CampaignKeys, campaign_keys
from tracker.settings import config
from tracker.timeline.queries import day_in

ROWS = 5000  # half a second of the one writer that SQLite has; each page of an index is written once a transaction
TRIES = 3
MOST_REFUSALS = 10_000  # kept to be mended; all are counted


class _Gone(Exception):
    """Somebody stopped it, or another worker has it."""


def work(*, stopping: Callable[[], bool] = lambda: False) -> int:
    """Do what waits, one import after another; how many were worked on. Opens its own transactions."""
    worked = 0
    while not stopping() and (claimed := _claim()) is not None:
        worked += 1
        key, lease, state = claimed
        try:
            if state is ImportState.UNDOING:
                _undo(key, lease, stopping)
            else:
                with seldom_tidied():
                    _read(key, lease, state, stopping)
        except _Gone:
            continue
    return worked


def _claim() -> tuple[int, str, ImportState] | None:
    lease = secrets.token_hex(8)
    with transaction():
        now = clock.now()
        free = sa.select(Import).where(
            Import.state.in_(WORKING), sa.or_(Import.leased_until.is_(None), Import.leased_until < now)
        )
        row = db.session.scalars(free.order_by(Import.id).limit(1).with_for_update(skip_locked=True)).first()
        if row is None:
            return None
        row.lease, row.leased_until = lease, now + config().durations.claim_lease
        return row.id, lease, row.state


def _mine(key: int, lease: str, state: ImportState, now: dt.datetime) -> Import:
    row = db.session.scalars(sa.select(Import).where(Import.id == key).with_for_update()).one()
    if row.lease != lease or row.state is not state:
        raise _Gone
    row.leased_until = now + config().durations.claim_lease
    return row


def _read(key: int, lease: str, state: ImportState, stopping: Callable[[], bool]) -> None:
    now = clock.now()
    row = db.session.get_one(Import, key)
    keys = campaign_keys(row.campaign.public_id, now=now)
    zone = ZoneInfo(row.campaign.zone)
    today = day_in(row.campaign.zone, now)
    reader = understand(row.columns, row.day_order, row.appearance, zone, today, row.kind)
    text = read_rows(keeping.stored(row, keys, keeping.by_itself(db.engine)), shape(row))
    is_protected, dry = row.campaign.is_protected, state is ImportState.CHECKING

    def marked(rows: Sequence[Row]) -> Marks:
        return marks_of(rows, keys, is_protected=is_protected, dry=dry)

    batches = read_ahead(_batches(text, reader, marked, skip=row.done, has_header=row.has_header))
    known = Known()
    db.session.rollback()  # nothing is held open while rows are read
    try:
        for some in tidied(batches):
            _save(key, lease, state, some, known)
            if stopping():
                _hand_back(key, lease)
                return
    except FileProblem as found:
        with transaction():
            broken = _mine(key, lease, state, clock.now())
            broken.problem, broken.problem_row = found.problem, found.row
            broken.state, broken.lease, broken.leased_until = ImportState.DRAFT, "", None
        return
    finally:
        batches.close()
    _finish(key, lease, state)


@dataclass(frozen=True)
class _Batch:
    """Rows of one transaction; of those that are refused, the cells they were read from."""

    number: int
    refused: list[tuple[Row, Sequence[str]]]
    good: list[Row]
    marks: Marks


def _batches(
    text: Iterator[tuple[int, list[str]]],
    reader: Callable[[int, Sequence[str]], Row],
    marked: Callable[[Sequence[Row]], Marks],
    *,
    skip: int,
    has_header: bool,
) -> Generator[_Batch]:
    rows = ((number, cells) for number, cells in text if number > 1 or not has_header)
    for _skipped in islice(rows, skip):
        pass
    while some := list(islice(rows, ROWS)):
        read = [(reader(number, cells), cells) for number, cells in some]
        good = [each for each, _cells in read if not each.problems]
        yield _Batch(len(read), [(each, cells) for each, cells in read if each.problems], good, marked(good))
        del some, read, good  # or they would wait here until there is room for the next


def _save(key: int, lease: str, state: ImportState, some: _Batch, known: Known) -> None:
    """One transaction; begun anew when somebody signed with one of these addresses in the very same moment."""
    now = clock.now()
    for left in range(TRIES - 1, -1, -1):
        try:
            with transaction():
                row = _mine(key, lease, state, now)
                if state is ImportState.CHECKING:
                    _keep_refusals(row, some.refused, some.marks.keys)
                    row.rows += some.number
                    row.ambiguous += sum(each.is_ambiguous for each in some.good)
                new = save(row, some.good, some.marks, known, now=now, dry=state is ImportState.CHECKING)
                row.new += new
                row.here += len(some.good) - new
                row.done += some.number
        except Collision:
            if not left:
                raise
        else:
            return


def _keep_refusals(row: Import, refused: Sequence[tuple[Row, Sequence[str]]], keys: CampaignKeys) -> None:
    kept = [
        {
            "import_id": row.id,
            "number": each.number,
            "sealed": keys.seal(json.dumps([list(cells), each.problems]), place(row, "refusal", each.number)),
        }
        for each, cells in refused[: max(MOST_REFUSALS - row.refused, 0)]
    ]
    if kept:
        db.session.execute(sa.insert(ImportRefusal), kept)
    row.refused += len(refused)


def _finish(key: int, lease: str, state: ImportState) -> None:
    with transaction():
        now = clock.now()
        row = _mine(key, lease, state, now)
        row.lease, row.leased_until = "", None
        if state is ImportState.CHECKING:
            row.state = ImportState.CHECKED
            return
        row.state, row.ended_at = ImportState.DONE, now
        keeping.destroy(row)
        tell(row, row.new, is_undo=False, now=now)
    forget_deleted()


def _undo(key: int, lease: str, stopping: Callable[[], bool]) -> None:
    while True:
        now = clock.now()
        with transaction():
            row = _mine(key, lease, ImportState.UNDOING, now)
            gone = undo_some(row)
            row.done += gone
            if not gone and not undo_some_organisations(row, now=now):
                tell(row, row.done, is_undo=True, now=now)
                db.session.execute(sa.delete(ImportRefusal).where(ImportRefusal.import_id == row.id))
                row.state, row.ended_at, row.lease, row.leased_until = ImportState.UNDONE, now, "", None
                break
        if stopping():
            _hand_back(key, lease)
            return
    forget_deleted()


def _hand_back(key: int, lease: str) -> None:
    with transaction():
        row = db.session.get_one(Import, key)
        if row.lease == lease:
            row.lease, row.leased_until = "", None
