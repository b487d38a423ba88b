"""A pasted list, understood line by line before anything is saved.

Every line that is not blank is accounted for: a signatory, a heading, a repetition, or refused with the reason.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from email_validator import EmailNotValidError, validate_email

from tracker.signatures import names
from tracker.words import LazyString, _

MOST_LINES = 10_000


class Separator(enum.StrEnum):
    """What stands between the parts of a line."""

    GUESS = "guess"
    COMMA = "comma"
    TAB = "tab"
    SEMICOLON = "semicolon"
    NONE = "none"  # the whole line is the name


class Column(enum.StrEnum):
    """What a part of a line is."""

    NAME = "name"
    OFFICE = "office"
    AFFILIATION = "affiliation"
    TEAM = "team"
    CITY = "city"
    ADDRESS = "address"


class Reading(enum.StrEnum):
    """What became of a line."""

    SIGNATORY = "signatory"
    HEADING = "heading"
    REPEATED = "repeated"  # the same address stands further up
    HERE = "here"  # the same address is among the campaign's signatories
    REFUSED = "refused"


@dataclass
class Line:
    """One line of a list and what was understood."""

    number: int  # from 1, blank lines counted, so that it is found again in the list
    text: str
    reading: Reading = Reading.SIGNATORY
    name: str = ""
    office: str = ""
    affiliation: str = ""
    team: str = ""
    city: str = ""
    address: str = ""
    why: LazyString | str = ""  # why it was refused or is left out
    perhaps: list[LazyString] = field(default_factory=list)  # what a person should look at; decides nothing

    @property
    def is_new(self) -> bool:
        """Whether it will become a signatory."""
        return self.reading is Reading.SIGNATORY


_CHARACTERS = {Separator.COMMA: ",", Separator.TAB: "\t", Separator.SEMICOLON: ";"}
_BULLET = re.compile(r"^\s*(?:[-*•‣◦▪●○·–—+]\s+|\(?\d{1,6}[.)\]]\s+|[-*•‣◦▪●○]\t)+")
_IN_BRACKETS = re.compile(
    r"<\s*(?:mailto:)?\s*([^<>\s]+@[^<>\s]+)\s*>|\(\s*(?:mailto:)?\s*([^()\s]+@[^()\s]+\.[^()\s]+)\s*\)"
)
_ADDRESS = re.compile(r"(?:mailto:)?[^\s<>,;\"()]+@[^\s<>,;\"()]+\.[^\s<>,;\"()]+")
_BROKEN_ADDRESS = re.compile(r"<[^<>]*@[^<>]*>")
# A part that belongs to the one before it: "Google, Inc.", "Ada Lovelace, PhD".
_COMPANY_FORM = re.compile(
    r"^(?:inc|incorporated|llc|l\.l\.c|ltd|limited|corp|corporation|co|company|gmbh|ag|s\.?a|plc|l\.?p|llp|n\.?a|pbc|b\.?v)\.?$",
    re.IGNORECASE,
)
_AFTER_NAME = re.compile(
    r"^(?:jr|sr|ii|iii|iv|ph\.?\s?d|m\.?d|esq|cfa|cpa|j\.?d|mba|o\.?p|s\.?j|r\.?n)\.?$", re.IGNORECASE
)
_HEADINGS: dict[Column, frozenset[str]] = {
    Column.NAME: frozenset({"name", "full name", "names", "signatory", "signer", "organisation name"}),
    Column.OFFICE: frozenset({"title", "role", "office", "job title", "position", "job"}),
    Column.AFFILIATION: frozenset(
        {"organisation", "organization", "affiliation", "company", "employer", "institution", "org"}
    ),
    Column.TEAM: frozenset({"team", "department", "unit"}),
    Column.CITY: frozenset({"city", "town"}),
    Column.ADDRESS: frozenset({"email", "e mail", "mail", "email address", "e mail address"}),
}


def read_list(text: str, *, separator: Separator = Separator.GUESS, organisations: bool = False) -> list[Line]:
    """What each line that is not blank says. Of organisations a line is the whole name; nothing is saved.

    Raises ValueError for more than MOST_LINES lines.
    """
    wanted = Separator.NONE if organisations and separator is Separator.GUESS else separator
    order: Sequence[Column] = (Column.NAME, Column.OFFICE, Column.AFFILIATION)
    lines: list[Line] = []
    for number, raw in _lines_of(text):
        if len(lines) == MOST_LINES:
            raise ValueError("too many lines")
        line = Line(number, names.clean(raw))
        parts, found = _parts_of(raw, wanted)
        heading = _heading_of(parts) if not lines else None
        if heading:
            order = heading
            wanted = found  # an empty first column is seen only by who knows the columns
            line.reading = Reading.HEADING
            line.why = _("Column headings: they say what stands in which column.")
        else:
            _understand(line, parts, order, found)
        lines.append(line)
    _mark_repeated(lines)
    return lines


def _lines_of(text: str) -> Iterator[tuple[int, str]]:
    for number, raw in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        raw = raw.replace("\ufeff", "").replace("\u200b", "").replace("\x00", " ")
        if names.clean(raw):
            yield number, raw


def _parts_of(raw: str, separator: Separator) -> tuple[list[str], Separator]:
    """The parts of a line without its bullet or number, and what stood between them."""
    tabbed = "\t" in raw.strip()
    bare = _BULLET.sub("", raw, count=1)
    if not names.clean(bare):
        bare = raw
    if separator is Separator.GUESS:
        outside = _outside_quotes(bare)
        separator = Separator.TAB if tabbed else Separator.SEMICOLON if ";" in outside else Separator.COMMA
    if separator is Separator.NONE:
        return [bare], separator
    parts = _split(bare, _CHARACTERS[separator])
    if separator is Separator.TAB and len(parts) > 1 and parts[0].strip().isdigit() and parts[1].strip():
        parts = parts[1:]  # a spreadsheet's own row number
    return parts, separator


def _outside_quotes(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)


def _split(line: str, at: str) -> list[str]:
    """Split as CSV does where the quotes are right, else literally: a list typed by hand is not always CSV."""
    quoted = re.compile(rf'[^\S\t]*"((?:[^"]|"")*)"[^\S\t]*({re.escape(at)}|$)')
    parts, rest = [], line
    while True:
        if match := quoted.match(rest):
            part, found, rest = match[1].replace('""', '"'), match[2], rest[match.end() :]
        else:
            part, found, rest = rest.partition(at)
        parts.append(part)
        if not found:
            return parts


def _heading_of(parts: list[str]) -> list[Column] | None:
    """The columns that a first line names: a name and at least one more, and no word that is none of ours."""
    order = []
    for part in parts:
        word = names.same_name_key(part)
        column = next((column for column, words in _HEADINGS.items() if word in words), None)
        if column is None or column in order:
            return None
        order.append(column)
    return order if Column.NAME in order and len(order) > 1 else None


def _understand(line: Line, parts: list[str], order: Sequence[Column], separator: Separator) -> None:
    """Fill in what a line says, or why it cannot be a signatory."""
    addresses: list[str] = []
    cells: list[str] = []
    for part in parts:
        before = len(addresses)
        cell = names.clean(_take_addresses(part, addresses))
        # A part that was only an address is no column, unless the headings give it one.
        if cell or len(addresses) == before or Column.ADDRESS in order:
            cells.append(cell)
    if separator is Separator.COMMA and Column.ADDRESS not in order:
        cells = _joined(cells)
    named = dict(zip(order, cells, strict=False))
    line.name = named.get(Column.NAME, "")
    line.office = named.get(Column.OFFICE, "")
    line.team, line.city = named.get(Column.TEAM, ""), named.get(Column.CITY, "")
    # What is left over stays with the affiliation, so that nothing is lost: "Google, Mountain View".
    rest = [named.get(Column.AFFILIATION, ""), named.get(Column.ADDRESS, ""), *cells[len(order) :]]
    line.affiliation = ", ".join(part for part in rest if part)
    _take_address(line, addresses)
    if line.reading is Reading.SIGNATORY:
        _check(line)


def _take_addresses(part: str, found: list[str]) -> str:
    def take(match: re.Match[str]) -> str:
        found.append(next(group for group in match.groups() if group))
        return " "

    def take_bare(match: re.Match[str]) -> str:
        found.append(match[0].removeprefix("mailto:"))
        return " "

    return _ADDRESS.sub(take_bare, _IN_BRACKETS.sub(take, part))


def _joined(parts: list[str]) -> list[str]:
    """The parts with "Inc." back at its company and "PhD" back at its name."""
    joined: list[str] = []
    for part in parts:
        if joined and (_COMPANY_FORM.match(part) or (len(joined) == 1 and _AFTER_NAME.match(part))):
            joined[-1] = f"{joined[-1]}, {part}"
        else:
            joined.append(part)
    return joined


def _take_address(line: Line, addresses: list[str]) -> None:
    if len(set(addresses)) > 1:
        _refuse(line, _("More than one e-mail address on one line."))
    elif _BROKEN_ADDRESS.search("".join(_words_of(line))):
        _refuse(line, _("The e-mail address cannot be right."))
    elif addresses:
        try:
            line.address = validate_email(addresses[0], check_deliverability=False).normalized
        except EmailNotValidError:
            _refuse(line, _("The e-mail address cannot be right."))


def _check(line: Line) -> None:
    if not line.name:
        _refuse(line, _("No name on this line."))
    elif max(map(len, _words_of(line))) > names.LONGEST:
        _refuse(line, _("Longer than any name: more than 500 characters."))


def _words_of(line: Line) -> tuple[str, ...]:
    return line.name, line.office, line.affiliation, line.team, line.city


def _refuse(line: Line, why: LazyString) -> None:
    line.reading = Reading.REFUSED
    line.why = why


def _mark_repeated(lines: list[Line]) -> None:
    """Leave out an address that stands further up; point at a name that does, and leave the rest to a person."""
    by_address: dict[str, int] = {}
    by_name: dict[str, int] = {}
    for line in lines:
        if line.reading is not Reading.SIGNATORY:
            continue
        address = line.address.casefold()
        if address and address in by_address:
            line.reading = Reading.REPEATED
            line.why = _("The same e-mail address stands on line %(number)d.", number=by_address[address])
            continue
        if address:
            by_address[address] = line.number
        key = names.same_name_key(line.name)
        if key and key in by_name:
            line.perhaps.append(_("The same name stands on line %(number)d.", number=by_name[key]))
        elif key:
            by_name[key] = line.number
