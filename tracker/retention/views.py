"""What will happen to a campaign's people and when, and what has happened."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.accounts.access import current_account, me
from tracker.campaigns.access import Level, for_campaign, level_of, stays
from tracker.campaigns.models import Campaign, Stage
from tracker.campaigns.queries import membership_of
from tracker.db import transaction
from tracker.retention import service
from tracker.retention.forms import DayForm
from tracker.retention.queries import ending_of, forget_day
from tracker.retention.service import RetentionError
from tracker.settings import config
from tracker.signatures.appearing import Sight, sight_of
from tracker.signatures.queries import counts
from tracker.timeline.queries import day_in
from tracker.web.once import once
from tracker.words import _

bp = Blueprint("retention", __name__)


@bp.get("/campaigns/<slug>/ending")
@for_campaign(Level.READ)
@stays
def show(campaign: Campaign) -> ResponseReturnValue:
    """What happens when, for whoever may read the campaign; how many it concerns, for whoever may read the list."""
    return _page(campaign, DayForm(formdata=None, day=forget_day(campaign, day_in(campaign.zone, clock.now()))))


@bp.post("/campaigns/<slug>/ending")
@for_campaign(Level.LEAD)
def change(campaign: Campaign) -> ResponseReturnValue:
    """Choose another day."""
    now, form, actor = clock.now(), DayForm(), me()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                service.change_day(campaign, form.day.data, actor=actor, now=now)
                saved.leads_to(url_for("retention.show", slug=campaign.slug))
        except RetentionError as error:
            form.fail(error)
        else:
            flash(_("Saved."), "success")
            return redirect(saved.where)
    return _page(campaign, form), 422


def _page(campaign: Campaign, form: DayForm) -> str:
    durations, account = config().durations, current_account()
    membership = membership_of(account, campaign) if account else None
    now = clock.now()
    last_day = service.last_day(campaign, now=now)
    may_change = (
        level_of(account, campaign, membership) >= Level.LEAD
        and last_day is not None
        and campaign.people_forgotten_at is None
    )
    return render_template(
        "retention/show.html",
        campaign=campaign,
        ending=ending_of(campaign, day_in(campaign.zone, now)),
        goes_on=campaign.stage is not Stage.CONCLUDED,
        noted_days=durations.ending_noted.days,
        counts=counts(campaign),
        sees_numbers=sight_of(account, campaign, membership) is Sight.NAMES,
        form=form if may_change else None,
        last_day=last_day,
        look_up_days=durations.look_up_kept.days,
        key_days=durations.key_copies_kept.days,
        backups=config().backups.keep,
        mail_days=durations.settled_mail_kept.days,
    )
