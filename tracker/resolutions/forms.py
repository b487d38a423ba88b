"""The shape of filings, filers, dispositions and votes as typed."""

from __future__ import annotations

import decimal
from typing import Any

from wtforms import (
    DateField,
    DecimalField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, NumberRange, Optional, ValidationError

from tracker.campaigns.models import Campaign
from tracker.resolutions.models import Denominator, Disposition, DispositionKind, FilerRole, Resolution, Vote
from tracker.resolutions.queries import Visible, asked_companies, resolutions
from tracker.resolutions.service import Counted, Filing, Published
from tracker.resolutions.words import DENOMINATORS, DISPOSITIONS, ROLES
from tracker.timeline.file_fields import ToldWithFiles
from tracker.timeline.forms import DateNeeded, EntryFields
from tracker.web.dates import UncertainDate
from tracker.web.forms import BaseForm, UncertainDateField, WebAddress, choices_from, choices_of, trim
from tracker.words import _

PERCENTAGE_ROWS, MOST_PERCENTAGES = 3, 12
LARGEST_COUNT = 10**15


class FilingForm(ToldWithFiles, EntryFields, BaseForm):
    """A resolution as filed."""

    occurred_on = UncertainDateField(_("Filed on"), [DateNeeded(_("Say when; a month or a year will do."))])
    title = StringField(_("Title"), [DataRequired(_("Give the resolution a title.")), Length(max=255)])
    company = SelectField(_("At"), [DataRequired(_("Say at which company; the campaign has to name it first."))])
    resolved_clause = TextAreaField(
        _("The resolved clause"),
        [Optional(), Length(max=20_000)],
        render_kw={"rows": 4},
        description=_("What shareholders are asked to resolve, word for word."),
    )
    lead_filer = StringField(_("Lead filer"), [Optional(), Length(max=255)], description=_("Exactly one."))
    co_filers = TextAreaField(
        _("Co-filers"), [Optional(), Length(max=10_000)], render_kw={"rows": 3}, description=_("One on each line.")
    )
    received_on = DateField(_("Received by the company on"), [Optional()])
    meeting_on = UncertainDateField(_("Meeting"), [Optional()])
    item_number = StringField(_("Item"), [Optional(), Length(max=16)], description=_("Its number on the ballot."))
    refiled_from = SelectField(_("Filed before as"), default="")

    def __init__(
        self, campaign: Campaign, visible: Visible, *args: Any, known: Resolution | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._companies = {company.public_id: company for company in asked_companies(campaign)}
        self._earlier = {
            other.public_id: other
            for other in resolutions([campaign.id], visible)
            if known is None or other.id != known.id
        }
        self.company.choices = choices_of((key, company.name) for key, company in self._companies.items())
        earlier = [
            (key, f"{other.title} ({other.meeting_on.year})" if other.meeting_on else other.title)
            for key, other in self._earlier.items()
        ]
        self.refiled_from.choices = choices_of([("", _("It is new")), *earlier])

    def filing(self) -> Filing:
        """The filing as typed."""
        meeting: UncertainDate | None = self.meeting_on.data
        return Filing(
            title=self.title.data or "",
            company=self._companies[self.company.data],
            resolved_clause=self.resolved_clause.data or "",
            received_on=self.received_on.data,
            meeting_on=meeting.date if meeting else None,
            meeting_precision=meeting.precision if meeting else None,
            item_number=self.item_number.data or "",
            lead_filer=" ".join((self.lead_filer.data or "").split()),
            co_filers=[" ".join(line.split()) for line in (self.co_filers.data or "").splitlines() if line.strip()],
            refiled_from=self._earlier.get(self.refiled_from.data or ""),
        )


def filing_values(resolution: Resolution) -> dict[str, Any]:
    """What the form shows at first when a filing is told anew; filers have forms of their own by then."""
    filers = [filer for filer in resolution.filers if filer.deleted_at is None]
    return {
        "title": resolution.title,
        "company": resolution.company.public_id,
        "resolved_clause": resolution.resolved_clause,
        "received_on": resolution.received_on,
        "meeting_on": (resolution.meeting_on, resolution.meeting_precision) if resolution.meeting_on else None,
        "item_number": resolution.item_number,
        "lead_filer": next((f.organisation.name for f in filers if f.role is FilerRole.LEAD), ""),
        "co_filers": "\n".join(f.organisation.name for f in filers if f.role is FilerRole.CO_FILER),
    }


class FilerForm(EntryFields, BaseForm):
    """One more who files."""

    occurred_on = UncertainDateField(_("Since"), [DateNeeded(_("Say when; a month or a year will do."))])
    organisation = StringField(_("Organisation"), [DataRequired(_("Name the organisation.")), Length(max=255)])
    role = RadioField(_("As"), choices=choices_from(FilerRole, ROLES), default=FilerRole.CO_FILER.value)


class DispositionForm(ToldWithFiles, EntryFields, BaseForm):
    """One step in what became of a resolution."""

    kind = RadioField(
        _("What happened to it"),
        [DataRequired(_("Say what happened to it."))],
        choices=choices_from(DispositionKind, DISPOSITIONS),
    )


def disposition_values(disposition: Disposition) -> dict[str, Any]:
    """What the form shows at first when a step is told anew."""
    return {"kind": disposition.kind.value}


class PercentageFields(Form):
    """A percentage as somebody published it; an empty row is left out."""

    value = DecimalField(
        _("Per cent for"), [Optional(), NumberRange(0, 100, _("Between 0 and 100."))], filters=[], places=None
    )
    denominator = SelectField(
        _("Of what"),
        choices=choices_from(Denominator, DENOMINATORS, blank=_("Choose")),
    )
    published_by = StringField(_("Published by"), [Optional(), Length(max=255)], filters=[trim])
    url = StringField(_("Address"), [Optional(), Length(max=2000), WebAddress()], filters=[trim])

    def validate_denominator(self, field: SelectField) -> None:
        """A percentage without its denominator says nothing, nor do words without a percentage."""
        if self.value.data is not None and not field.data:
            raise ValidationError(str(_("Say of what it is a share; “not said” is an answer.")))
        if (
            self.value.data is None
            and not self.value.errors
            and (field.data or self.published_by.data or self.url.data)
        ):
            raise ValidationError(str(_("The percentage is missing in this row.")))


class VoteForm(ToldWithFiles, EntryFields, BaseForm):
    """A vote: counts where they are known, and every published percentage."""

    occurred_on = UncertainDateField(_("Meeting on"), [DateNeeded(_("Say when the meeting was."))])
    for_shares = IntegerField(_("For"), [Optional(), NumberRange(0, LARGEST_COUNT)])
    against_shares = IntegerField(_("Against"), [Optional(), NumberRange(0, LARGEST_COUNT)])
    abstained_shares = IntegerField(_("Abstained"), [Optional(), NumberRange(0, LARGEST_COUNT)])
    broker_non_votes = IntegerField(_("Broker non-votes"), [Optional(), NumberRange(0, LARGEST_COUNT)])
    percentages = FieldList(
        FormField(PercentageFields),
        label=_("Published percentages"),
        min_entries=PERCENTAGE_ROWS,
        max_entries=MOST_PERCENTAGES,
    )
    another_row = SubmitField(_("Another percentage"))

    @property
    def wants_another_row(self) -> bool:
        """Whether only one more row was asked for."""
        return bool(self.another_row.data) and len(self.percentages) < MOST_PERCENTAGES

    def counted(self) -> Counted:
        """The vote as typed."""
        rows = [row.form for row in self.percentages]
        return Counted(
            for_shares=self.for_shares.data,
            against_shares=self.against_shares.data,
            abstained_shares=self.abstained_shares.data,
            broker_non_votes=self.broker_non_votes.data,
            percentages=[
                Published(
                    value=decimal.Decimal(row.value.data),
                    denominator=Denominator(row.denominator.data),
                    published_by=row.published_by.data or "",
                    url=row.url.data or "",
                )
                for row in rows
                if row.value.data is not None
            ],
        )


def vote_values(vote: Vote) -> dict[str, Any]:
    """What the form shows at first when a vote is told anew."""
    return {
        "for_shares": vote.for_shares,
        "against_shares": vote.against_shares,
        "abstained_shares": vote.abstained_shares,
        "broker_non_votes": vote.broker_non_votes,
        "percentages": [
            {
                "value": percentage.value.normalize(),
                "denominator": percentage.denominator.value,
                "published_by": percentage.published_by,
                "url": percentage.source.url if percentage.source else "",
            }
            for percentage in vote.percentages
        ],
    }
