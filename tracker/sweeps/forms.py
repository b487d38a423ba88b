"""The shape of what is typed about abuse."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from wtforms import DateTimeLocalField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Length, Optional

from tracker.signatures.models import Provenance
from tracker.sweeps.service import Conditions
from tracker.web.forms import BaseForm
from tracker.words import _

FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class BlockForm(BaseForm):
    """Who is kept out."""

    value = StringField(
        _("Mail domain or network"),
        [
            DataRequired(_("Write a mail domain such as example.com, or a network such as 203.0.113.0/24.")),
            Length(max=255),
        ],
        description=_("example.com, or 203.0.113.0/24. A single network address is widened to its network."),
    )


class SweepForm(BaseForm):
    """Which signatures, and why they are none."""

    since = DateTimeLocalField(_("Signed from"), [Optional()], format=FORMATS)
    until = DateTimeLocalField(_("Signed before"), [Optional()], format=FORMATS)
    provenance = SelectField(
        _("Where they come from"),
        choices=[
            SelectChoice("", _("Wherever they come from")),
            SelectChoice("signer", _("Confirmed by the signer")),
            SelectChoice("list", _("From a list")),
        ],
    )
    domain = StringField(
        _("Mail domain"),
        [Length(max=255)],
        description=_("Opens each address to look at it; written in the access record."),
    )
    reason = StringField(
        _("Why they do not count"),
        [DataRequired(_("Say why they do not count; do not name anybody.")), Length(max=255)],
        description=_("For the team. Do not name anybody here."),
    )

    def conditions(self, zone: str) -> Conditions:
        """What was typed, on the campaign's own clock."""
        return Conditions(
            since=_aware(self.since.data, zone),
            until=_aware(self.until.data, zone),
            provenance=Provenance(self.provenance.data) if self.provenance.data else None,
            domain=(self.domain.data or "").strip() if self.domain is not None else "",
        )


def _aware(moment: dt.datetime | None, zone: str) -> dt.datetime | None:
    return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(dt.UTC) if moment is not None else None
