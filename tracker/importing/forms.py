"""The shape of what is chosen about a list."""

from __future__ import annotations

from wtforms import BooleanField, FileField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from tracker.importing.models import DayOrder
from tracker.importing.words import DAY_ORDERS, DELIMITERS, ENCODINGS
from tracker.signatures.models import Appearance, SignatoryKind
from tracker.signatures.words import APPEARANCES, KINDS
from tracker.web.forms import BaseForm, choices_from
from tracker.words import _


class UploadForm(BaseForm):
    """A file, and how the people on it are shown."""

    file = FileField(
        _("The file"),
        [InputRequired(_("Choose a file first."))],
        render_kw={"accept": ".csv,.tsv,.txt,.xlsx,.ods,.json"},
        description=_(
            "CSV, TSV, XLSX or ODS, or JSON exported here; up to 30 MB. It is sealed, and destroyed afterwards."
        ),
    )
    appearance = RadioField(
        _("Shown to outsiders"),
        [InputRequired()],
        choices=choices_from(Appearance, APPEARANCES),
        default=Appearance.COUNTED.value,
        description=_("As the list itself says each person chose; if it does not say, only counted."),
    )


class ReadingForm(BaseForm):
    """How the file is read, and what its columns are (their selects stand in the table of the page)."""

    encoding = SelectField(_("Letters"), choices=[SelectChoice(value, words) for value, words in ENCODINGS.items()])
    delimiter = SelectField(
        _("Between cells"), choices=[SelectChoice(value, words) for value, words in DELIMITERS.items()]
    )
    has_header = BooleanField(_("The first row names the columns"))
    day_order = SelectField(_("Dates such as 05/10/2026"), choices=choices_from(DayOrder, DAY_ORDERS))
    kind = SelectField(
        _("Who is on it"),
        choices=choices_from(SignatoryKind, KINDS),
        description=_("Where no column says so. Of an organisation, the person beside it is who signs for it."),
    )
    appearance = SelectField(_("Shown to outsiders"), choices=choices_from(Appearance, APPEARANCES))
