"""Sizes as reported."""

from __future__ import annotations

from flask import abort

from tracker import clock
from tracker.accounts.access import current_account
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.models import Campaign
from tracker.db import transaction
from tracker.signatures import queries, service
from tracker.signatures.forms import ReportedCountForm
from tracker.signatures.service import SignatureError
from tracker.signatures.views import bp
from tracker.signatures.views.adding import actor
from tracker.timeline.forms import told_values
from tracker.timeline.in_place import Answer, amended_at, back_to, done, entry_url, show_form
from tracker.timeline.queries import day_in, entry_by_public_id
from tracker.timeline.service import TimelineError, amend, may_change
from tracker.web.once import once
from tracker.words import _

amended_at("reported_count", "signatures.edit_reported_count")


@bp.route("/campaigns/<slug>/sizes/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def new_reported_count(campaign: Campaign) -> Answer:
    """A size that somebody reported."""
    form, now = ReportedCountForm(), clock.now()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                service.record_reported_count(
                    campaign, form.claim(), form.told(now=now, actor=actor()), actor=actor(), now=now
                )
                saved.leads_to(back_to(campaign))
        except SignatureError as error:
            form.fail(error)
        else:
            return done(_("Recorded the size as reported."), saved.where)
    return show_form("signatures/new_reported_count.html", form, campaign=campaign, entry=None)


@bp.route("/campaigns/<slug>/sizes/<public_id>", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def edit_reported_count(campaign: Campaign, public_id: str) -> Answer:
    """Tell a size anew: in its place, or as a correction once others could have read it."""
    now, account = clock.now(), current_account()
    entry = entry_by_public_id(campaign.id, public_id, account, today=day_in(campaign.zone, now))
    count = queries.reported_count_told_by(entry) if entry else None
    if entry is None or count is None or account is None:
        abort(404)
    correcting = None if may_change(entry, account, now=now) else entry
    form = ReportedCountForm(
        correcting=correcting,
        qualifier=count.qualifier.value,
        value=count.value,
        population=count.population,
        **told_values(entry),
    )
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                told = amend(
                    entry, form.told(now=now, actor=account), reason=form.reason.data or "", actor=account, now=now
                )
                anew = service.record_reported_count(campaign, form.claim(), told, actor=account, now=now)
                saved.leads_to(entry_url(campaign, anew.entry))
        except (SignatureError, TimelineError) as error:
            form.fail(error)
        else:
            return done(_("Corrected.") if correcting else _("Changed."), saved.where)
    return show_form("signatures/new_reported_count.html", form, campaign=campaign, entry=entry)
