"""The form on a campaign's page, those on a signer's receipt, and the one that says what signers are asked."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional, ValidationError

from tracker.signatures.consent import CONSENT, CURRENT
from tracker.signatures.models import Appearance, SignatoryKind
from tracker.signatures.people import Person
from tracker.signatures.places import Shape
from tracker.signatures.service import FormAsks, Wish
from tracker.signatures.signings import ASKABLE, Asked
from tracker.signatures.words import ASKED, OWN_APPEARANCES, WHO_SIGNS
from tracker.web.forms import BaseForm, choices_from
from tracker.words import _

NAME_NEEDED = _("Type your name; it may be a handle or initials.")
ASKED_OF_ALL = _("The organisers ask this of everybody who signs.")
NOT_BESIDE_NAMES = _("For the organisers. Never shown beside a name; at most counted, with nine others or more.")


class TokenlessForm(BaseForm):
    """A form of pages that set no cookie. There is no session that a foreign page could misuse: whoever can send it has
    the right to, by what is typed in it or by the secret in its address."""

    class Meta(BaseForm.Meta):
        csrf = False

    # Nothing is looked up by it: the same form again is known by all that was typed (`SigningRequest.digest`).
    form_key = None


class SignForm(TokenlessForm):
    """Somebody signs a campaign's text."""

    kind = RadioField(
        _("Who signs"),
        [InputRequired()],
        choices=choices_from(SignatoryKind, WHO_SIGNS),
        default=SignatoryKind.PERSON.value,
    )
    name = StringField(_("Your name"), [DataRequired(NAME_NEEDED), Length(max=300)], render_kw={"autocomplete": "name"})
    email = EmailField(
        _("Your e-mail address"),
        [DataRequired(_("Type your e-mail address; it is asked whether you signed.")), Length(max=254)],
        render_kw={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"},
    )
    office = StringField(
        _("Your role"), [Length(max=200)], default="", render_kw={"autocomplete": "organization-title"}
    )
    affiliation = StringField(
        _("Your organisation"), [Length(max=300)], default="", render_kw={"autocomplete": "organization"}
    )
    team = StringField(
        _("Your team"), [Length(max=200)], default="", render_kw={"autocomplete": "off"}, description=NOT_BESIDE_NAMES
    )
    city = StringField(
        _("Your city"),
        [Length(max=200)],
        default="",
        render_kw={"autocomplete": "address-level2"},
        description=NOT_BESIDE_NAMES,
    )
    appearance = RadioField(
        _("How you appear"),
        [InputRequired(_("Choose how you appear; you can change it later."))],
        choices=choices_from(Appearance, OWN_APPEARANCES),
        description=_("Only you can ever make it more visible. The organisers see your name in each case."),
    )
    updates = BooleanField(_("Write to me when there is news about this letter"))
    consent = BooleanField("", [DataRequired(_("Tick this box if you agree; without it nothing may be kept."))])
    # Robots fill in everything; people do not see it.
    remarks = StringField(_("Leave this empty"), [Optional()], render_kw={"autocomplete": "off", "tabindex": "-1"})
    stamp = HiddenField()
    text = HiddenField()

    def __init__(self, shape: Shape, **options: Any) -> None:
        super().__init__(**options)
        self.consent.label.text = CONSENT[CURRENT]
        if not shape.takes_organisations:
            del self.kind
        if not shape.offers_updates:
            del self.updates
        if shape.hides_names:
            self.appearance.choices = [one for one in self.appearance.choices if one.value != Appearance.NAMED]
        for name in ASKABLE:
            asked: Asked = getattr(shape, name)
            is_needed = asked is Asked.REQUIRED
            if asked is Asked.HIDDEN and not (name == "affiliation" and shape.takes_organisations):
                delattr(self, name)
            elif is_needed and not self.is_organisation:
                field = self._fields[name]
                field.validators = [DataRequired(ASKED_OF_ALL), *field.validators]
                field.flags.required = True

    @property
    def is_organisation(self) -> bool:
        """Whether it is an organisation that signs."""
        return self.kind is not None and self.kind.data == SignatoryKind.ORGANISATION

    def validate_affiliation(self, field: Any) -> None:
        """An organisation that signs has a name."""
        if self.is_organisation and not field.data:
            raise ValidationError(str(_("Name the organisation that signs.")))

    def validate_appearance(self, field: Any) -> None:
        """An organisation has no initials."""
        if self.is_organisation and field.data == Appearance.INITIALS:
            raise ValidationError(str(_("An organisation is shown by its name, or only counted.")))

    def fail(self, error: Exception) -> None:
        """The service knows an address, the form an e-mail."""
        if getattr(error, "field", "") == "address" and self.email is not None:
            self.email.errors = [*self.email.errors, str(error)]
        else:
            super().fail(error)

    def wish(self) -> Wish:
        """What was typed."""
        office, affiliation, team, city = (
            (field.data or "" if (field := self._fields.get(name)) is not None else "") for name in ASKABLE
        )
        address = self.email.data or "" if self.email is not None else ""
        kind = SignatoryKind.PERSON
        person = Person(self.name.data, office, affiliation, address, team=team, city=city)
        if self.is_organisation:
            through = ", ".join(part for part in (self.name.data, office) if part)
            kind, person = SignatoryKind.ORGANISATION, Person(affiliation, address=address, through=through)
        number = str(self.text.data or "")
        return Wish(
            person,
            Appearance(self.appearance.data),
            kind,
            wishes_updates=self.updates is not None and bool(self.updates.data),
            consent_version=CURRENT,
            text_id=int(number) if number.isdecimal() and len(number) < 18 else None,
        )


class CodeSignForm(SignForm):
    """Signing with a code from a slip of paper: no address is asked, so nothing is mailed either."""

    code = StringField(
        _("The code on your slip"),
        [DataRequired(_("Type the code on your slip.")), Length(max=40)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )
    receipt = HiddenField()

    def __init__(self, shape: Shape, **options: Any) -> None:
        super().__init__(shape, **options)
        for name in ("email", "updates", "kind"):
            if name in self._fields:
                delattr(self, name)
        if shape.affiliation is Asked.HIDDEN and self.affiliation is not None:
            del self.affiliation  # only an organisation would have been asked


class CodesForm(BaseForm):
    """How many codes to make."""

    number = IntegerField(
        _("How many slips"),
        [InputRequired(_("Write the number.")), NumberRange(min=1, max=200, message=_("Between 1 and 200 at once."))],
        default=24,
        render_kw={"inputmode": "numeric"},
    )


class ReceiptForm(TokenlessForm):
    """A receipt code, typed."""

    receipt = StringField(
        _("Your receipt code"),
        [DataRequired(_("Type your receipt code.")), Length(max=60)],
        render_kw={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"},
    )


class PressForm(TokenlessForm):
    """Only a button, on a page whose address is the right to press it."""


class OwnForm(TokenlessForm):
    """How a signer appears, and whether they hear of updates."""

    appearance = RadioField(_("How you appear"), [InputRequired()], choices=choices_from(Appearance, OWN_APPEARANCES))
    updates = BooleanField(_("Write to me when there is news about this letter"))


class OwnWordsForm(TokenlessForm):
    """What a signer said of themselves beside the name."""

    office = StringField(_("Your role"), [Length(max=200)], render_kw={"autocomplete": "organization-title"})
    affiliation = StringField(_("Your organisation"), [Length(max=300)], render_kw={"autocomplete": "organization"})
    team = StringField(_("Your team"), [Length(max=200)], render_kw={"autocomplete": "off"})
    city = StringField(_("Your city"), [Length(max=200)], render_kw={"autocomplete": "address-level2"})

    def __init__(self, offered: Collection[str], needed: Collection[str] = (), **options: Any) -> None:
        super().__init__(**options)
        for name in ASKABLE:
            if name not in offered:
                delattr(self, name)
            elif name in needed:
                field = self._fields[name]
                field.validators = [DataRequired(ASKED_OF_ALL), *field.validators]
                field.flags.required = True

    def said(self) -> dict[str, str]:
        """What was typed, by the names of `ASKABLE`."""
        return {name: self._fields[name].data or "" for name in ASKABLE if name in self._fields}


class AgainForm(TokenlessForm):
    """Signing once more: after a withdrawal, or under another text."""

    consent = BooleanField("", [DataRequired(_("Tick this box if you agree; without it nothing may be kept."))])

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.consent.label.text = CONSENT[CURRENT]


class EraseForm(TokenlessForm):
    """Everything kept of a signer is to be destroyed."""

    sure = BooleanField(
        _("Destroy what is kept of me; it cannot be brought back"), [DataRequired(_("Tick this box first."))]
    )
    not_again = BooleanField(
        _("And let no list add me again"),
        description=_(
            "For this a keyed hash stays, of which nobody can make your name or address. It goes when the people of "
            "this campaign are forgotten. You yourself may sign again."
        ),
    )


class SigningForm(BaseForm):
    """What the form on a campaign's page asks."""

    office = SelectField(_("Role"), choices=choices_from(Asked, ASKED), default=Asked.OPTIONAL.value)
    affiliation = SelectField(_("Organisation"), choices=choices_from(Asked, ASKED), default=Asked.OPTIONAL.value)
    team = SelectField(_("Team"), choices=choices_from(Asked, ASKED), default=Asked.HIDDEN.value)
    city = SelectField(_("City"), choices=choices_from(Asked, ASKED), default=Asked.HIDDEN.value)
    takes_organisations = BooleanField(
        _("Organisations may sign too"),
        description=_("Somebody signs for them, and you confirm each before it counts."),
    )
    offers_updates = BooleanField(_("Ask whether signers want to hear of news"), default=True)
    closes_on = DateField(
        _("Last day to sign"), [Optional()], description=_("In the campaign’s own zone. Empty: until you close it.")
    )

    def asks(self) -> FormAsks:
        """What was chosen."""
        return FormAsks(
            Asked(self.office.data),
            Asked(self.affiliation.data),
            Asked(self.team.data),
            Asked(self.city.data),
            bool(self.takes_organisations.data),
            bool(self.offers_updates.data),
            self.closes_on.data,
        )
