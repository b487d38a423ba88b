"""The shape of what is typed about how campaigns stand to each other."""

from __future__ import annotations

from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import DataRequired, Length

from tracker.campaigns.models import CampaignKind
from tracker.campaigns.relations import LinkKind
from tracker.campaigns.words import KINDS, LINKS
from tracker.web.forms import BaseForm, MarkdownField, choices_from, choices_of
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


class IssueForm(BaseForm):
    """An issue area: what it is called and what it is about."""

    name = StringField(_("Name"), [DataRequired(_("Give the issue area a name.")), Length(max=120)])
    description = MarkdownField(_("What it is about"), [Length(max=20_000)], rows=6)


class IssueMergeForm(BaseForm):
    """Which issue area stands for another."""

    other = StringField(_("Which one remains"), [DataRequired(_("Name the other issue area.")), Length(max=120)])


class TemplateForm(BaseForm):
    """What a new campaign takes over from another one; the names of the boxes are TemplatePart's."""

    title = StringField(_("Title"), [DataRequired(_("Give the campaign a title.")), Length(max=255)])
    kind = RadioField(_("Whose campaign"), [DataRequired()], choices=choices_from(CampaignKind, KINDS))
    subjects = BooleanField(_("Companies and organisations, asked and asked about"), default=True)
    targets = BooleanField(_("Who can grant it"), default=True)
    demands = BooleanField(_("What is asked; nothing has come of it yet"), default=True)
    issues = BooleanField(_("Issue areas"), default=True)
    text = BooleanField(_("The text, as its first version"), default=True)
    summary = BooleanField(_("The summary"), default=False)
    goal = BooleanField(_("The goal"), default=False)
    follows = BooleanField(_("Say on both pages that the new campaign follows this one"), default=True)


def read_link(choice: str) -> tuple[LinkKind, bool]:
    """What a choice of LinkForm means. Raises ValueError for anything else."""
    kind, _dash, is_reverse = choice.partition("-")
    return LinkKind(kind), is_reverse == "1"
