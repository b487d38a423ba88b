"""What every form that records a fact asks: when it happened, who may read it, who says so."""

from __future__ import annotations

import datetime as dt
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    Form,
    FormField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, Length, Optional, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from tracker import clock
from tracker.accounts.access import current_account
from tracker.accounts.models import Account
from tracker.timeline.file_fields import ToldWithFiles
from tracker.timeline.models import CONFIDENTIAL, EntryVisibility, Source, SourceKind, TimelineEntry
from tracker.timeline.queries import accounts_named, readers_to_name
from tracker.timeline.service import Told
from tracker.timeline.words import SOURCE_KINDS, VISIBILITIES
from tracker.web.dates import UncertainDate
from tracker.web.forms import BaseForm, MarkdownField, UncertainDateField, WebAddress, choices_from, choices_of, trim
from tracker.words import _


class DateNeeded:
    """Validator: a date, in these words when there is none; what was typed and not understood keeps its own words.

    WTForms' DataRequired would say "say when" also to somebody who did, in a way we cannot read.
    """

    field_flags = {"required": True}

    def __init__(self, words: Any) -> None:
        self.words = words

    def __call__(self, form: Any, field: Any) -> None:
        if field.data is None and not field.errors:
            raise StopValidation(str(self.words))


class SourceFields(Form):
    """Evidence: everything optional, but once anything is typed, a citation or an address is needed.

    Used as `source = FormField(SourceFields)`; `sources_from(form.source, …)` gives the Source, if there is one.
    """

    citation = StringField(
        _("Source"),
        [Optional(), Length(max=1000)],
        filters=[trim],
        description=_("As you would cite it: Reuters, 25 May 2019; or “letter in our files”."),
    )
    url = StringField(_("Its address on the web"), [Optional(), Length(max=2000), WebAddress()], filters=[trim])
    title = StringField(_("Title"), [Optional(), Length(max=500)], filters=[trim])
    publisher = StringField(_("Publisher"), [Optional(), Length(max=255)], filters=[trim])
    published_on = UncertainDateField(_("Published on"), [Optional()])
    quotation = TextAreaField(
        _("What it says, word for word"), [Optional(), Length(max=5000)], filters=[trim], render_kw={"rows": 3}
    )
    kind = SelectField(
        _("Kind of source"), choices=choices_from(SourceKind, SOURCE_KINDS), default=SourceKind.PRESS.value
    )

    @property
    def is_filled(self) -> bool:
        """Whether anything was typed."""
        texts = (self.citation, self.url, self.title, self.publisher, self.quotation)
        return any(field.data for field in texts) or self.published_on.data is not None

    def validate(self, extra_validators: Any = None) -> bool:
        """Also ask where it is from, once anything was said about it."""
        fine = super().validate(extra_validators)
        if self.is_filled and not (self.citation.data or self.url.data):
            self.citation.errors = [*self.citation.errors, str(_("Say where this is from: a citation, or an address."))]
            return False
        return fine


def sources_from(*fields: Any, now: dt.datetime, actor: Account | None) -> list[Source]:
    """The Sources that were typed into these FormFields of SourceFields; not yet in the session."""
    return [_source(field.form, now, actor) for field in fields if field.form.is_filled]


def _source(form: SourceFields, now: dt.datetime, actor: Account | None) -> Source:
    published: UncertainDate | None = form.published_on.data
    return Source(
        citation=form.citation.data or form.title.data or form.url.data,
        url=form.url.data or "",
        title=form.title.data or "",
        publisher=form.publisher.data or "",
        published_on=published.date if published else None,
        published_precision=published.precision if published else None,
        seen_on=now.date() if form.url.data else None,
        quotation=form.quotation.data or "",
        kind=SourceKind(form.kind.data),
        recorded_at=now,
        recorded_by_id=actor.id if actor else None,
    )


