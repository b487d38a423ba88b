"""Two people edit the same thing: what they saved and what you typed, field by field, and nothing lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tracker.web.forms import BaseForm
from tracker.words import _


@dataclass(frozen=True)
class Difference:
    """One field that the two disagree on."""

    field: str
    label: Any
    theirs: str
    yours: str


def differences(yours: BaseForm, theirs: BaseForm) -> list[Difference]:
    """The fields in which your form and one filled from the newest record disagree, in the form's order."""
    found = []
    for name, mine in yours._fields.items():
        if name in ("csrf_token", "version") or name not in theirs._fields:
            continue
        ours, other = shown(mine), shown(theirs._fields[name])
        if ours != other:
            found.append(Difference(mine.id, mine.label.text, other, ours))
    return found


def shown(field: Any) -> str:
    """What a field holds, in words."""
    if hasattr(field, "iter_choices"):
        chosen = field.data if isinstance(field.data, list) else [field.data]
        return ", ".join(str(choice.label) for choice in field.iter_choices() if choice.value in chosen)
    if isinstance(field.data, bool):
        return str(_("yes")) if field.data else str(_("no"))
    value = field._value() if hasattr(field, "_value") else field.data
    return "" if value is None else str(value)
