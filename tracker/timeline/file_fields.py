"""Files in forms: several at once, cleaned before the form counts as right, refused in words beside the field."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from flask import current_app
from wtforms import BooleanField, MultipleFileField

from tracker.accounts.models import Account
from tracker.file_limits import FileLimits
from tracker.files import ACCEPTED, CleanFile, Refused, clean
from tracker.files.words import refusal, remains, taken_out
from tracker.timeline.service import Files, Told
from tracker.web.forms import BaseForm
from tracker.words import _


def limits() -> FileLimits:
    """This instance's."""
    found: FileLimits = current_app.extensions["config"].files
    return found


class FilesFields:
    """Any number of files, and whether outsiders may have them. Goes first: `class NoteForm(FilesFields, EntryFields,
    BaseForm)`; the view is marked `@takes_files` (web/uploads.py)."""

    files = MultipleFileField(
        _("Files"),
        description=_(
            "PDF, pictures, text, CSV, DOCX, XLSX, ODT, ODS, up to 10 MB each. Names, places and other notes inside "
            "them are taken out; what they show and say is not: look whether it names anybody."
        ),
        render_kw={"accept": ACCEPTED, "multiple": True},
    )
    files_open = BooleanField(
        _("Outsiders may have these files too, wherever they may read the entry"),
        description=_("Otherwise members only. Never of something told in confidence."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cleaned: list[CleanFile] = []

    def chosen(self) -> list[Any]:
        """The files that came with the form. (An empty field sends one without a name.)"""
        field: Any = self.files
        return [file for file in field.data or [] if getattr(file, "filename", "")]

    def validate(self, extra_validators: Any = None) -> bool:
        """Also read the files, once the rest is right; whatever is wrong, they have to be chosen again."""
        fine = bool(super().validate(extra_validators))  # type: ignore[misc]
        if not fine:
            self._choose_again()
            return False
        self.cleaned = []
        wrong = []
        for file in self.chosen():
            name, content = str(file.filename), file.stream.read(limits().file_bytes + 1)
            file.stream.seek(0)  # web/once.py compares what was sent
            try:
                self.cleaned.append(clean(name, content, limits()))
            except Refused as refused:
                wrong.append(refusal(name[-100:], refused.why, limits()))
        self._say(*wrong)
        if wrong and len(self.chosen()) > 1:
            self._choose_again()
        return not wrong

    def fail(self, error: Exception) -> None:
        """The service's refusal; the files have to be chosen again."""
        super().fail(error)  # type: ignore[misc]
        self._choose_again()

    def asked_for_again(self) -> Any:
        """The field of files, when there were any: the page that comes back cannot keep them."""
        self._choose_again()
        return self.files if self.chosen() else None

    def _choose_again(self) -> None:
        if self.chosen():
            self._say(str(_("Choose the files again: a page that comes back cannot keep them.")))

    def _say(self, *words: str) -> None:
        field: Any = self.files
        field.errors = [*field.errors, *words]

    def new_files(self) -> Files:
        """The files, for the service."""
        field: Any = self.files_open
        return Files(self.cleaned, bool(field.data), limits())

    def words_after(self) -> list[str]:
        """What to say about the files that were kept."""
        found = [say(file.name, file.notes) for file in self.cleaned for say in (taken_out, remains)]
        return [words for words in found if words]


class ToldWithFiles(FilesFields):
    """FilesFields for a form of EntryFields."""

    def told(self, *, now: dt.datetime, actor: Account | None) -> Told:
        """What every entry has, and its files."""
        told: Told = super().told(now=now, actor=actor)  # type: ignore[misc]
        return replace(told, files=self.new_files())


class FilesForm(FilesFields, BaseForm):
    """More files for something recorded."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.files
        field.flags.required = True

    def validate(self, extra_validators: Any = None) -> bool:
        """An empty form adds nothing."""
        if not self.chosen():
            super(FilesFields, self).validate(extra_validators)
            self._say(str(_("Choose a file.")))
            return False
        return super().validate(extra_validators)
