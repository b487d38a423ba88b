"""The base of every form: its token, trimmed texts, which state of a record it changes, and that it is saved once."""

from __future__ import annotations

import decimal
import enum
import functools
import hashlib
import json
import secrets
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask_babel import get_locale
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, StringField, i18n
from wtforms.utils import unset_value


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


@functools.cache
def _words_in(locale: str) -> Any:
    return i18n.get_translations([locale])


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

        def get_translations(self, form: Any) -> Any:
            """The library's own words, read from their file once; Flask-WTF reads it with each request."""
            return _words_in(str(get_locale() or "en"))

    version = HiddenField()
    # A mark of what each field held when the form was opened: tells who changed what when two have saved.
    opened = HiddenField()

    # Random, new with each opened form: the same form sent twice is saved once (see once.py).
    form_key = HiddenField()

    # The hidden field that says which state of the record the reader saw.
    NEWEST = "version"

    def process(self, formdata: Any = None, obj: Any = None, data: Any = None, **kwargs: Any) -> None:
        """Fill the fields; of a form that came too late once, also from the record where the reader chose theirs."""
        formdata = self.meta.wrap_formdata(self, formdata)
        super().process(formdata, obj, data=data, **kwargs)
        self._typed, self._known = formdata, {**(data or {}), **kwargs}
        self.choices = dict(_choices_in(formdata)) if formdata else {}
        if formdata is None:
            if "form_key" in self._fields:
                self.form_key.data = secrets.token_urlsafe(16)
            if self._known.get(self.NEWEST) is not None:
                self.opened.data = self.marks()
        elif formdata.get(self.NEWEST) == str(self._known.get(self.NEWEST)):
            # Only what the reader saw: if it was saved once more, they choose anew.
            for name in self._chosen("theirs"):
                self._refill(name, None, self._known)

    def _refill(self, name: str, typed: Any, known: Mapping[str, Any]) -> None:
        self._fields[name].raw_data = None  # some fields would show it before their data
        self._fields[name].process(typed, known.get(name, unset_value))

    def _chosen(self, side: str) -> list[str]:
        return [name for name, chosen in self.choices.items() if chosen == side and name in self._fields]

    def as_typed(self) -> None:
        """Undo what was taken over from the record: the reader chooses anew."""
        for name in self._chosen("theirs"):
            self._refill(name, self._typed, self._known)

    def marks(self) -> str:
        """A mark of each field's value, to be sent along."""
        return json.dumps({name: mark_of(field) for name, field in self._fields.items() if not _is_hidden(field)})

    @property
    def opened_with(self) -> dict[str, str]:
        """The marks of what the fields held when the form was opened; empty when the form did not say."""
        try:
            found = json.loads(self.opened.data or "")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def take_over(self, newest: BaseForm, names: Iterable[str]) -> None:
        """Show in these fields what that form shows."""
        for name in names:
            self._refill(name, None, newest._known)

    def follow(self, newest: BaseForm) -> None:
        """From now on this form is meant to change what that one shows."""
        self._fields[self.NEWEST].data = str(newest._fields[self.NEWEST].data or "")
        self.opened.data = newest.marks()

    @property
    def of_one_save(self) -> tuple[str, ...]:
        """Fields that say something about this save and are no part of what is saved, so that two never differ."""
        return ()

    def asked_for_again(self) -> Any:
        """The field of what a page that comes back cannot keep (files), if there was any; says so beside it."""
        return None

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


def _is_hidden(field: Any) -> bool:
    return getattr(field.widget, "input_type", "") == "hidden"


def _choices_in(formdata: Any) -> Iterator[tuple[str, str]]:
    for name in formdata:
        if name.startswith("choice-"):
            yield name.removeprefix("choice-"), formdata.get(name)


def mark_of(field: Any) -> str:
    """A few characters that differ when the field's value does; nothing and an empty text are the same."""
    value = field.data
    if isinstance(value, Mapping):
        value = _filled(value)
    elif isinstance(value, list):
        value = sorted(str(_filled(one) if isinstance(one, Mapping) else one) for one in value)
        value = [one for one in value if one != "[]"]
    elif isinstance(value, enum.Enum):
        value = value.value
    elif isinstance(value, str):
        value = trim(value)
    text = "" if value in (None, "", [], False) else str(value)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _filled(parts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was filled in of several fields; a kind alone, which always has an answer, is nothing."""
    found = sorted(
        (name, _plain(inner)) for name, inner in parts.items() if inner not in (None, "") and inner is not False
    )
    return [] if [name for name, _inner in found] == ["kind"] else found


def _plain(value: Any) -> str:
    return format(value.normalize(), "f") if isinstance(value, decimal.Decimal) else str(value)
