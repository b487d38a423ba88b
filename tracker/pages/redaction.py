"""Destroying words for good: what will go is shown first, then one button does it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from flask import abort
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length

from tracker import clock
from tracker.accounts.access import me
from tracker.accounts.models import Account
from tracker.campaigns.access import Level, for_campaign, level_of
from tracker.campaigns.models import Campaign
from tracker.campaigns.queries import membership_of
from tracker.db import db, forget_deleted, transaction
from tracker.deliveries.redacting import destroy_what_was_told
from tracker.digests.models import DigestItem
from tracker.digests.quoting import quoting
from tracker.digests.sending import withdraw_deadline, withdraw_entry, withdraw_source
from tracker.engagements.queries import sees_participants
from tracker.pages.entries import bp, may_redact
from tracker.timeline.forms import TickMany
from tracker.timeline.in_place import Answer, done, entry_or_404, entry_url, show_form
from tracker.timeline.models import Source, TimelineEntry, entry_source
from tracker.timeline.queries import entries_visible_to, revisions_of
from tracker.timeline.service import Repetitions, redact_entry, words_to_destroy
from tracker.web.forms import BaseForm, choices_of
from tracker.web.once import once
from tracker.words import _

COLUMNS = {
    "headline": _("The sentence"),
    "words": _("More about it"),
    "correction_reason": _("Why something was corrected"),
    "speaker": _("Speaker"),
    "office": _("Office"),
    "quotation": _("The words said"),
    "participants": _("Who took part"),
    "next_step": _("Next step"),
    "attribution_words": _("Whose doing it was"),
    "title": _("Title"),
    "resolved_clause": _("The resolved clause"),
    "published_by": _("Published by"),
    "reason": _("Reason"),
}


class RedactionForm(BaseForm):
    """What goes besides the words, and why."""

    reason = StringField(
        _("Why"),
        [DataRequired(_("Say why; this stays for everybody to read.")), Length(max=300)],
        description=_(
            "This stays for all who could read the entry. Do not repeat what you remove: “a name typed by mistake”."
        ),
    )
    quotations = BooleanField(_("Also what its sources quote"))
    sources = TickMany(_("Also these sources altogether, with citation and address"))

    def __init__(self, entry: TimelineEntry, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._sources = {source.public_id: source for source in entry.sources if source.redacted_at is None}
        self.sources.choices = choices_of((key, source.citation) for key, source in self._sources.items())

    def chosen_sources(self) -> list[Source]:
        """The sources that were ticked."""
        return [self._sources[key] for key in self.sources.data or []]


@bp.route("/campaigns/<slug>/history/<public_id>/redact", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def redact(campaign: Campaign, public_id: str) -> Answer:
    """Destroy the words of an entry for good; the date and the reason stay."""
    account = me()
    entry = entry_or_404(campaign, public_id)
    if not may_redact(entry, account, level_of(account, campaign, membership_of(account, campaign))):
        abort(403)
    form = RedactionForm(entry)
    if form.validate_on_submit():
        now = clock.now()
        with transaction(), once(form) as saved:
            redact_entry(
                entry,
                reason=form.reason.data or "",
                actor=account,
                now=now,
                quotations=form.quotations.data,
                sources=form.chosen_sources(),
                also=WITHDRAWN_FROM,
                cited=(withdraw_source,),
                noted=(withdraw_deadline,),
            )
            saved.leads_to(entry_url(campaign, entry))
        forget_deleted()
        return done(_("Destroyed for good. The date and the reason stay."), saved.where)
    return show_form(
        "timeline/redact.html",
        form,
        campaign=campaign,
        entry=entry,
        doomed=_doomed(entry, sees_people=sees_participants(entry, account)),
        quoted=[source for source in entry.sources if source.quotation],
        shared=_shared(entry),
        repeated=_repeated(entry, account),
        revisions=len(revisions_of(entry)),
        mails=_mails(entry),
        files=sum(attachment.redacted_at is None for attachment in entry.attachments),
        corrections=[correction for correction in entry.corrections if correction.deleted_at is None],
        corrects=entry.corrects,
    )


# What else keeps an entry's words: mails that told of it.
WITHDRAWN_FROM = (withdraw_entry, destroy_what_was_told)


def _doomed(entry: TimelineEntry, *, sees_people: bool) -> list[tuple[Any, str]]:
    """What will be destroyed, for reading once more; who took part stays hidden from whom it is hidden."""
    return [
        (COLUMNS.get(name, name), words if name != "participants" or sees_people else str(_("(hidden from you)")))
        for name, words in words_to_destroy(entry)
    ]


def _repeated(entry: TimelineEntry, account: Account) -> Repetitions:
    """What repeats its record's words, as far as it may be known here that it is there."""
    found = Repetitions.of(entry)
    seen = entries_visible_to(account, today=clock.now().date())
    known = sa.select(TimelineEntry.id).where(TimelineEntry.id.in_([one.id for one in found.entries]), seen)
    ids = set(db.session.scalars(known)) if found.entries else set()
    return replace(found, entries=tuple(one for one in found.entries if one.id in ids))


def _mails(entry: TimelineEntry) -> int:
    """How many digests told of it, or quote it in a correction."""
    told = sa.select(sa.func.count(sa.distinct(DigestItem.digest_id))).where(DigestItem.entry_id.in_(quoting(entry)))
    return db.session.scalar(told) or 0


def _shared(entry: TimelineEntry) -> int:
    """How many other entries cite one of its sources."""
    ids = [source.id for source in entry.sources]
    others = sa.select(sa.func.count(sa.distinct(entry_source.c.entry_id))).where(
        entry_source.c.source_id.in_(ids), entry_source.c.entry_id != entry.id
    )
    return db.session.scalar(others) or 0
