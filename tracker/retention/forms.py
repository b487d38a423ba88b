"""The shape of what is typed about the end of a campaign."""

from __future__ import annotations

from wtforms import DateField
from wtforms.validators import InputRequired

from tracker.web.forms import BaseForm
from tracker.words import _


class DayForm(BaseForm):
    """On which day the people are forgotten."""

    day = DateField(_("Forget them on"), [InputRequired(_("Choose a day."))])
