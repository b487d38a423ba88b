"""The shape of what is typed about companies and organisations."""

from __future__ import annotations

import re
from typing import Any

from babel import Locale
from flask_babel import get_locale
from wtforms import DateField, SelectField, StringField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from tracker.companies.models import OrganisationKind
from tracker.companies.words import ORGANISATION_KINDS
from tracker.web.forms import BaseForm, blank_to_none, choices_from, choices_of
from tracker.words import _


def countries() -> list[Any]:
    """Every country's code and name, by name; not the world's regions."""
    names = (get_locale() or Locale("en")).territories
    known = [(code, name) for code, name in names.items() if re.fullmatch(r"[A-Z]{2}", code) and code not in NO_COUNTRY]
    return choices_of([("", str(_("not said"))), *sorted(known, key=lambda pair: pair[1])])


# CLDR's territories that are no country.
NO_COUNTRY = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}


class CountryField(SelectField):
    """A country by its code."""

    def __init__(self, label: Any = None, validators: Any = None, **kwargs: Any) -> None:
        super().__init__(label, validators or [Optional()], choices=countries, **kwargs)


class CompanyForm(BaseForm):
    """What is recorded of a company."""

    name = StringField(_("Name"), [DataRequired(_("A company needs a name.")), Length(max=255)])
    ticker = StringField(_("Ticker"), [Length(max=16)])
    cik = StringField(
        _("CIK"),
        [Optional()],
        filters=[blank_to_none],
        description=_("The number under which the SEC keeps its filings."),
    )
    sector = StringField(_("Sector"), [Length(max=120)])
    country = CountryField(_("Country"))

    def validate_cik(self, field: Any) -> None:
        """Digits only; leading zeros may be left out."""
        if not re.fullmatch(r"\d{1,10}", field.data):
            raise ValidationError(str(_("A CIK has up to ten digits.")))


class CompanyNameForm(BaseForm):
    """A name a company has borne, or is known by."""

    name = StringField(_("Name"), [DataRequired(_("Write the name.")), Length(max=255)])
    from_on = DateField(_("From"), [Optional()])
    to_on = DateField(_("Until"), [Optional()])


class OrganisationForm(BaseForm):
    """What is recorded of an organisation."""

    name = StringField(_("Name"), [DataRequired(_("An organisation needs a name.")), Length(max=255)])
    kind = SelectField(_("What it is"), choices=choices_from(OrganisationKind, ORGANISATION_KINDS))
    country = CountryField(_("Country"))
    custodian = StringField(
        _("Custodian"), [Length(max=255)], description=_("The bank or broker that holds its shares, for an investor.")
    )
