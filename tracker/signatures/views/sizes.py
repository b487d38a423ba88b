"""Sizes as reported."""

from __future__ import annotations

from typing import Any

from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.models import Campaign
from tracker.signatures import service
from tracker.signatures.forms import ReportedCountForm, reported_values
from tracker.signatures.models import ReportedCount
from tracker.signatures.views import bp
from tracker.timeline.anew import by_record, corrected_in_the_open, record_or_404, tell_again, telling_or_404
from tracker.timeline.forms import told_values
from tracker.timeline.in_place import Answer, amended_at, tell_form
from tracker.timeline.models import TimelineEntry
from tracker.words import _

amended_at("reported_count", "signatures.edit_reported_count")


@bp.route("/campaigns/<slug>/sizes/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def new_reported_count(campaign: Campaign) -> Answer:
    """A size that somebody reported."""
    form = ReportedCountForm()
    return tell_form(
        "signatures/new_reported_count.html",
        form,
        lambda told, actor, now: service.record_reported_count(campaign, form.claim(), told, actor=actor, now=now),
        campaign=campaign,
        saved=_("Recorded the size as reported."),
    )


@bp.route("/campaigns/<slug>/sizes/<public_id>", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def edit_reported_count(campaign: Campaign, public_id: str) -> Answer:
    """Tell a size anew: in its place, or as a correction once others could have read it."""
    entry = telling_or_404(campaign, public_id)
    record_or_404(ReportedCount, entry)

    def shape(entry: TimelineEntry, **how: Any) -> ReportedCountForm:
        values = {**told_values(entry), **reported_values(record_or_404(ReportedCount, entry))}
        return ReportedCountForm(correcting=corrected_in_the_open(entry), **values, **how)

    return tell_again(
        "signatures/new_reported_count.html",
        shape,
        by_record(
            lambda form, told, actor, now: service.record_reported_count(
                campaign, form.claim(), told, actor=actor, now=now
            )
        ),
        campaign=campaign,
        entry=entry,
    )