class TickMany(SelectMultipleField):
    """Several choices, each with a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class AudienceFields:
    """Who may read an entry; part of EntryFields."""

    visibility = SelectField(
        _("Who may read it"),
        choices=choices_from(EntryVisibility, VISIBILITIES),
        description=_("Never more people than may read the campaign."),
    )
    public_from = DateField(
        _("Not for outsiders before"),
        [Optional()],
        description=_("Members read it at once; everybody else from this day on."),
    )
    readers = TickMany(
        _("Named readers"), description=_("Of something off the record, only you and these people know.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = readers_to_name(current_account())
        # Before the fields are bound these are declarations; a type checker sees no other.
        readers: Any = self.readers
        readers.choices = choices_of((account.public_id, account.name or account.email) for account in named)

    def validate_readers(self, field: SelectMultipleField) -> None:
        """Only something told in confidence has named readers."""
        if field.data and self.audience not in CONFIDENTIAL:
            raise ValidationError(str(_("Named readers are for what is off the record or not for attribution.")))

    @property
    def offers_confidence(self) -> bool:
        """Whether the form has something for named readers to read."""
        field: Any = self.visibility
        return any(value in CONFIDENTIAL for value, *_rest in field.choices)

    @property
    def audience(self) -> EntryVisibility:
        """The visibility that was chosen."""
        field: Any = self.visibility
        return EntryVisibility(field.data)

    @property
    def named_readers(self) -> list[Account]:
        """The accounts that were ticked."""
        field: Any = self.readers
        # Loaded anew: what was read before the transaction would be read again one by one.
        return accounts_named(field.data) if field.data else []


class EntryFields(AudienceFields):
    """Fields of every form that appends an entry: `class StatementForm(EntryFields, BaseForm)`.

    Templates: `{% from "timeline/_fields.html" import entry_fields %}{{ entry_fields(form) }}`.
    """

    DEFAULT_VISIBILITY = EntryVisibility.PUBLIC

    occurred_on = UncertainDateField(_("When"), [DateNeeded(_("Say when it happened; a month or a year will do."))])
    words = MarkdownField(_("More about it"), [Optional(), Length(max=20_000)], rows=4)
    source = FormField(SourceFields, label=_("Source"))
    second_source = FormField(SourceFields, label=_("Second source"))
    backfill = BooleanField(_("Only for the record: leave it out of the next digests"))
    # Only where something recorded before is told anew in the open.
    reason = StringField(
        _("Why it was wrong"),
        [Length(max=1000)],
        description=_("Readers will see this beside the old words, struck out."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """`correcting`: the entry being told anew in the open, whose readers stay the same."""
        self.correcting: TimelineEntry | None = kwargs.pop("correcting", None)
        super().__init__(*args, **{"visibility": self.DEFAULT_VISIBILITY.value, **kwargs})
        if self.correcting is not None:
            self.visibility.data = self.correcting.visibility.value
            self.reason.validators = [DataRequired(_("Say why it was wrong.")), Length(max=1000)]
            self.reason.flags.required = True

    @property
    def of_one_save(self) -> tuple[str, ...]:
        """Why it was wrong, and whether digests tell of it; of a correction also who reads it, which stays."""
        own = ("reason", "backfill", "files", "files_open")
        return (*own, "visibility", "public_from", "readers") if self.correcting else own

    def validate_occurred_on(self, field: UncertainDateField) -> None:
        """What is still to come has not happened; a day of grace, since the sun is up somewhere else already."""
        if field.data and field.data.date > clock.now().date() + dt.timedelta(days=1):
            raise ValidationError(str(_("That is still to come; what is planned goes to the deadlines.")))

    def told(self, *, now: dt.datetime, actor: Account | None) -> Told:
        """What every entry has, as it was typed; for `tell`, `amend` and `append_entry`."""
        occurred: UncertainDate | None = self.occurred_on.data
        assert occurred is not None, "the field is required"
        return Told(
            occurred_on=occurred.date,
            precision=occurred.precision,
            words=self.words.data or "",
            visibility=self.audience,
            public_from=self.public_from.data,
            readers=self.named_readers,
            sources=sources_from(self.source, self.second_source, now=now, actor=actor),
            announce=not self.backfill.data,
        )


class OpenFields(EntryFields):
    """EntryFields of what shows beside its entry too: a demand, the text, a stage. No confidence can be promised."""

    visibility = SelectField(
        _("Who may read it"),
        choices=choices_from([word for word in EntryVisibility if word not in CONFIDENTIAL], VISIBILITIES),
        description=_("Of the entry in the history. What it tells of shows to everybody who reads the campaign."),
    )


def told_values(entry: TimelineEntry) -> dict[str, Any]:
    """What a form of EntryFields shows at first when an entry is told anew."""
    return {
        "occurred_on": (entry.occurred_on, entry.occurred_precision),
        "words": entry.words,
        "visibility": entry.visibility.value,
        "public_from": entry.public_from,
        "readers": [reader.public_id for reader in entry.readers],
        "backfill": not entry.announce,
    }


class NoteForm(ToldWithFiles, EntryFields, BaseForm):
    """Something that happened, in a sentence."""

    DEFAULT_VISIBILITY = EntryVisibility.MEMBERS

    headline = StringField(
        _("What happened"),
        [DataRequired(_("Say in a sentence what happened.")), Length(max=500)],
        description=_("One sentence. Never name a signatory here."),
    )


class CorrectionForm(ToldWithFiles, EntryFields, BaseForm):
    """What is right, and why the old words were wrong."""

    headline = StringField(_("What is right"), [DataRequired(_("Say in a sentence what is right.")), Length(max=500)])


class VisibilityForm(AudienceFields, BaseForm):
    """Who may read an entry from now on."""


class SourceForm(BaseForm):
    """One more source for something recorded."""

    source = FormField(SourceFields, label=_("Source"))

    def validate(self, extra_validators: Any = None) -> bool:
        """An empty form adds nothing."""
        fine = super().validate(extra_validators)
        source = self.source.form
        if not source.is_filled:
            source.citation.errors = [*source.citation.errors, str(_("Say where this is from."))]
            return False
        return bool(fine)
