"""The shape of the choice which breakdowns are public."""

from __future__ import annotations

from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from tracker.breakdowns.models import Dimension
from tracker.breakdowns.queries import CHOSEN
from tracker.breakdowns.words import DIMENSIONS
from tracker.web.forms import BaseForm, choices_from
from tracker.words import _


class BreakdownsForm(BaseForm):
    """Which are public."""

    dimensions = SelectMultipleField(
        _("Numbers that outsiders read"),
        choices=choices_from(CHOSEN, DIMENSIONS),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    @property
    def wanted(self) -> list[Dimension]:
        """What was ticked."""
        return [Dimension(value) for value in self.dimensions.data or []]
