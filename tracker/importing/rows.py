"""One row understood: who it is, when they signed, how they chose to appear; or what is wrong, by column."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email

from tracker.importing.columns import Column
from tracker.importing.dates import Ambiguous, read_date
from tracker.importing.models import DayOrder
from tracker.importing.problems import RowProblem
from tracker.signatures import names
from tracker.signatures.cells import original_cell
from tracker.signatures.models import Appearance
from tracker.signatures.people import Person
from tracker.web.dates import UncertainDate

# What needs no library to be an address; anything else is asked of email_validator, which is slow.
_PLAIN_ADDRESS = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
_RESERVED = ("test", "invalid", "localhost", "local", "onion", "arpa")
_PLAIN = re.compile(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*")
_NO = frozenset({"false", "no", "0", "n", "nein", "non"})
_YES = frozenset({"true", "yes", "1", "y", "ja", "oui"})
# Of our own exports, and of CiviCRM, where a signature that waits for its confirmation is "scheduled".
_ENDED = frozenset({"withdrawn", "invalidated", "pending", "scheduled", "cancelled", "unconfirmed"})


@dataclass
class Row:
    """What a row says."""

    number: int
    person: Person = field(default_factory=lambda: Person(""))
    signed: UncertainDate | None = None
    appearance: Appearance = Appearance.COUNTED
    updates: bool = False
    is_ambiguous: bool = False
    problems: list[tuple[str, RowProblem]] = field(default_factory=list)  # column ("" for the row), what is wrong


def understand(
    columns: Sequence[str], order: DayOrder, appearance: Appearance, zone: ZoneInfo, today: dt.date
) -> Callable[[int, Sequence[str]], Row]:
    """A reader of rows. `appearance` is the most that anybody is shown; a column may say less, never more."""
    at = {Column(name): index for index, name in enumerate(columns) if name}

    def read(number: int, cells: Sequence[str]) -> Row:
        def cell(column: Column) -> str:
            index = at.get(column)
            return _clean(cells[index]) if index is not None and index < len(cells) else ""

        row = Row(number)
        if len(cells) > len(columns) and any(map(str.strip, cells[len(columns) :])):
            row.problems.append(("", RowProblem.CELLS))
        whole = cell(Column.NAME) or " ".join(
            part for part in (cell(Column.FIRST), cell(Column.MIDDLE), cell(Column.LAST)) if part
        )
        row.person = Person(
            whole, cell(Column.OFFICE), cell(Column.AFFILIATION), cell(Column.ADDRESS), cell(Column.PHONE)
        )
        _check_person(row)
        _read_date(row, cell(Column.SIGNED), order, zone, today)
        wished = cell(Column.APPEARANCE).casefold()
        own = Appearance(wished) if wished in list(Appearance) else None
        row.appearance = own if own is not None and own.rank < appearance.rank else appearance
        if wished and own is None:
            row.appearance = Appearance.COUNTED
        row.updates = cell(Column.UPDATES).casefold() in _YES
        if cell(Column.CONFIRMED).casefold() in _NO:
            row.problems.append((Column.CONFIRMED, RowProblem.UNCONFIRMED))
        if cell(Column.STATUS).casefold() in _ENDED:
            row.problems.append((Column.STATUS, RowProblem.ENDED))
        return row

    return read


def _clean(cell: str) -> str:
    text = original_cell(cell)
    return text if _PLAIN.fullmatch(text) else names.clean(text)


def _check_person(row: Row) -> None:
    person = row.person
    if not person.name:
        row.problems.append((Column.NAME, RowProblem.NO_NAME))
    for column in (Column.NAME, Column.OFFICE, Column.AFFILIATION, Column.PHONE):
        if len(getattr(person, column)) > names.LONGEST:
            row.problems.append((column, RowProblem.LONG))
    if not person.address:
        return
    local, _at, domain = person.address.rpartition("@")
    reserved = domain.lower().endswith(_RESERVED)
    if _PLAIN_ADDRESS.fullmatch(person.address) and len(person.address) < 200 and len(local) <= 64 and not reserved:
        row.person = replace(person, address=f"{local}@{domain.lower()}")
        return
    try:
        address = validate_email(person.address, check_deliverability=False).normalized
        row.person = replace(person, address=address)
    except EmailNotValidError:
        row.problems.append((Column.ADDRESS, RowProblem.ADDRESS))


def _read_date(row: Row, text: str, order: DayOrder, zone: ZoneInfo, today: dt.date) -> None:
    if not text:
        return
    try:
        row.signed = read_date(text, order, zone)
    except Ambiguous:
        row.is_ambiguous = True
    except (ValueError, OverflowError):
        row.problems.append((Column.SIGNED, RowProblem.DATE))
    else:
        if row.signed.date > today:
            row.problems.append((Column.SIGNED, RowProblem.DATE_AHEAD))
