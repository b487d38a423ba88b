"""The shapes of a schedule, and of what wants a reason at the desk."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from tracker.accounts.forms import ADDRESS_NEEDED, code_field, email_field, present_password_field, zone_field
from tracker.digests.models import Frequency, Subscriber
from tracker.digests.periods import Schedule
from tracker.digests.words import FREQUENCY_WORDS, weekday_name
from tracker.web.forms import BaseForm, choices_from
from tracker.words import _


class ScheduleForm(BaseForm):
    """How often, when, and on whose clock."""

    frequency = RadioField(_("How often"), [InputRequired()], choices=choices_from(Frequency, FREQUENCY_WORDS))
    weekday = SelectField(
        _("Day of the week"),
        coerce=int,
        choices=lambda: [SelectChoice(number, weekday_name(number)) for number in range(1, 8)],
        description=_("When it comes every week."),
    )
    month_day = SelectField(
        _("Day of the month"),
        coerce=int,
        choices=[SelectChoice(number, str(number)) for number in range(1, 32)],
        description=_("When it comes every month; in a shorter month, on its last day."),
    )
    hour = SelectField(_("Hour"), coerce=int, choices=[SelectChoice(number, f"{number:02}:00") for number in range(24)])
    zone = zone_field()
    neutral_subject = BooleanField(
        _("Keep names out of the subject line"),
        description=_("For a mailbox that others can see: the subject then only counts the changes."),
    )

    @classmethod
    def of(cls, subscriber: Subscriber, **options: Any) -> ScheduleForm:
        """The form as the subscriber's settings stand."""
        form = cls(obj=subscriber, **options)
        if not form.is_submitted():
            form.version.data = str(subscriber.version)
        return form

    def schedule(self) -> Schedule:
        """What was chosen."""
        return Schedule(
            frequency=Frequency(self.frequency.data),
            weekday=self.weekday.data,
            month_day=self.month_day.data,
            hour=self.hour.data,
            zone=self.zone.data,
        )


class FollowForm(BaseForm):
    """An address without an account, and how often it wants to hear."""

    email = email_field(autocomplete="email")
    frequency = RadioField(
        _("How often"),
        [InputRequired()],
        choices=choices_from(Frequency, FREQUENCY_WORDS),
        default=Frequency.WEEKLY.value,
        description=_("Only when something happened. You can change it at any time."),
    )


class PauseForm(BaseForm):
    """Why all sending rests."""

    reason = StringField(
        _("Why"),
        [DataRequired(_("Say why: whoever wonders where a mail stays reads it.")), Length(max=250)],
        description=_("Shown to organisers; no names of people."),
    )


class AddressesForm(BaseForm):
    """Why somebody needs to read receivers' addresses."""

    reason = StringField(
        _("What you need them for"),
        [DataRequired(_("Say what you need them for; it is written in the access record.")), Length(max=500)],
    )


class LookUpForm(BaseForm):
    """An address, to see whether it may be written to."""

    email = email_field(autocomplete="off")


class LiftForm(BaseForm):
    """Why an address may be written to again, and that it is really an administrator who says so."""

    email = HiddenField(validators=[DataRequired(ADDRESS_NEEDED), Length(max=255)])
    reason = StringField(
        _("Why it may be written to again"),
        [DataRequired(_("Say why it may be written to again; it is written in the access record.")), Length(max=500)],
        description=_("Who asked, when and how. Not the address itself."),
    )
    current_password = present_password_field()
    code = code_field(needed=False)
