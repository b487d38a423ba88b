"""What forms are made of: their base and the fields that WTForms lacks. Rules live in services."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the stubs
    Field,
    SelectChoice,
    TextAreaField,
)
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from tracker.web.base_form import BaseForm as BaseForm
from tracker.web.base_form import mark_of as mark_of
from tracker.web.base_form import trim as trim
from tracker.web.dates import UncertainDate, UnreadableDate, read_uncertain_date
from tracker.words import _

# Why a typed date was not understood, in words that say what to type instead.
DATE_ERRORS = {
    "form": _("Write a date like 21 June 2018, June 2018 or 2018."),
    "month": _("There is no such month; write 2018-06 or June 2018."),
    "day": _("There is no such day in that month."),
    "year": _("Write the year with four digits, between 1800 and 2199."),
}


def blank_to_none(value: Any) -> Any:
    """An empty field is no value."""
    return None if value == "" else value


class UncertainDateField(Field):
    """One text input for a date known to the day, the month or the year; its data is an UncertainDate or None."""

    widget = TextInput()

    def __init__(self, label: Any = None, validators: Any = None, description: Any = "", **kwargs: Any) -> None:
        super().__init__(
            label,
            validators,
            description=description or _("A day, a month or only a year: 21 June 2018, June 2018, 2018"),
            **kwargs,
        )
        self.typed: str | None = None

    def _value(self) -> str:
        if self.typed is not None:
            return self.typed
        return self.data.iso if self.data else ""

    def process_data(self, value: Any) -> None:
        """Accept an UncertainDate or a (date, precision) pair."""
        self.data, self.typed = UncertainDate(*value) if value else None, None

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; the words stay in the field when they cannot be read."""
        if not valuelist:
            return
        self.typed = trim(valuelist[0])
        if not self.typed:
            self.data = None
            return
        try:
            self.data = read_uncertain_date(self.typed)
        except UnreadableDate as error:
            self.data = None
            raise ValueError(str(DATE_ERRORS[error.reason])) from None


class MarkdownField(TextAreaField):
    """A text in Markdown, stored as typed and rendered by the filter `markdown`."""

    markdown = True

    def __init__(
        self, label: Any = None, validators: Any = None, description: Any = "", rows: int = 8, **kwargs: Any
    ) -> None:
        kwargs["render_kw"] = {"rows": rows, **(kwargs.get("render_kw") or {})}
        hint = _("Plain text; **bold**, *italic*, lists with -, links as [words](https://…).")
        super().__init__(label, validators, description=description or hint, **kwargs)


def choices_from(
    members: Iterable[enum.StrEnum], words: Mapping[Any, Any] | Callable[[Any], Any] | None = None, blank: Any = None
) -> list[SelectChoice]:
    """Choices for a SelectField or RadioField from a StrEnum (or some of its members), worded by `words`.

    `blank` is the words of an empty first choice.
    """
    chosen = [] if blank is None else [SelectChoice("", blank)]
    for member in members:
        word: Any = member.value.replace("_", " ").capitalize()
        if callable(words):
            word = words(member)
        elif words is not None:
            word = words[member]
        chosen.append(SelectChoice(member.value, word))
    return chosen


def choices_of(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Choices from (value, words) pairs."""
    return [SelectChoice(value, words) for value, words in pairs]


class WebAddress:
    """Validator: an http(s) address, or nothing."""

    def __call__(self, form: Any, field: Any) -> None:
        if not field.data:
            return
        try:
            parts = urlsplit(field.data)
        except ValueError:
            parts = urlsplit("")
        if parts.scheme not in ("http", "https") or not parts.hostname or any(c.isspace() for c in field.data):
            raise ValidationError(str(_("Write the whole address, beginning with https://.")))
