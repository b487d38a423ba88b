"""The shape of what is typed about how campaigns stand to each other."""

from __future__ import annotations

from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import DataRequired, Length

from tracker.campaigns.relations import LinkKind
from tracker.campaigns.words import LINKS
from tracker.web.forms import BaseForm, choices_of
from tracker.words import _


class LinkForm(BaseForm):
    """How a campaign stands to another."""

    kind = SelectField(
        _("This campaign"),
        choices=choices_of((f"{kind.value}-{int(is_reverse)}", words) for (kind, is_reverse), words in LINKS.items()),
    )
    other = StringField(
        _("Which campaign"),
        [DataRequired(_("Name the other campaign.")), Length(max=500)],
        description=_("Its title, as you begin to type it, or the address of its page."),
    )


class MergeForm(BaseForm):
    """Into which campaign, and why; `sure` comes with the second page."""

    other = StringField(
        _("The campaign that remains"),
        [DataRequired(_("Name the other campaign.")), Length(max=500)],
        description=_("Its title, as you begin to type it, or the address of its page."),
    )
    reason = StringField(
        _("Why they are one"), [DataRequired(_("Say in a sentence why they are one.")), Length(max=1000)]
    )
    sure = HiddenField()


def read_link(choice: str) -> tuple[LinkKind, bool]:
    """What a choice of LinkForm means. Raises ValueError for anything else."""
    kind, _dash, is_reverse = choice.partition("-")
    return LinkKind(kind), is_reverse == "1"
