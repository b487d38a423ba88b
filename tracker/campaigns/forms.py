"""The shape of what is typed about campaigns."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from tracker.campaigns.models import CampaignKind, DemandKind, SubjectRole, TargetKind, Visibility
from tracker.campaigns.words import DEMAND_KINDS, KINDS, SUBJECT_ROLES, TARGET_KINDS, VISIBILITIES
from tracker.timeline.forms import OpenFields
from tracker.web.forms import BaseForm, MarkdownField, UncertainDateField, choices_from, choices_of
from tracker.words import _


class QuickLogForm(BaseForm):
    """Seven fields; the last four may stay empty."""

    title = StringField(_("Title"), [DataRequired(_("Give the campaign a title.")), Length(max=255)])
    kind = RadioField(
        _("Whose campaign"), [DataRequired(_("Say whose campaign it is."))], choices=choices_from(CampaignKind, KINDS)
    )
    company = StringField(
        _("Company that is asked"),
        [DataRequired(_("Name the company.")), Length(max=255)],
        description=_("Begin to type its name or ticker; a company we do not know yet is added as you write it."),
    )
    demands = TextAreaField(_("What is asked, one a line"), [Length(max=20_000)], render_kw={"rows": 4})
    began_on = UncertainDateField(_("When it began"))
    due_on = DateField(_("Due on"), [Optional()])
    due_what = StringField(_("What is due"), [Length(max=255)])
    source = StringField(_("A source"), [Length(max=2000)], description=_("A web address, or how you would cite it."))
    # Asked only when the name is near others: "Which company do you mean?"
    meant = RadioField(_("Which company do you mean?"), [Optional()], choices=[], validate_choice=False)


class CampaignForm(BaseForm):
    """What the edit page changes at once."""

    title = StringField(_("Title"), [DataRequired(_("Give the campaign a title.")), Length(max=255)])
    slug = StringField(
        _("Address"),
        [DataRequired(_("The address needs letters or digits.")), Length(max=80)],
        description=_("The end of this page’s address. The old one keeps leading here."),
    )
    summary = MarkdownField(_("Summary"), [Length(max=20_000)], rows=5)
    began_on = UncertainDateField(_("When it began"))
    goal = IntegerField(_("Goal: signatures hoped for"), [Optional(), NumberRange(min=1, max=2_000_000_000)])
    issues = StringField(
        _("Issue areas"), [Length(max=1000)], description=_("Separated by commas: facial recognition, immigration.")
    )
    zone = StringField(
        _("Time zone"),
        [DataRequired(_("Write a time zone such as Europe/Berlin.")), Length(max=64)],
        description=_("Days of this campaign begin and end here: Europe/Berlin, America/New_York."),
    )
    is_protected = BooleanField(
        _("Protected: the names of its signatories are sealed"),
        description=_("Whoever runs this server, and holds its key, can read sealed names; a stolen database cannot."),
    )
    allows_public_names = BooleanField(_("Signatories may choose to be named in public"))

    def validate_zone(self, field: Any) -> None:
        """Only zones that exist."""
        if field.data not in available_timezones():
            raise ValidationError(str(_("There is no such time zone; write one such as Europe/Berlin.")))


class DemandForm(OpenFields, BaseForm):
    """One thing more that is asked."""

    words = MarkdownField(_("In more words"), [Length(max=20_000)], rows=3)
    ask = StringField(_("What is asked, in one sentence"), [DataRequired(_("Write what is asked.")), Length(max=1000)])
    kind = SelectField(
        _("What sort of thing"), [Optional()], choices=choices_from(DemandKind, DEMAND_KINDS, blank=_("not said"))
    )
    target = SelectField(_("Asked of"), [Optional()], choices=[])


class DemandEditForm(BaseForm):
    """A demand as it stands."""

    words = StringField(
        _("What is asked, in one sentence"), [DataRequired(_("Write what is asked.")), Length(max=1000)]
    )
    kind = SelectField(
        _("What sort of thing"), [Optional()], choices=choices_from(DemandKind, DEMAND_KINDS, blank=_("not said"))
    )
    target = SelectField(_("Asked of"), [Optional()], choices=[])
    detail = MarkdownField(_("In more words"), [Length(max=20_000)], rows=4)


class RemovalForm(BaseForm):
    """Why something is taken back."""

    reason = StringField(_("Why it is no longer asked"), [DataRequired(_("Say why.")), Length(max=1000)])


class TargetForm(BaseForm):
    """Who can grant a demand."""

    kind = SelectField(_("What it is"), choices=choices_from(TargetKind, TARGET_KINDS))
    name = StringField(
        _("Name"),
        [DataRequired(_("Name who is asked.")), Length(max=255)],
        description=_("The company, the body, or the person who holds the office."),
    )
    office = StringField(
        _("Office"), [Length(max=255)], description=_("Of an office-holder: chief executive, minister.")
    )
    company = StringField(_("Belongs to the company"), [Length(max=255)])


class SubjectForm(BaseForm):
    """A company or organisation that is asked, or asked about."""

    role = SelectField(_("Its part"), choices=choices_from(SubjectRole, SUBJECT_ROLES))
    what = SelectField(
        _("What it is"), choices=choices_of([("company", _("a company")), ("organisation", _("another organisation"))])
    )
    name = StringField(_("Name"), [DataRequired(_("Write its name.")), Length(max=255)])


class RestoreTextForm(OpenFields, BaseForm):
    """Why the words of an earlier version come back."""

    NEWEST = "seen"
    seen = HiddenField()
    words = MarkdownField(_("Why it is written or changed"), [Length(max=20_000)], rows=2)
    is_substantive = RadioField(
        _("What changes"),
        choices=choices_of(
            [
                ("yes", _("Its substance: earlier signers are asked again")),
                ("no", _("Only its wording: earlier signatures hold")),
            ]
        ),
        default="yes",
    )


class TextForm(RestoreTextForm):
    """The next version of the letter or petition."""

    body = MarkdownField(_("The text"), [DataRequired(_("Write or paste the text.")), Length(max=100_000)], rows=18)


class DeadlineForm(BaseForm):
    """What is due, when and whose."""

    what = StringField(_("What is due"), [DataRequired(_("Say what is due.")), Length(max=255)])
    due_on = DateField(_("Due on"), [DataRequired(_("Say when it is due."))])
    owner = SelectField(
        _("Whose"),
        [Optional()],
        choices=[],
        description=_("Reminded by mail 14, 7 and 2 days before, and on the day."),
    )


class StageForm(OpenFields, BaseForm):
    """A move to another stage."""

    seen = HiddenField()
    words = MarkdownField(_("Why"), [Length(max=20_000)], rows=3)
    to = RadioField(_("To"), [DataRequired(_("Choose the stage."))], choices=[])


class VisibilityForm(BaseForm):
    """Who may find and read the campaign."""

    seen = HiddenField()
    visibility = RadioField(_("Who may find and read it"), choices=choices_from(Visibility, VISIBILITIES))


class ConcludeForm(OpenFields, BaseForm):
    """Why a campaign ends; the fields for what became of each demand are added by the page."""

    seen = HiddenField()
    words = MarkdownField(
        _("Why it concludes"), [DataRequired(_("Say in a sentence why it concludes.")), Length(max=20_000)], rows=3
    )
