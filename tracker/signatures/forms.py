"""The shape of what is typed about signatories and sizes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from wtforms import (
    BooleanField,
    DecimalField,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from tracker.companies.models import OrganisationKind
from tracker.companies.words import ORGANISATION_KINDS
from tracker.signatures.models import Appearance, Qualifier, ReportedCount, SignatoryKind
from tracker.signatures.pasting import Separator
from tracker.signatures.people import Person
from tracker.signatures.service import SizeClaim
from tracker.signatures.words import APPEARANCES, KINDS, QUALIFIERS, SEPARATORS
from tracker.timeline.forms import EntryFields, SourceFields
from tracker.web.forms import BaseForm, UncertainDateField, choices_from
from tracker.words import _

BESIDE = ("office", "affiliation", "team", "city")  # what is said beside a name
NAME_OR_COUNT = (Appearance.NAMED, Appearance.COUNTED)
# Nothing that is typed here is for the browser to remember and offer to the next person at this machine.
UNREMEMBERED = {"autocomplete": "off"}


class PersonFields:
    """What is known of a person."""

    name = StringField(
        _("Name"),
        [DataRequired(_("A signatory needs a name; it may be a handle or initials.")), Length(max=500)],
        render_kw=UNREMEMBERED,
    )
    office = StringField(_("Role or title"), [Length(max=500)], render_kw=UNREMEMBERED)
    affiliation = StringField(_("Organisation"), [Length(max=500)], render_kw=UNREMEMBERED)
    team = StringField(_("Team"), [Length(max=500)], render_kw=UNREMEMBERED)
    city = StringField(_("City"), [Length(max=500)], render_kw=UNREMEMBERED)


class AddressField:
    """An address, if one is known."""

    address = StringField(
        _("E-mail"),
        [Length(max=254)],
        render_kw={**UNREMEMBERED, "inputmode": "email"},
        description=_("Sealed; used only to tell one person from another. Leave it empty if you do not need it."),
    )


class LinkField:
    """A profile, if a list has one."""

    link = StringField(
        _("Profile"),
        [Length(max=500)],
        render_kw={**UNREMEMBERED, "inputmode": "url"},
        description=_("Such as linkedin.com/in/name. Sealed; used only to tell one person from another."),
    )


class SigningFields:
    """How and when somebody signed."""

    appearance = RadioField(
        _("Shown to outsiders"),
        [InputRequired()],
        choices=choices_from(Appearance, APPEARANCES),
        default=Appearance.COUNTED.value,
        description=_("As the list itself says each person chose; if it does not say, only counted."),
    )
    signed = UncertainDateField(_("Signed on"), [Optional()])


class TypedPerson(PersonFields, AddressField, LinkField):
    """A person with all that a list may know of them."""

    @property
    def person(self) -> Person:
        """What was typed."""
        return Person(
            self.name.data,
            self.office.data or "",
            self.affiliation.data or "",
            self.address.data or "",
            link=self.link.data or "",
            team=self.team.data or "",
            city=self.city.data or "",
        )


class SignatoryForm(TypedPerson, SigningFields, BaseForm):
    """A person whose name stands on a list."""


class EditForm(TypedPerson, BaseForm):
    """A mistake in what is known of a person, or another address."""

    address = StringField(
        _("New e-mail"),
        [Length(max=254)],
        render_kw={**UNREMEMBERED, "inputmode": "email"},
        description=_("Leave it empty to keep things as they are."),
    )
    link = StringField(
        _("New profile"),
        [Length(max=500)],
        render_kw={**UNREMEMBERED, "inputmode": "url"},
        description=_("Such as linkedin.com/in/name; empty keeps what there is."),
    )

    @property
    def keeps_address(self) -> bool:
        """Whether the address stays as it is."""
        return not self.address.data


class LeaveOutForm(LinkField, BaseForm):
    """What of a signer's own words is left out. There is no field to write others into: that is the signer's."""

    link = EditForm.link
    drop_office = BooleanField(_("Leave out the role"))
    drop_affiliation = BooleanField(_("Leave out the organisation"))
    drop_team = BooleanField(_("Leave out the team"))
    drop_city = BooleanField(_("Leave out the city"))
    drop_address = BooleanField(
        _("Forget the e-mail address"),
        description=_("No mail reaches this signer from then on, and nobody knows them again if they sign once more."),
    )

    def __init__(self, known: Person, has_address: bool, version: int, **options: Any) -> None:
        super().__init__(data={"version": version}, **options)
        self.known = known
        for name in BESIDE:
            if not getattr(known, name):
                del self[f"drop_{name}"]
        if not has_address:
            del self.drop_address

    @property
    def person(self) -> Person:
        """What stays of the signer's words, and a profile if one was typed."""
        dropped = {name: "" for name in BESIDE if f"drop_{name}" in self and self[f"drop_{name}"].data}
        return replace(self.known, **dropped, link=self.link.data or "")

    @property
    def keeps_address(self) -> bool:
        """Whether the address stays as it is."""
        return "drop_address" not in self or not self.drop_address.data


