"""Resolutions: file, join, say what became of them, record their votes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template, url_for

from tracker import clock
from tracker.accounts.access import current_account, me
from tracker.campaigns.access import Level, for_campaign, level_of
from tracker.campaigns.models import Campaign
from tracker.campaigns.queries import membership_of
from tracker.db import transaction
from tracker.resolutions import queries
from tracker.resolutions.forms import (
    DispositionForm,
    FilerForm,
    FilingForm,
    VoteForm,
    disposition_values,
    filing_values,
    vote_values,
)
from tracker.resolutions.models import Disposition, DispositionKind, FilerRole, Resolution, Vote
from tracker.resolutions.service import (
    file_resolution,
    join_resolution,
    leave_resolution,
    record_disposition,
    record_vote,
)
from tracker.timeline.anew import by_record, corrected_in_the_open, record_or_404, tell_again, telling_or_404
from tracker.timeline.forms import told_values
from tracker.timeline.in_place import Answer, amended_at, back_to, done, show_form, tell_form
from tracker.timeline.models import TimelineEntry
from tracker.timeline.queries import day_in, entries_visible_to
from tracker.timeline.service import TimelineError
from tracker.timeline.shown_files import files_by_entry
from tracker.web.once import once
from tracker.web.uploads import takes_files
from tracker.words import _

bp = Blueprint("resolutions", __name__)
amended_at("resolution", "resolutions.edit")
amended_at("disposition", "resolutions.edit_disposition")
amended_at("vote", "resolutions.edit_vote")


@bp.get("/campaigns/<slug>/resolutions/<public_id>")
@for_campaign(Level.READ)
def show(campaign: Campaign, public_id: str) -> Answer:
    """One resolution: who filed it, what became of it, how the votes went."""
    visible, account = _visible(campaign), me()
    resolution = _resolution(campaign, public_id)
    dispositions, votes = queries.dispositions_of(resolution, visible), queries.votes_of(resolution, visible)
    told = [resolution.entry, *(one.entry for one in dispositions), *(one.entry for one in votes)]
    today = day_in(campaign.zone, clock.now())
    earlier = next((r for r in queries.resolutions([campaign.id], visible) if r.id == resolution.refiled_from_id), None)
    return render_template(
        "resolutions/show.html",
        campaign=campaign,
        resolution=resolution,
        filers=queries.proponents_of(resolution),
        dispositions=dispositions,
        votes=votes,
        files=files_by_entry(told, {campaign.id: campaign}, account, today=today),
        earlier=earlier,
        later=queries.refilings_of(resolution, visible),
        may_edit=level_of(account, campaign, membership_of(account, campaign)) >= Level.EDIT,
        back=back_to(campaign),
    )


@bp.route("/campaigns/<slug>/resolutions/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def new(campaign: Campaign) -> Answer:
    """A resolution was filed."""
    form = FilingForm(campaign, _visible(campaign))
    return tell_form(
        "resolutions/new.html",
        form,
        lambda told, actor, now: file_resolution(campaign, form.filing(), told, actor=actor, now=now),
        campaign=campaign,
        saved=_("Recorded the resolution."),
    )


@bp.route("/campaigns/<slug>/filings/<public_id>", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def edit(campaign: Campaign, public_id: str) -> Answer:
    """Tell anew how it was filed."""
    entry = telling_or_404(campaign, public_id)
    known = record_or_404(Resolution, entry)

    def shape(entry: TimelineEntry, **how: Any) -> FilingForm:
        visible = queries.resolutions([campaign.id], _visible(campaign))
        earlier = next((other.public_id for other in visible if other.id == known.refiled_from_id), "")
        values = {"refiled_from": earlier, **told_values(entry), **filing_values(known)}
        correcting = corrected_in_the_open(entry)
        return FilingForm(campaign, _visible(campaign), known=known, correcting=correcting, **values, **how)

    return tell_again(
        "resolutions/new.html",
        shape,
        by_record(
            lambda form, told, actor, now: file_resolution(
                campaign, form.filing(), told, actor=actor, now=now, known=known
            )
        ),
        campaign=campaign,
        entry=entry,
        where=_page(campaign, known),
    )


@bp.route("/campaigns/<slug>/resolutions/<public_id>/filers/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def new_filer(campaign: Campaign, public_id: str) -> Answer:
    """One more who files."""
    resolution, form = _resolution(campaign, public_id), FilerForm()
    now, actor = clock.now(), me()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                join_resolution(
                    resolution,
                    form.organisation.data or "",
                    FilerRole(form.role.data),
                    form.told(now=now, actor=actor),
                    campaign=campaign,
                    actor=actor,
                    now=now,
                )
                saved.leads_to(_page(campaign, resolution))
        except TimelineError as error:
            form.fail(error)
        else:
            return done(_("Recorded who files."), saved.where)
    return show_form("resolutions/new_filer.html", form, campaign=campaign, resolution=resolution, entry=None)


@bp.post("/campaigns/<slug>/resolutions/<public_id>/filers/<filer_id>/remove")
@for_campaign(Level.EDIT)
def remove_filer(campaign: Campaign, public_id: str, filer_id: str) -> Answer:
    """Take out a filer who was entered by mistake."""
    actor = me()
    with transaction(), once() as saved:
        resolution = _resolution(campaign, public_id)
        proponent = next((one for one in queries.proponents_of(resolution) if one.public_id == filer_id), None)
        if proponent is None:
            abort(404)
        for filer in proponent.filers:
            leave_resolution(filer, campaign=campaign, actor=actor, now=clock.now())
        saved.leads_to(_page(campaign, resolution))
    return done(_("Taken out; it can be put back from the bin."), saved.where)


@bp.route("/campaigns/<slug>/resolutions/<public_id>/dispositions/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def new_disposition(campaign: Campaign, public_id: str) -> Answer:
    """A step before any vote."""
    resolution, form = _resolution(campaign, public_id), DispositionForm()
    return tell_form(
        "resolutions/new_disposition.html",
        form,
        lambda told, actor, now: record_disposition(
            resolution, DispositionKind(form.kind.data), told, campaign=campaign, actor=actor, now=now
        ),
        campaign=campaign,
        resolution=resolution,
        where=_page(campaign, resolution),
        saved=_("Recorded what happened to it."),
    )


@bp.route("/campaigns/<slug>/dispositions/<public_id>", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def edit_disposition(campaign: Campaign, public_id: str) -> Answer:
    """Tell a step anew."""
    entry = telling_or_404(campaign, public_id)
    known = record_or_404(Disposition, entry)
    resolution = known.resolution

    def shape(entry: TimelineEntry, **how: Any) -> DispositionForm:
        values = {**told_values(entry), **disposition_values(record_or_404(Disposition, entry))}
        return DispositionForm(correcting=corrected_in_the_open(entry), **values, **how)

    return tell_again(
        "resolutions/new_disposition.html",
        shape,
        by_record(
            lambda form, told, actor, now: record_disposition(
                resolution, DispositionKind(form.kind.data), told, campaign=campaign, actor=actor, now=now
            )
        ),
        campaign=campaign,
        entry=entry,
        where=_page(campaign, resolution),
        resolution=resolution,
    )


@bp.route("/campaigns/<slug>/resolutions/<public_id>/votes/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def new_vote(campaign: Campaign, public_id: str) -> Answer:
    """How the vote went, as everybody counts it."""
    resolution = _resolution(campaign, public_id)
    meeting = (resolution.meeting_on, resolution.meeting_precision) if resolution.meeting_on else None
    form = VoteForm(occurred_on=meeting)
    if form.is_submitted() and form.wants_another_row:
        form.percentages.append_entry()
        form.asked_for_again()
        return show_form("resolutions/new_vote.html", form, campaign=campaign, resolution=resolution, entry=None)
    return tell_form(
        "resolutions/new_vote.html",
        form,
        lambda told, actor, now: record_vote(resolution, form.counted(), told, campaign=campaign, actor=actor, now=now),
        campaign=campaign,
        resolution=resolution,
        where=_page(campaign, resolution),
        saved=_("Recorded the vote."),
    )


@bp.route("/campaigns/<slug>/votes/<public_id>", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def edit_vote(campaign: Campaign, public_id: str) -> Answer:
    """Tell a vote anew."""
    entry = telling_or_404(campaign, public_id)
    known = record_or_404(Vote, entry)
    resolution = known.resolution

    def shape(entry: TimelineEntry, **how: Any) -> VoteForm:
        values = {**told_values(entry), **vote_values(record_or_404(Vote, entry))}
        return VoteForm(correcting=corrected_in_the_open(entry), **values, **how)

    form = shape(entry, version=entry.public_id)
    if form.is_submitted() and form.wants_another_row:
        form.percentages.append_entry()
        form.asked_for_again()
        return show_form("resolutions/new_vote.html", form, campaign=campaign, resolution=resolution, entry=entry)
    return tell_again(
        "resolutions/new_vote.html",
        shape,
        by_record(
            lambda form, told, actor, now: record_vote(
                resolution, form.counted(), told, campaign=campaign, actor=actor, now=now
            )
        ),
        campaign=campaign,
        entry=entry,
        where=_page(campaign, resolution),
        resolution=resolution,
    )


def _visible(campaign: Campaign) -> queries.Visible:
    return entries_visible_to(current_account(), today=day_in(campaign.zone, clock.now()))


def _resolution(campaign: Campaign, public_id: str) -> Resolution:
    found = queries.resolution_by_public_id(campaign, public_id, _visible(campaign))
    if found is None:
        abort(404)
    return found


def _page(campaign: Campaign, resolution: Resolution) -> str:
    return url_for("resolutions.show", slug=campaign.slug, public_id=resolution.public_id)
