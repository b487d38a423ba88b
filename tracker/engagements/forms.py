"""The shape of statements and engagements as typed."""

from __future__ import annotations

from typing import Any

from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional

from tracker.campaigns.models import Campaign, Target
from tracker.companies.models import Company
from tracker.engagements.models import Channel, Engagement, EngagementKind, Statement
from tracker.engagements.queries import companies_of, targets_of
from tracker.engagements.service import Contact, Said
from tracker.engagements.words import CHANNELS, KINDS
from tracker.timeline.file_fields import ToldWithFiles
from tracker.timeline.forms import EntryFields, TickMany
from tracker.timeline.models import EntryVisibility
from tracker.web.forms import BaseForm, choices_from, choices_of
from tracker.words import _

SAID, SILENT = "said", "silent"


class StatementForm(ToldWithFiles, EntryFields, BaseForm):
    """What the target said, or that it did not answer."""

    answered = RadioField(
        _("What happened"),
        [DataRequired()],
        choices=choices_of([(SAID, _("It said something")), (SILENT, _("It had not answered by this date"))]),
        default=SAID,
    )
    by = SelectField(_("Who"), [DataRequired(_("Say who spoke, or who kept silent."))])
    speaker = StringField(
        _("Speaker"), [Optional(), Length(max=255)], description=_("Who said it, if a name is known.")
    )
    office = StringField(_("Office"), [Optional(), Length(max=255)], description=_("A spokesperson, the chair …"))
    quotation = TextAreaField(_("The words"), [Optional(), Length(max=20_000)], render_kw={"rows": 4})
    channel = SelectField(_("How"), choices=choices_from(Channel, CHANNELS, blank=_("Not known")), default="")
    demands = TickMany(_("Which of these it answers"))

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._by: dict[str, Company | Target] = {
            **{f"target:{target.public_id}": target for target in targets_of(campaign)},
            **{f"company:{company.public_id}": company for company in companies_of(campaign)},
        }
        self._demands = {demand.public_id: demand for demand in campaign.demands if demand.deleted_at is None}
        self.by.choices = choices_of((key, _name(who)) for key, who in self._by.items())
        self.demands.choices = choices_of((key, demand.words) for key, demand in self._demands.items())

    def said(self) -> Said:
        """The statement as typed."""
        who = self._by[self.by.data]
        return Said(
            company=who if isinstance(who, Company) else None,
            target=who if isinstance(who, Target) else None,
            is_silence=self.answered.data == SILENT,
            speaker=self.speaker.data or "",
            office=self.office.data or "",
            quotation=self.quotation.data or "",
            channel=Channel(self.channel.data) if self.channel.data else None,
            demands=[self._demands[key] for key in self.demands.data or []],
        )


def statement_values(statement: Statement) -> dict[str, Any]:
    """What the form shows at first when a statement is told anew."""
    who: Company | Target | None = statement.target or statement.company
    return {
        "answered": SILENT if statement.is_silence else SAID,
        "by": f"{'target' if statement.target else 'company'}:{who.public_id}" if who else "",
        "speaker": statement.speaker,
        "office": statement.office,
        "quotation": statement.quotation,
        "channel": statement.channel.value if statement.channel else "",
        "demands": [demand.public_id for demand in statement.demands],
    }


def _name(who: Company | Target) -> str:
    if isinstance(who, Company):
        return who.name
    name = f"{who.name}, {who.office}" if who.office else who.name
    return f"{name} ({who.company.name})" if who.company and who.company.name not in name else name


class EngagementForm(ToldWithFiles, EntryFields, BaseForm):
    """One meeting, call or letter."""

    DEFAULT_VISIBILITY = EntryVisibility.MEMBERS

    kind = RadioField(
        _("What it was"), [DataRequired()], choices=choices_from(EngagementKind, KINDS), default=EngagementKind.MEETING
    )
    target = SelectField(_("With whom"), default="")
    participants = TextAreaField(
        _("Who took part"),
        [Optional(), Length(max=2000)],
        render_kw={"rows": 2},
        description=_("Not for attribution or off the record: only you and the named readers see this."),
    )
    next_step = StringField(_("Next step"), [Optional(), Length(max=255)])
    next_step_on = DateField(
        _("By when"), [Optional()], description=_("With a date it becomes a deadline of yours, which members see.")
    )

    def __init__(self, campaign: Campaign, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._targets = {target.public_id: target for target in targets_of(campaign)}
        self.target.choices = choices_of(
            [("", _("Those who are asked")), *((k, _name(t)) for k, t in self._targets.items())]
        )

    def contact(self) -> Contact:
        """The engagement as typed."""
        return Contact(
            kind=EngagementKind(self.kind.data),
            target=self._targets.get(self.target.data or ""),
            participants=self.participants.data or "",
            next_step=self.next_step.data or "",
            next_step_on=self.next_step_on.data,
        )


def engagement_values(engagement: Engagement) -> dict[str, Any]:
    """What the form shows at first when an engagement is told anew; its deadline has a life of its own by then."""
    return {
        "kind": engagement.kind.value,
        "target": engagement.target.public_id if engagement.target else "",
        "participants": engagement.participants,
        "next_step": engagement.next_step,
    }
