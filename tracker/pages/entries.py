"""One entry of a history: its page, and noting, changing, correcting, removing, showing and sourcing it.

They live here, not in the timeline, because a page of one campaign needs the campaign's access rules.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from sqlalchemy.orm.exc import StaleDataError

from tracker import clock
from tracker.accounts.access import current_account, me
from tracker.accounts.models import Account
from tracker.campaigns.access import Level, for_campaign, level_of
from tracker.campaigns.models import Campaign
from tracker.campaigns.queries import membership_of
from tracker.db import db, transaction
from tracker.digests.sending import compose_anew
from tracker.pages.files import file_rows
from tracker.pages.records import record_facts
from tracker.pages.restorable import restorable
from tracker.timeline import queries
from tracker.timeline.anew import tell_again, telling_or_404
from tracker.timeline.attached import sees_closed_files
from tracker.timeline.forms import CorrectionForm, NoteForm, SourceForm, VisibilityForm, sources_from, told_values
from tracker.timeline.in_place import AMENDED_AT, Answer, back_to, done, entry_or_404, entry_url, show_form
from tracker.timeline.models import CONFIDENTIAL, EntryKind, TimelineEntry
from tracker.timeline.service import (
    Conflict,
    TimelineError,
    add_source,
    append_entry,
    change_entry,
    change_visibility,
    correct_entry,
    may_change,
    remove_entry,
)
from tracker.timeline.words import KINDS
from tracker.web.conflict import clash
from tracker.web.once import once
from tracker.web.uploads import takes_files
from tracker.words import _

bp = Blueprint("timeline", __name__)


@bp.get("/campaigns/<slug>/history/<public_id>")
@for_campaign(Level.READ)
def show(campaign: Campaign, public_id: str) -> Answer:
    """One entry: what it tells of, who says so, what was changed, and what may be done with it."""
    now, account = clock.now(), current_account()
    entry = entry_or_404(campaign, public_id)
    seen = queries.entries_visible_to(account, today=queries.day_in(campaign.zone, now))
    correction = queries.corrections_of([entry], seen).get(entry.id)
    rights = rights_over(entry, campaign, account)
    revisions = queries.revisions_of(entry, with_files=rights["has_files"]) if rights["team"] else []
    return render_template(
        "timeline/show.html",
        campaign=campaign,
        entry=entry,
        kind=KINDS[entry.kind],
        facts=record_facts(entry, account),
        files=file_rows(entry, campaign, account, may_edit=rights["may_source"], may_redact=rights["may_redact"]),
        correction=correction,
        corrects=queries.corrected_by([entry], seen).get(entry.corrects_id or 0),
        revisions=revisions,
        restorable=restorable(revisions, account) if rights["may_change_it"] else set(),
        reader=account,
        back=back_to(campaign),
        amended_at=AMENDED_AT.get(entry.record_type),
        **rights,
    )


def rights_over(entry: TimelineEntry, campaign: Campaign, account: Account | None) -> dict[str, bool]:
    """What may be done with an entry by who reads it."""
    membership = membership_of(account, campaign) if account else None
    level = level_of(account, campaign, membership)
    alive = entry.redacted_at is None
    mine = account is not None and entry.actor_id == account.id
    own = alive and level >= Level.EDIT and may_change(entry, account, now=clock.now())
    in_confidence = entry.visibility in CONFIDENTIAL
    return {
        "team": queries.sees_actors(account, is_member=membership is not None),
        "has_files": sees_closed_files(entry, account, is_member=membership is not None),
        "may_change_it": own,
        "may_correct": alive
        and level >= Level.EDIT
        and not own
        and not any(correction.deleted_at is None for correction in entry.corrections),
        "may_show": alive and level >= Level.EDIT and (mine or not in_confidence),
        "may_source": alive and level >= Level.EDIT,
        "may_redact": may_redact(entry, account, level),
    }


def may_redact(entry: TimelineEntry, account: Account | None, level: Level) -> bool:
    """Who recorded it, while they may edit the campaign, and its leads."""
    if account is None or entry.redacted_at is not None:
        return False
    return level >= Level.LEAD or (level >= Level.EDIT and entry.actor_id == account.id)


@bp.route("/campaigns/<slug>/notes/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def new_note(campaign: Campaign) -> Answer:
    """Something that happened, in a sentence."""
    now, actor = clock.now(), me()
    form = NoteForm(occurred_on=(queries.day_in(campaign.zone, now), "day"))
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                told = form.told(now=now, actor=actor)
                append_entry(
                    campaign_id=campaign.id,
                    kind=EntryKind.NOTE,
                    headline=form.headline.data or "",
                    actor=actor,
                    now=now,
                    occurred_on=told.occurred_on,
                    precision=told.precision,
                    words=told.words,
                    visibility=told.visibility,
                    public_from=told.public_from,
                    readers=told.readers,
                    sources=told.sources,
                    files=told.files,
                    announce=told.announce,
                )
                saved.leads_to(back_to(campaign))
        except TimelineError as error:
            form.fail(error)
        else:
            return done(_("Noted."), saved.where, form)
    return show_form("timeline/new_note.html", form, campaign=campaign, entry=None)


@bp.route("/campaigns/<slug>/history/<public_id>/edit", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def edit(campaign: Campaign, public_id: str) -> Answer:
    """Change an entry that nobody else could have seen; a record is changed by its own form."""
    now, actor = clock.now(), me()
    entry = entry_or_404(campaign, public_id)
    if entry.record_type in AMENDED_AT:
        return redirect(url_for(AMENDED_AT[entry.record_type], slug=campaign.slug, public_id=public_id))
    # Who had opened the form before others could read it keeps what they typed, and is told why it was not saved.
    if request.method == "GET" and not may_change(entry, actor, now=now):
        return redirect(url_for("timeline.correct", slug=campaign.slug, public_id=public_id))
    form = NoteForm(**_noted(entry))
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                told = form.told(now=now, actor=actor)
                change_entry(
                    entry,
                    actor=actor,
                    now=now,
                    # The sentence of a record is made from the record.
                    headline=entry.headline if entry.record_type else form.headline.data or "",
                    words=told.words,
                    occurred_on=told.occurred_on,
                    precision=told.precision,
                    visibility=told.visibility,
                    readers=told.readers,
                    public_from=told.public_from,
                    sources=told.sources,
                    files=told.files,
                    expected_version=form.version_number,
                )
                entry.announce = told.announce
                saved.leads_to(entry_url(campaign, entry))
        except (Conflict, StaleDataError):
            db.session.refresh(entry)
            theirs = NoteForm(formdata=None, **_noted(entry))
            answer = show_form("timeline/edit.html", form, campaign=campaign, entry=entry, conflict=clash(form, theirs))
            return str(answer), 409
        except TimelineError as error:
            form.fail(error)
        else:
            return done(_("Changed."), saved.where, form)
    return show_form("timeline/edit.html", form, campaign=campaign, entry=entry)


def _noted(entry: TimelineEntry) -> dict[str, Any]:
    return {"headline": entry.headline, "version": entry.version, **told_values(entry)}


@bp.route("/campaigns/<slug>/history/<public_id>/correct", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def correct(campaign: Campaign, public_id: str) -> Answer:
    """Say what is right; the old words stay, struck out. A record is corrected by its own form."""
    entry = telling_or_404(campaign, public_id)
    if entry.record_type in AMENDED_AT:
        return redirect(url_for(AMENDED_AT[entry.record_type], slug=campaign.slug, public_id=public_id))

    def shape(entry: TimelineEntry, **how: Any) -> CorrectionForm:
        return CorrectionForm(correcting=entry, headline=entry.headline, **told_values(entry), **how)

    return tell_again("timeline/correct.html", shape, _correct, campaign=campaign, entry=entry)


def _correct(form: CorrectionForm, entry: TimelineEntry, actor: Account, now: dt.datetime) -> TimelineEntry:
    told = form.told(now=now, actor=actor)
    return correct_entry(
        entry,
        reason=form.reason.data or "",
        headline=form.headline.data or "",
        occurred_on=told.occurred_on,
        precision=told.precision,
        words=told.words,
        sources=told.sources,
        files=told.files,
        announce=told.announce,
        actor=actor,
        now=now,
    )


@bp.post("/campaigns/<slug>/history/<public_id>/remove")
@for_campaign(Level.EDIT)
def remove(campaign: Campaign, public_id: str) -> Answer:
    """Take back what nobody else could have seen."""
    actor = me()
    try:
        with transaction(), once() as saved:
            remove_entry(entry_or_404(campaign, public_id), actor=actor, now=clock.now())
            saved.leads_to(url_for("pages.history", slug=campaign.slug))
    except TimelineError:
        abort(409)
    return done(
        _("Removed; nobody else had seen it. It can be put back from the bin."),
        saved.where,
    )


@bp.route("/campaigns/<slug>/history/<public_id>/visibility", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def change_readers(campaign: Campaign, public_id: str) -> Answer:
    """Show an entry to more people or to fewer."""
    now, actor = clock.now(), me()
    entry = entry_or_404(campaign, public_id)
    if entry.visibility in CONFIDENTIAL and entry.actor_id != actor.id:
        abort(403)
    form = VisibilityForm(
        visibility=entry.visibility.value,
        public_from=entry.public_from,
        readers=[reader.public_id for reader in entry.readers],
    )
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                change_visibility(
                    entry,
                    form.audience,
                    readers=form.named_readers,
                    public_from=form.public_from.data,
                    actor=actor,
                    now=now,
                )
                compose_anew(entry, now)
                saved.leads_to(entry_url(campaign, entry))
        except TimelineError as error:
            form.fail(error)
        else:
            return done(_("Changed who may read it."), saved.where)
    return show_form("timeline/change_readers.html", form, campaign=campaign, entry=entry)


@bp.route("/campaigns/<slug>/history/<public_id>/sources/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def new_source(campaign: Campaign, public_id: str) -> Answer:
    """One more who says so."""
    now, actor = clock.now(), me()
    entry, form = entry_or_404(campaign, public_id), SourceForm()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                for source in sources_from(form.source, now=now, actor=actor):
                    add_source(entry, source, actor=actor, now=now)
                saved.leads_to(entry_url(campaign, entry))
        except TimelineError as error:
            form.fail(error)
        else:
            return done(_("Added the source."), saved.where)
    return show_form("timeline/new_source.html", form, campaign=campaign, entry=entry)
