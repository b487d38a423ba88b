"""What happens to an import. Inside the caller's transaction; the long work is running.py's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db, new_public_id
from tracker.importing import keeping
from tracker.importing.columns import NAMING, Column, guessed
from tracker.importing.detecting import Shape, shape_of
from tracker.importing.models import FILE_KEPT, WORKING, DayOrder, Import, ImportRefusal, ImportState
from tracker.importing.problems import PROBLEMS, FileProblem, Problem
from tracker.importing.queries import chosen_before
from tracker.importing.reading import read_rows
from tracker.sealing import campaign_keys
from tracker.signatures.models import Appearance, SignatoryKind
from tracker.words import LazyString, _


class ImportingError(Exception):
    """Something that cannot be done, in words for people."""

    def __init__(self, words: LazyString | str, field: str = "") -> None:
        super().__init__(str(words))
        self.field = field


def begin(
    campaign: Campaign, pieces: Iterable[bytes], *, appearance: Appearance, actor: Account | None, now: dt.datetime
) -> Import:
    """Store a file and guess how it is read. Nobody is saved. Raises FileProblem."""
    head, text = keeping.unpacked(pieces)
    row = Import(
        campaign=campaign, public_id=new_public_id(), actor_id=actor.id if actor else None, state=ImportState.DRAFT,
        created_at=now, encoding="utf-8-sig", delimiter=",", has_header=True, columns=[],
        day_order=DayOrder.UNKNOWN, appearance=appearance,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    is_utf8 = keeping.store(row, text, now=now)
    shape = shape_of(head, is_utf8=is_utf8)
    reshape(row, shape, now=now)
    return row


def shape(row: Import) -> Shape:
    """How its rows are read."""
    return Shape(row.encoding, row.delimiter, row.has_header)


def first_rows(row: Import, most: int = 6, *, now: dt.datetime) -> list[list[str]]:
    """The first rows as they are read now, the heading among them. Raises FileProblem."""
    found: list[list[str]] = []
    keys = campaign_keys(row.campaign.public_id, now=now)
    for _number, cells in read_rows(keeping.stored(row, keys, db.session.scalar), shape(row)):
        found.append(cells)
        if len(found) == most:
            break
    return found


def reshape(row: Import, wanted: Shape, *, now: dt.datetime) -> None:
    """Read it in another way, and guess its columns anew: as somebody chose for this heading before, else by name."""
    row.encoding, row.delimiter, row.has_header = wanted.encoding, wanted.delimiter, wanted.has_header
    row.state, row.problem, row.problem_row = ImportState.DRAFT, "", 0
    try:
        rows = first_rows(row, 20, now=now)
    except FileProblem as found:
        row.problem, row.problem_row, row.columns = found.problem, found.row, []
        return
    width = max(map(len, rows), default=0)
    heading = rows[0] if rows and wanted.has_header else []
    keys = campaign_keys(row.campaign.public_id, now=now)
    row.heading_hash = keys.request_hash("\x1f".join(heading)) if heading else ""
    before = chosen_before(row)
    if before is not None and len(before.columns) == width:
        row.columns, row.day_order, row.kind = before.columns, before.day_order, before.kind
    else:
        row.columns = guessed([*heading, *[""] * (width - len(heading))])
        if not heading and width == 1:
            row.columns = ["name"]
        if Column.AFFILIATION in row.columns and not NAMING.intersection(row.columns):
            row.kind = SignatoryKind.ORGANISATION


def check(
    row: Import,
    columns: Sequence[str],
    *,
    order: DayOrder,
    appearance: Appearance,
    kind: SignatoryKind = SignatoryKind.PERSON,
    now: dt.datetime,
) -> None:
    """Ask a worker to read all of it, saving nobody. Raises ImportingError."""
    chosen = [name for name in columns if name]
    if row.state not in (ImportState.DRAFT, ImportState.CHECKED):
        raise ImportingError(_("This list is being worked on; look again."))
    if len(set(chosen)) != len(chosen):
        raise ImportingError(_("Two columns cannot be the same."))
    # An organisation may have no other name than the one beside which a person's would stand.
    may_be_bodies = kind is SignatoryKind.ORGANISATION or Column.KIND in chosen
    if not NAMING.intersection(chosen) and not (may_be_bodies and Column.AFFILIATION in chosen):
        raise ImportingError(PROBLEMS[Problem.NO_NAME])
    row.columns, row.day_order, row.appearance, row.kind = list(columns), order, appearance, kind
    row.new = row.here = row.perhaps = row.refused = row.ambiguous = row.rows = 0
    row.problem, row.problem_row = "", 0
    db.session.execute(sa.delete(ImportRefusal).where(ImportRefusal.import_id == row.id))
    _phase(row, ImportState.CHECKING, now)


def start(row: Import, *, now: dt.datetime) -> None:
    """Ask a worker to save what the check found new. One list of a campaign at a time, so that none is doubled."""
    if row.state is not ImportState.CHECKED or row.problem:
        raise ImportingError(_("Look at the list first."))
    if row.ambiguous:
        raise ImportingError(PROBLEMS[Problem.DAY_ORDER])
    # The campaign's row is locked, so that two who start at once see each other.
    db.session.execute(sa.select(Campaign.id).where(Campaign.id == row.campaign_id).with_for_update())
    busy = sa.select(Import.id).where(
        Import.campaign_id == row.campaign_id, Import.state.in_((ImportState.RUNNING, ImportState.UNDOING))
    )
    if db.session.scalar(busy.limit(1)) is not None:
        raise ImportingError(_("Another list is being brought in here; wait until it is done."))
    row.new = row.here = 0
    _phase(row, ImportState.RUNNING, now)


def cancel(row: Import, *, now: dt.datetime) -> None:
    """Stop, destroy the file, and take back whom it brought already."""
    if row.state is ImportState.RUNNING:
        keeping.destroy(row)
        _phase(row, ImportState.UNDOING, now)
    elif row.state in FILE_KEPT:
        keeping.destroy(row)
        db.session.execute(sa.delete(ImportRefusal).where(ImportRefusal.import_id == row.id))
        row.state, row.ended_at, row.lease, row.leased_until = ImportState.CANCELLED, now, "", None
    else:
        raise ImportingError(_("There is nothing to stop any more."))


def undo(row: Import, *, now: dt.datetime) -> None:
    """Take back everybody whom it brought and who has not changed since."""
    if row.state is not ImportState.DONE:
        raise ImportingError(_("Only what was brought in can be taken back."))
    _phase(row, ImportState.UNDOING, now)


def forget_abandoned(now: dt.datetime) -> int:
    """Destroy files that nobody brought in within a day, and refused rows after a week; how many went."""
    gone = 0
    old = now - dt.timedelta(days=1)
    for row in db.session.scalars(
        sa.select(Import).where(Import.state.in_((ImportState.DRAFT, ImportState.CHECKED)), Import.created_at < old)
    ):
        cancel(row, now=now)
        gone += 1
    ended = sa.select(Import.id).where(Import.ended_at < now - dt.timedelta(days=7))
    done = db.session.execute(sa.delete(ImportRefusal).where(ImportRefusal.import_id.in_(ended)))
    return gone + int(done.rowcount)  # type: ignore[attr-defined]


def _phase(row: Import, state: ImportState, now: dt.datetime) -> None:
    assert state in WORKING
    row.state, row.done, row.phase_began_at, row.lease, row.leased_until = state, 0, now, "", None
