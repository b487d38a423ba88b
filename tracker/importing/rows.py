"""One row understood: who it is, when they signed, how they chose to appear; or what is wrong, by column."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email

from tracker.importing.columns import Column
from tracker.importing.dates import Ambiguous, read_date
from tracker.importing.models import DayOrder
from tracker.importing.problems import RowProblem
from tracker.signatures import names
from tracker.signatures.cells import APOSTROPHE, original_cell
from tracker.signatures.models import Appearance, SignatoryKind
from tracker.signatures.people import Person
from tracker.web.dates import UncertainDate

# What needs no library to be an address; anything else is asked of email_validator, which is slow.
_PLAIN_ADDRESS = re.compile(
    r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)
_RESERVED = ("test", "invalid", "localhost", "local", "onion", "arpa")
_NO = frozenset({"false", "no", "0", "n", "nein", "non"})
_YES = frozenset({"true", "yes", "1", "y", "ja", "oui"})
_BODIES = frozenset({"organisation", "organization", "institution", "institutional", "company", "group", "union"})
# Of our own exports, and of CiviCRM, where a signature that waits for its confirmation is "scheduled".
_ENDED = frozenset({"withdrawn", "invalidated", "pending", "scheduled", "cancelled", "unconfirmed"})


_NAMING = (
    Column.NAME, Column.OFFICE, Column.AFFILIATION, Column.TEAM, Column.CITY, Column.PHONE, Column.LINK,
)  # fmt: skip


@dataclass(slots=True)
class Row:
    """What a row says."""

    number: int
    person: Person
    kind: SignatoryKind = SignatoryKind.PERSON
    appearance: Appearance = Appearance.COUNTED
    updates: bool = False
    signed: UncertainDate | None = None
    is_ambiguous: bool = False
    problems: list[tuple[str, RowProblem]] = field(default_factory=list)  # column ("" for the row), what is wrong


def understand(
    columns: Sequence[str],
    order: DayOrder,
    appearance: Appearance,
    zone: ZoneInfo,
    today: dt.date,
    kind: SignatoryKind = SignatoryKind.PERSON,
) -> Callable[[int, Sequence[str]], Row]:
    """A reader of rows. `appearance` is the most that anybody is shown; a column may say less, never more.

    `kind` is who is on the list where no column says so.
    """
    width = len(columns)
    at = {Column(name): index for index, name in enumerate(columns) if name}
    places = [at.get(column, -1) for column in Column]

    def read(number: int, cells: Sequence[str]) -> Row:
        # In the order of Column; a row that is shorter than the others ends in empty cells.
        found = [_clean(cells[index]) if -1 < index < len(cells) else "" for index in places]
        name, first, middle, last, office, body, team, city, written, phone, link, *rest = found
        signed, wished, updates, confirmed, status, who, hidden = rest
        problems: list[tuple[str, RowProblem]] = []
        if len(cells) > width and any(map(str.strip, cells[width:])):
            problems.append(("", RowProblem.CELLS))
        whole = name or " ".join(part for part in (first, middle, last) if part)
        address = _address(written, problems) if written else ""
        person = Person(whole, office, body, address, phone, link=link, team=team, city=city)
        row = Row(number, person, kind, problems=problems)
        if who:
            row.kind = SignatoryKind.ORGANISATION if who.casefold() in _BODIES else SignatoryKind.PERSON
        if row.kind is SignatoryKind.ORGANISATION and body:  # the name beside it is who signs for it
            row.person = Person(body, office, "", address, phone, through=whole)
            whole, body = body, ""
        if not whole:
            problems.append((Column.NAME, RowProblem.NO_NAME))
        for column, text in zip(_NAMING, (whole, office, body, team, city, phone, link), strict=True):
            if len(text) > names.LONGEST:
                problems.append((column, RowProblem.LONG))
        if signed:
            _read_date(row, signed, order, zone, today)
        row.appearance = _shown(wished.casefold(), appearance) if wished else appearance
        if hidden and hidden.casefold() not in _NO:
            row.appearance = Appearance.COUNTED
        row.updates = updates.casefold() in _YES
        if confirmed.casefold() in _NO:
            problems.append((Column.CONFIRMED, RowProblem.UNCONFIRMED))
        if status.casefold() in _ENDED:
            problems.append((Column.STATUS, RowProblem.ENDED))
        return row

    return read


def _clean(cell: str) -> str:
    if not cell:
        return cell
    return names.clean(original_cell(cell) if cell[0] == APOSTROPHE else cell)


def _shown(wished: str, most: Appearance) -> Appearance:
    """What the row says, never more than `most`; "yes" to being shown is the most, and only counted is whoever said
    something that nobody understands."""
    if wished in _YES:
        return most
    if wished not in list(Appearance):
        return Appearance.COUNTED
    return min(Appearance(wished), most, key=lambda each: each.rank)


def _address(written: str, problems: list[tuple[str, RowProblem]]) -> str:
    local, _at, domain = written.rpartition("@")
    reserved = domain.lower().endswith(_RESERVED)
    if _PLAIN_ADDRESS.fullmatch(written) and len(written) < 200 and len(local) <= 64 and not reserved:
        return f"{local}@{domain.lower()}"
    try:
        return validate_email(written, check_deliverability=False).normalized
    except EmailNotValidError:
        problems.append((Column.ADDRESS, RowProblem.ADDRESS))
        return written


def _read_date(row: Row, text: str, order: DayOrder, zone: ZoneInfo, today: dt.date) -> None:
    try:
        row.signed = read_date(text, order, zone)
    except Ambiguous:
        row.is_ambiguous = True
    except (ValueError, OverflowError):
        row.problems.append((Column.SIGNED, RowProblem.DATE))
    else:
        if row.signed.date > today:
            row.problems.append((Column.SIGNED, RowProblem.DATE_AHEAD))
