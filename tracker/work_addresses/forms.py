"""The shape of what is typed: domains by those who lead, an address and a code by whoever works there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, EmailField, HiddenField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from tracker.signatures.sign_forms import CodeSignForm, TokenlessForm
from tracker.web.forms import BaseForm
from tracker.words import _
from tracker.work_addresses.addresses import mailbox_of
from tracker.work_addresses.service import NO_ADDRESS


class DomainsForm(BaseForm):
    """At which domains an address may get a code."""

    domains = TextAreaField(
        _("Work domains"),
        [Length(max=5_000)],
        default="",
        description=_("One a line, such as example.com. Exactly these, nothing below them. Empty: nobody gets a code."),
        render_kw={"rows": 3, "spellcheck": "false", "autocapitalize": "off"},
    )
    understood = BooleanField(_("We have read who may still see it, and offer slips of paper first"))

    @property
    def typed(self) -> Sequence[str]:
        """The domains as typed."""
        return (self.domains.data or "").replace(",", " ").replace(";", " ").split()

    def validate_understood(self, field: Any) -> None:
        """Nobody allows this without the warning."""
        if self.typed and not field.data:
            raise ValidationError(str(_("Tick this box first: whoever signs so runs a risk.")))


class WorkAddressForm(TokenlessForm):
    """Somebody asks for a code."""

    email = EmailField(
        _("Your address at work"),
        [DataRequired(NO_ADDRESS), Length(max=254)],
        render_kw={"autocomplete": "off", "inputmode": "email", "spellcheck": "false"},
    )
    # Robots fill in everything; people do not see it.
    remarks = StringField(_("Leave this empty"), [Optional()], render_kw={"autocomplete": "off", "tabindex": "-1"})
    stamp = HiddenField()

    def validate_email(self, field: Any) -> None:
        """An address as such; of whom it is, and whether it signed, nobody learns."""
        if mailbox_of(str(field.data)) is None:
            raise ValidationError(str(NO_ADDRESS))


class WorkSignForm(CodeSignForm):
    """Signing with the code from the mail, as with one from a slip."""

    code = StringField(
        _("The code from the mail"),
        [DataRequired(_("Type the code from the mail.")), Length(max=40)],
        render_kw={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"},
    )
