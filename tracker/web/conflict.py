"""Two people edit the same thing: what they saved and what you typed, field by field, and you choose.

A form that comes too late is shown again with a choice for each field in which the two differ. What was typed travels
along, what was chosen comes back as `choice-<field>`, and the form takes over the other's fields by itself
(`BaseForm.process`). Somebody who saves meanwhile once more is noticed like the first.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request
from wtforms import FieldList

from tracker.web.diff import Diff, diff
from tracker.web.forms import BaseForm, mark_of
from tracker.words import _

# Of the form that is sent, but not what was typed.
_NOT_TYPED = ("csrf_token", "version", "opened", "seen", "form_key", "preview")


@dataclass(frozen=True)
class Difference:
    """One field that the two disagree on."""

    name: str
    field: str  # the id of its input in the form
    label: Any
    theirs: str
    yours: str
    # Who changed it since you opened the form: "both", "they", "you".
    changed_by: str
    chosen: str  # "theirs", "mine", or nothing yet

    @property
    def diff(self) -> Diff | None:
        """What yours would change in theirs, where that is easier to read than the two."""
        if not (self.theirs and self.yours) or len(self.theirs) + len(self.yours) < 120:
            return None
        return diff(self.theirs, self.yours)


@dataclass(frozen=True)
class Clash:
    """What differs, and everything that was typed, to be sent along with what is chosen."""

    differences: list[Difference]
    typed: list[tuple[str, str]]
    files: Any = None  # the field of files that have to be chosen again, if there were any

    @property
    def both(self) -> list[Difference]:
        """What needs a decision; the rest needs a look."""
        return [row for row in self.differences if row.changed_by == "both"]

    @property
    def one(self) -> list[Difference]:
        """What only one of the two changed, and is therefore chosen already."""
        return [row for row in self.differences if row.changed_by != "both"]


def nobody_changed(yours: BaseForm, theirs: BaseForm) -> bool:
    """Whether what was saved since you opened the form is nothing that the form shows: then it is no conflict, and what
    you typed may be saved over it (`yours.follow(theirs)`)."""
    opened = yours.opened_with
    shown_there = {name: mark for name, mark in opened.items() if name in theirs._fields and name not in _NOT_TYPED}
    return bool(shown_there) and all(mark_of(theirs._fields[name]) == mark for name, mark in shown_there.items())


def clash(
    yours: BaseForm, theirs: BaseForm, *, only: tuple[str, ...] = (), instead: Mapping[str, str] | None = None
) -> Clash:
    """Your form against one filled from the newest record; yours is from then on meant to follow that one.

    `only`: these fields, where the others belong to your save alone. `instead`: what stands already where the form is
    for something to add, in words by field.
    """
    yours.as_typed()
    rows = _differences(yours, theirs, only, instead or {})
    yours.follow(theirs)
    yours.take_over(theirs, [row.name for row in rows if row.changed_by == "they"])
    typed = [
        (name, value)
        for name, values in request.form.lists()
        for value in values
        if name not in _NOT_TYPED and not name.startswith("choice-")
    ]
    follows = [(name, str(yours._fields[name].data or "")) for name in (yours.NEWEST, "opened")]
    return Clash(rows, typed + follows, yours.asked_for_again())


def _differences(
    yours: BaseForm, theirs: BaseForm, only: tuple[str, ...], instead: Mapping[str, str]
) -> list[Difference]:
    opened = yours.opened_with
    found = []
    for name, mine in yours._fields.items():
        if name in _NOT_TYPED or name not in theirs._fields or (only and name not in only):
            continue
        if name in theirs.of_one_save:
            continue
        if mark_of(mine) == mark_of(theirs._fields[name]):
            continue
        was = opened.get(name)
        changed_by = "both"
        if was == mark_of(theirs._fields[name]):
            changed_by = "you"
        elif was == mark_of(mine):
            changed_by = "they"
        chosen = yours.choices.get(name) or {"you": "mine", "they": "theirs"}.get(changed_by, "")
        words = instead.get(name) or shown(theirs._fields[name])
        found.append(Difference(name, mine.id, mine.label.text, words, shown(mine), changed_by, chosen))
    return found


def shown(field: Any) -> str:
    """What a field holds, in words."""
    if hasattr(field, "iter_choices"):
        chosen = field.data if isinstance(field.data, list) else [field.data]
        return ", ".join(str(choice.label) for choice in field.iter_choices() if choice.value in chosen)
    if isinstance(field, FieldList):
        rows = (", ".join(shown(inner).split("\n")) for inner in field)
        return "\n".join(filter(None, rows))
    if hasattr(field, "form"):
        return "\n".join(filter(None, (shown(inner) for inner in field.form if inner.data and inner.name)))
    if isinstance(field.data, bool):
        return str(_("yes")) if field.data else str(_("no"))
    value = field._value() if hasattr(field, "_value") else field.data
    return "" if value is None else str(value)
