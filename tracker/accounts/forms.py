"""The shape of input about accounts. Rules (passwords, addresses) live in the services."""

from __future__ import annotations

import zoneinfo
from functools import cache
from typing import Any

from wtforms import (  # type: ignore[attr-defined]  # SelectChoice is newer than the stubs
    BooleanField,
    EmailField,
    Field,
    HiddenField,
    PasswordField,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms.validators import DataRequired, InputRequired, Length

from tracker.accounts.models import Membership, Role
from tracker.accounts.service.own import LANGUAGES
from tracker.web.forms import BaseForm, choices_from
from tracker.words import _

ADDRESS_NEEDED = _("Write your e-mail address.")
PASSWORD_NEEDED = _("Write your password.")
ROLE_WORDS = {
    Role.ADMINISTRATOR: _("Administrator: everything, and who belongs here"),
    Role.ORGANISER: _("Organiser: begins and keeps campaigns"),
    Role.VIEWER: _("Viewer: reads and follows"),
}
MEMBERSHIP_WORDS = {
    Membership.LEAD: _("Lead: edits, and decides who sees it"),
    Membership.EDITOR: _("Editor: adds and edits"),
    Membership.READER: _("Reader: reads"),
}
NAME_HELP = _("Your name, or a handle if you prefer. Only the team sees it; outside you are “the organisers”.")
PASSWORD_HELP = _("At least 12 characters; three or four words that do not belong together are good. Pasting is fine.")


@cache
def zones() -> list[SelectChoice]:
    """Every zone people live in, as select choices."""
    places = sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
    return [SelectChoice("UTC", "UTC"), *(SelectChoice(name, name.replace("_", " ")) for name in places)]


def zone_field() -> Any:
    """Which zone times are shown in."""
    return SelectField(_("Time zone"), choices=zones, default="UTC", description=_("Times are shown in it."))


def email_field(label: Any = None, **options: Any) -> Any:
    """An e-mail address."""
    return EmailField(
        label or _("E-mail address"),
        [DataRequired(ADDRESS_NEEDED), Length(max=255)],
        render_kw={"autocomplete": "username", "inputmode": "email", "spellcheck": "false", **options},
    )


def new_password_field(label: Any = None, *, optional: bool = False, help_: Any = PASSWORD_HELP) -> Any:
    """A password to be chosen; typed once, since a browser or a manager shows it and a link resets it."""
    return PasswordField(
        label or _("Password"),
        [] if optional else [InputRequired(PASSWORD_NEEDED)],
        description=help_,
        render_kw={"autocomplete": "new-password", "minlength": 12},
    )


class AskedWhereThereIsOne:
    """Marks a field as required on the page; whoever has no password does not see it, so the view checks it."""

    field_flags = {"required": True}

    def __call__(self, form: Any, field: Field) -> None:
        """Nothing to check here."""


def present_password_field() -> Any:
    """The password somebody has now: a browser left open is not enough to take an account over."""
    render = {"autocomplete": "current-password"}
    return PasswordField(_("Present password"), [AskedWhereThereIsOne()], render_kw=render)


class SignInForm(BaseForm):
    """Address and password; where to go next, and a form that waits to be sent."""

    email = email_field()
    password = PasswordField(
        _("Password"), [InputRequired(PASSWORD_NEEDED)], render_kw={"autocomplete": "current-password"}
    )
    next = HiddenField()
    kept = HiddenField()


def code_field(*, first: bool = False, needed: bool = True) -> Any:
    """A code of an authenticator app; except at the first, a recovery code does as well. Not needed: the view asks."""
    return StringField(
        _("Code"),
        [InputRequired(_("Write the code.")) if needed else AskedWhereThereIsOne()],
        description=_("Six digits; your app shows them now.")
        if first
        else _("Six digits from your authenticator app, or one of your recovery codes."),
        render_kw={
            "autocomplete": "one-time-code",
            "inputmode": "numeric" if first else "text",
            "spellcheck": "false",
            "autocapitalize": "off",
            "maxlength": 40,
        },
    )


class CodeForm(BaseForm):
    """The second step of signing in."""

    code = code_field()
    step = HiddenField()  # sealed: whose password was right, and when
    next = HiddenField()
    kept = HiddenField()


class SetUpFactorForm(BaseForm):
    """Setting a second factor up: the code shows that the app has the secret, the password that it is really them."""

    secret = HiddenField()  # sealed; nothing is kept before it is confirmed
    code = code_field(first=True)
    current_password = present_password_field()


class ProveForm(BaseForm):
    """Only that it is really them."""

    current_password = present_password_field()
    code = code_field()


class LookForm(BaseForm):
    """Why somebody needs to read contact data; and that it is really them, unless they showed it a moment ago."""

    reason = StringField(
        _("What you need them for"),
        [DataRequired(_("Say what you need them for; it is written in the access record.")), Length(max=500)],
        description=_("Name nobody: this stays when the people are forgotten. “To phone those of Store 7”."),
    )
    current_password = present_password_field()
    code = code_field(needed=False)


class AddressForm(BaseForm):
    """Only an address: a link is mailed to it."""

    email = email_field()


class PressForm(BaseForm):
    """Only a button."""


class SetUpForm(BaseForm):
    """The first administrator."""

    name = StringField(_("Name"), [Length(max=120)], description=NAME_HELP, render_kw={"autocomplete": "name"})
    email = email_field()
    password = new_password_field()
    zone = zone_field()


class AcceptForm(BaseForm):
    """Accepting an invitation."""

    name = StringField(
        _("Name or handle"), [DataRequired(_("Write a name or a handle.")), Length(max=120)], description=NAME_HELP
    )
    password = new_password_field(optional=True)
    zone = zone_field()


class NewPasswordForm(BaseForm):
    """A new password, by link."""

    new_password = new_password_field(_("New password"))


class ChangePasswordForm(BaseForm):
    """A new password, for somebody signed in."""

    current_password = present_password_field()
    new_password = new_password_field(_("New password"))


class SettingsForm(BaseForm):
    """How somebody is called, and in which zone and language they read."""

    name = StringField(_("Name or handle"), [Length(max=120)], description=NAME_HELP)
    zone = zone_field()
    locale = SelectField(_("Language"), choices=[SelectChoice(*item) for item in LANGUAGES.items()])
    shortcuts = BooleanField(
        _("Keyboard shortcuts of one letter"),
        description=_("Turn them off if you speak to your computer, or if keys pressed by chance take you elsewhere."),
    )


class ChangeEmailForm(BaseForm):
    """Another address; the present password shows that it is really them."""

    email = email_field(_("New e-mail address"), autocomplete="email")
    current_password = present_password_field()


class InviteForm(BaseForm):
    """Inviting somebody."""

    email = email_field(autocomplete="off")
    name = StringField(_("Name"), [Length(max=120)], description=_("They can change it."))
    role = SelectField(_("Role"), choices=choices_from(Role, ROLE_WORDS), default=Role.ORGANISER.value)


class PartForm(BaseForm):
    """What somebody is and may do."""

    role = SelectField(_("Role"), choices=choices_from(Role, ROLE_WORDS))
    may_see_contacts = BooleanField(
        _("May see contact data of signatories"), description=_("Each view is written into the access record.")
    )
    may_export = BooleanField(
        _("May export signatories"), description=_("Each export is written into the access record, with its reason.")
    )


class MemberForm(BaseForm):
    """Taking somebody into a campaign."""

    email = email_field(autocomplete="off")
    membership = SelectField(
        _("Part"), choices=choices_from(Membership, MEMBERSHIP_WORDS), default=Membership.EDITOR.value
    )


class MembershipForm(BaseForm):
    """Another part in a campaign."""

    membership = SelectField(_("Part"), choices=choices_from(Membership, MEMBERSHIP_WORDS))
