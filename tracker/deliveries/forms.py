"""The shape of what is typed about deliveries."""

from __future__ import annotations

from wtforms import DateField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length

from tracker.deliveries.models import Way
from tracker.deliveries.service import LONGEST, Handed
from tracker.deliveries.words import WAYS
from tracker.timeline.models import EntryVisibility
from tracker.web.forms import BaseForm, choices_from
from tracker.words import _

READERS = {
    "": _("Signers alone"),
    EntryVisibility.MEMBERS.value: _("Also the members of the campaign"),
    EntryVisibility.PUBLIC.value: _("Also everybody who may read the campaign"),
}


class DeliveryForm(BaseForm):
    """When, how and to whom."""

    delivered_on = DateField(_("Delivered on"), [InputRequired(_("Say when; today will do."))])
    way = SelectField(_("How"), choices=choices_from(Way, WAYS))
    receiver = StringField(
        _("To whom"),
        [DataRequired(_("Say to whom it was delivered: an office, a board, a company.")), Length(max=255)],
    )
    receipt = TextAreaField(
        _("Receipt"),
        [Length(max=2000)],
        render_kw={"rows": 2},
        description=_("Who took it, the number of a parcel, what was answered; it may be added later. For the team."),
    )

    def handed(self) -> Handed:
        """What was typed."""
        return Handed(self.delivered_on.data, Way(self.way.data), self.receiver.data, self.receipt.data or "")


class ReceiptForm(BaseForm):
    """What came back."""

    receipt = TextAreaField(_("Receipt"), [Length(max=2000)], render_kw={"rows": 2})


class UpdateForm(BaseForm):
    """What signers are to read."""

    words = TextAreaField(
        _("What they read"),
        [DataRequired(_("Write what they are to read.")), Length(max=LONGEST)],
        render_kw={"rows": 5, "maxlength": LONGEST},
        description=_("At most 600 characters, plain text. Name no signatory."),
    )
    readers = SelectField(
        _("Who else reads it"),
        choices=[SelectChoice(*choice) for choice in READERS.items()],
        description=_(
            "Whoever follows the campaign finds it at the top of the next digest. Signers who follow it read it there, "
            "and get no mail besides."
        ),
    )

    def who_else(self) -> EntryVisibility | None:
        """Who reads it besides the signers; None for nobody."""
        return EntryVisibility(self.readers.data) if self.readers.data else None


class NewsRedactionForm(BaseForm):
    """Why words that signers read go."""

    reason = StringField(
        _("Why"),
        [DataRequired(_("Say why; this stays for the team to read.")), Length(max=300)],
        description=_("This stays for the team. Do not repeat what you remove: “a name typed by mistake”."),
    )


class PressForm(BaseForm):
    """A button and nothing else."""
