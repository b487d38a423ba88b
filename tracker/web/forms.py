"""The base of every form and the fields that WTForms lacks. Rules live in services; here only the shape of input."""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from flask_wtf import FlaskForm
from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the stubs
    Field,
    HiddenField,
    SelectChoice,
    StringField,
    TextAreaField,
)
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from tracker.web.dates import UncertainDate, UnreadableDate, read_uncertain_date
from tracker.words import _

# Why a typed date was not understood, in words that say what to type instead.
DATE_ERRORS = {
    "form": _("Write a date like 21 June 2018, June 2018 or 2018."),
    "month": _("There is no such month; write 2018-06 or June 2018."),
    "day": _("There is no such day in that month."),
    "year": _("Write the year with four digits, between 1800 and 2199."),
}


def trim(value: Any) -> Any:
    """Take away what nobody meant to type at the ends: spaces of every kind, and marks that cannot be seen.

    What is inside stays as it is: a name belongs to its owner.
    """
    if not isinstance(value, str):
        return value
    start, end = 0, len(value)
    while start < end and _unseen(value[start]):
        start += 1
    while end > start and _unseen(value[end - 1]):
        end -= 1
    return value[start:end].replace("\r\n", "\n")


def _unseen(character: str) -> bool:
    return character.isspace() or unicodedata.category(character) in ("Cc", "Cf", "Zs")


def blank_to_none(value: Any) -> Any:
    """An empty field is no value."""
    return None if value == "" else value


class BaseForm(FlaskForm):
    """A form with a token, trimmed texts, and the version of what it edits.

    `version` travels through the page, so that a second editor is refused instead of overwriting the first.
    """

    class Meta(FlaskForm.Meta):
        def bind_field(self, form: Any, unbound_field: Any, options: Any) -> Field:
            """Trim every text field, unless the field says `trimmed = False` (passwords)."""
            kind = unbound_field.field_class
            if issubclass(kind, StringField) and getattr(kind.widget, "input_type", "") != "password":
                options["filters"] = [*options.get("filters", ()), *unbound_field.kwargs.get("filters", ()), trim]
                unbound_field = type(unbound_field)(
                    kind,
                    *unbound_field.args,
                    name=unbound_field.name,
                    **{k: v for k, v in unbound_field.kwargs.items() if k != "filters"},
                )
            return super().bind_field(form, unbound_field, options)

    version = HiddenField()

    @property
    def version_number(self) -> int | None:
        """The version the reader saw, or None when the form is for something new."""
        text = str(self.version.data or "")
        return int(text) if text.isdigit() else None

    def fail(self, error: Exception) -> None:
        """Put a service's refusal beside the field it names (`error.field`), else above the form."""
        field = getattr(error, "field", None)
        if field and field in self._fields:
            self._fields[field].errors = [*self._fields[field].errors, str(error)]
        else:
            self.form_errors.append(str(error))


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
        self.data = UncertainDate(*value) if value else None

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