class HoldingFields:
    """What an organisation holds of a company."""

    company = StringField(_("Company held"), [Length(max=255)])
    shares = DecimalField(_("Shares"), [Optional(), NumberRange(min=0, max=10**15)], render_kw={"inputmode": "decimal"})
    amount = DecimalField(
        _("Or worth"), [Optional(), NumberRange(min=0, max=10**17)], render_kw={"inputmode": "decimal"}
    )
    currency = StringField(_("Currency"), [Length(max=3)], description=_("Three letters: USD, EUR."))
    held = UncertainDateField(_("As of"), [Optional()])
    source = FormField(SourceFields, label=_("Who says so"))

    def validate_currency(self, field: Any) -> None:
        """ISO 4217's shape."""
        if field.data and not (len(field.data) == 3 and field.data.isascii() and field.data.isalpha()):
            raise ValidationError(str(_("Write the currency as three letters, such as USD.")))

    @property
    def says_holding(self) -> bool:
        """Whether anything was typed about what it holds, beyond the company that was filled in for them."""
        return self.shares.data is not None or self.amount.data is not None


class HoldingForm(HoldingFields, BaseForm):
    """One more holding of an organisation that is here."""


class OrganisationForm(HoldingFields, AddressField, SigningFields, BaseForm):
    """An organisation that signed, and what it holds."""

    name = StringField(_("Name"), [DataRequired(_("Name the organisation.")), Length(max=255)])
    kind = SelectField(
        _("What it is"),
        choices=choices_from(OrganisationKind, ORGANISATION_KINDS),
        default=OrganisationKind.OTHER.value,
        description=_("Only for one that is new here; a known one stays what it is."),
    )
    appearance = RadioField(
        _("Shown to outsiders"),
        [InputRequired()],
        choices=choices_from(NAME_OR_COUNT, APPEARANCES),
        default=Appearance.NAMED.value,
    )


class PasteForm(SigningFields, BaseForm):
    """A list, and what somebody decided about it. The text travels in the form; nothing keeps it."""

    text = TextAreaField(
        _("The list"),
        [DataRequired(_("Paste a list first: one signatory a line."))],
        render_kw={"rows": 14, "spellcheck": "false", **UNREMEMBERED},
        description=_("One signatory a line: Name, Title, Organisation; or copied from a spreadsheet."),
    )
    kind = RadioField(
        _("Who is on it"),
        [InputRequired()],
        choices=choices_from(SignatoryKind, KINDS),
        default=SignatoryKind.PERSON.value,
    )
    separator = SelectField(
        _("What stands between the parts of a line"),
        choices=choices_from(Separator, SEPARATORS),
        default=Separator.GUESS.value,
    )
    carried = HiddenField()  # numbers of lines left out on parts of the preview that are not shown
    expected = HiddenField()  # how many new ones the reader saw

    def validate_carried(self, field: Any) -> None:
        """Numbers and commas."""
        if any(part and not part.isdigit() for part in (field.data or "").split(",")):
            raise ValidationError(str(_("The lines to leave out could not be read.")))


class AppearanceForm(BaseForm):
    """How a signature is shown from now on."""

    appearance = RadioField(_("Shown to outsiders"), choices=choices_from(Appearance, APPEARANCES))


class EndForm(BaseForm):
    """Why a signature counts no more."""

    reason = StringField(
        _("Why"), [Length(max=255)], description=_("For the team. Do not name the person here."), render_kw=UNREMEMBERED
    )


class ReportedCountForm(EntryFields, BaseForm):
    """A size as somebody reported it."""

    qualifier = SelectField(
        _("How exactly"), choices=choices_from(Qualifier, QUALIFIERS), default=Qualifier.ABOUT.value
    )
    value = IntegerField(
        _("How many"),
        [InputRequired(_("Write the number, without words.")), NumberRange(min=0, max=2_000_000_000)],
        render_kw={"inputmode": "numeric"},
    )
    population = StringField(
        _("Of whom"),
        [DataRequired(_("Say who was counted: employees, shareholders, organisations.")), Length(max=120)],
        default="",
        description=_("employees, shareholders, organisations, people"),
    )

    occurred_on = UncertainDateField(_("As of"), [DataRequired(_("Say when; a month or a year will do."))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.source.form.citation.flags.required = True  # a claim without a source is none

    def fail(self, error: Exception) -> None:
        """A missing source is told beside the source's first field."""
        if getattr(error, "field", "") == "source":
            self.source.form.citation.errors = [*self.source.form.citation.errors, str(error)]
        else:
            super().fail(error)

    def claim(self) -> SizeClaim:
        """What was typed, once it is valid."""
        assert self.occurred_on.data is not None
        return SizeClaim(Qualifier(self.qualifier.data), self.value.data, self.population.data, self.occurred_on.data)


def reported_values(count: ReportedCount) -> dict[str, Any]:
    """What the form shows at first when a size is told anew."""
    return {"qualifier": count.qualifier.value, "value": count.value, "population": count.population}
