"""The shape of what is asked for in an export."""

from __future__ import annotations

from typing import Any

from wtforms import (
    BooleanField,
    RadioField,
    SelectChoice,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from tracker.accounts.forms import code_field, present_password_field
from tracker.signatures.exporting import Column, Extent, Format, Wanted
from tracker.signatures.exporting.columns import CONTACT
from tracker.web.forms import BaseForm, choices_from
from tracker.words import _

EXTENTS = {
    Extent.AS_SHOWN: _("As each chose to appear: names, initials and roles that outsiders may read anyway"),
    Extent.WHOLE: _("The whole list: every name, also of those who chose not to be named"),
}
FORMATS = {
    Format.CSV: _("CSV, for any spreadsheet"),
    Format.XLSX: _("Excel workbook (XLSX)"),
    Format.JSON: _("JSON, for programs and for importing it here again"),
}
COLUMNS = {
    Column.NAME: _("Name"),
    Column.ROLE: _("Role or title"),
    Column.ORGANISATION: _("Organisation"),
    Column.TEAM: _("Team"),
    Column.CITY: _("City"),
    Column.KIND: _("Person or organisation"),
    Column.STATUS: _("Status"),
    Column.FROM: _("From the signer or a list"),
    Column.APPEARANCE: _("How shown to outsiders"),
    Column.SIGNED_ON: _("Signed on"),
    Column.RECORDED_AT: _("Recorded at"),
    Column.TEXT_VERSION: _("Version of the text"),
    Column.WISHES_UPDATES: _("Wishes updates"),
    Column.REFERENCE: _("Reference"),
    Column.EMAIL: _("E-mail address"),
    Column.PHONE: _("Phone"),
    Column.LINK: _("Profile"),
}
USUAL = (Column.NAME, Column.ROLE, Column.ORGANISATION, Column.KIND, Column.SIGNED_ON)
CHOOSE = _("Choose one of these.")
NO_COLUMN = _("Choose at least one column.")
NOT_IN_IT = _(
    "Only names, roles, organisations and kinds go with what outsiders may read. Choose at least one of these."
)
NOT_CONTACTS = _("You may not see contact data.")
NOT_WHOLE = _("You see signatories here as each chose to appear, so that only this can be exported.")


class ExportForm(BaseForm):
    """Which file, with what in it, why; and, for the whole list, that it is really them."""

    extent = RadioField(
        _("How much"), [InputRequired(CHOOSE)], choices=choices_from(Extent, EXTENTS), default=Extent.AS_SHOWN.value
    )
    columns = SelectMultipleField(
        _("Columns"),
        [InputRequired(NO_COLUMN)],
        choices=[SelectChoice(column.value, words) for column, words in COLUMNS.items()],
        default=[column.value for column in USUAL],
        description=_("Teams, cities, days, states and contact data go with the whole list only."),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    ended_too = BooleanField(
        _("Also who withdrew, waits for confirmation or was found invalid"),
        description=_("With the whole list only, and without their contact data."),
    )
    format = RadioField(
        _("File"), [InputRequired(CHOOSE)], choices=choices_from(Format, FORMATS), default=Format.CSV.value
    )
    reason = StringField(
        _("What you need it for"),
        [DataRequired(_("Say what you need it for; it is written in the access record.")), Length(max=500)],
        description=_("Name nobody: this stays when the people are forgotten."),
    )
    current_password = present_password_field()
    code = code_field(needed=False)

    @property
    def wanted(self) -> Wanted:
        """What is asked for, without the columns that do not go with it."""
        columns = tuple(Column(value) for value in self.columns.data or [])
        return Wanted(Extent(self.extent.data), columns, bool(self.ended_too and self.ended_too.data)).checked()

    def offer(self, *, whole: bool, contacts: bool) -> None:
        """Offer only what this reader may have."""
        if not whole:
            del self.ended_too
            self.extent.choices = [SelectChoice(Extent.AS_SHOWN.value, EXTENTS[Extent.AS_SHOWN])]
            offered: Any = (Column.NAME, Column.ROLE, Column.ORGANISATION, Column.KIND)
        else:
            offered = [column for column in COLUMNS if contacts or column not in CONTACT]
        self.columns.choices = [SelectChoice(column.value, COLUMNS[column]) for column in offered]
