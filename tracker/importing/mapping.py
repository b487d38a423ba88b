"""A file that says what the columns of a list are, for `tracker import signatories --mapping`. In English, as JSON is.

{"columns": ["name", "", "address"], "day_order": "day_first", "appearance": "initials", "kind": "person"}
{"columns": {"Full name": "name", "E-mail": "address"}}
"""

from __future__ import annotations

import enum
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tracker.importing.columns import Column, heading_key
from tracker.importing.models import DayOrder
from tracker.signatures.models import Appearance, SignatoryKind

E = TypeVar("E", bound=enum.StrEnum)
_KNOWN = ("columns", "has_header", "day_order", "appearance", "kind")


class MappingError(Exception):
    """Why it cannot be followed, in words."""


@dataclass(frozen=True)
class Mapping:
    """What it says; None where it says nothing."""

    columns: list[str] | dict[str, str] | None = None
    has_header: bool | None = None  # where columns are given by heading, there is one
    day_order: DayOrder | None = None
    appearance: Appearance | None = None
    kind: SignatoryKind | None = None

    def columns_of(self, guessed: Sequence[str], heading: Sequence[str]) -> list[str]:
        """What each column of the file is: as it says, by order or by heading; else as guessed. Raises MappingError.

        By heading, a column that it does not name is left out.
        """
        if self.columns is None:
            return list(guessed)
        if isinstance(self.columns, list):
            if len(self.columns) > len(guessed):
                raise MappingError(f"It names {len(self.columns)} columns, and the file has {len(guessed)}.")
            return [*self.columns, *[""] * (len(guessed) - len(self.columns))]
        wanted = {heading_key(name): column for name, column in self.columns.items()}
        there = [heading_key(cell) for cell in heading]
        if missing := [name for name in self.columns if heading_key(name) not in there]:
            raise MappingError(f"The file has no column {', '.join(missing)}; it has {', '.join(heading) or 'none'}.")
        found = [wanted.get(cell, "") for cell in there]
        return [*found, *[""] * (len(guessed) - len(found))]


def read_mapping(text: str) -> Mapping:
    """What it says. Raises MappingError for what cannot be understood, so that nothing in it is silently ignored."""
    try:
        said = json.loads(text)
    except ValueError as error:
        raise MappingError(f"It is no JSON: {error}.") from None
    if not isinstance(said, dict):
        raise MappingError("It is no JSON object.")
    if unknown := set(said) - set(_KNOWN):
        raise MappingError(f"It says {', '.join(sorted(unknown))}; it may say {', '.join(_KNOWN)}.")
    columns, has_header = _columns(said.get("columns")), said.get("has_header")
    if has_header not in (None, True, False) or (has_header is False and isinstance(columns, dict)):
        raise MappingError('"has_header" is true or false, and true where columns are given by heading.')
    return Mapping(
        columns,
        True if isinstance(columns, dict) else has_header,
        _one_of(DayOrder, said, "day_order"),
        _one_of(Appearance, said, "appearance"),
        _one_of(SignatoryKind, said, "kind"),
    )


def _columns(said: Any) -> list[str] | dict[str, str] | None:
    if said is None:
        return None
    names = list(said.values()) if isinstance(said, dict) else said
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise MappingError('"columns" is a list of names, or an object of headings with a name each.')
    if unknown := set(names) - {"", *Column}:
        raise MappingError(f"No such column: {', '.join(sorted(unknown))}. There are {', '.join(Column)}.")
    found: list[str] | dict[str, str] = said
    return found


def _one_of(kind: type[E], said: dict[str, Any], name: str) -> E | None:
    if name not in said:
        return None
    if said[name] not in list(kind):
        raise MappingError(f'"{name}" is {said[name]!r}; it may be {", ".join(kind)}.')
    return kind(said[name])
