"""The quick log: a campaign in under a minute, everything else on its page."""

from __future__ import annotations

import datetime as dt

from flask import flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import me, requires
from tracker.accounts.models import Account, Role
from tracker.campaigns import service
from tracker.campaigns.forms import QuickLogForm
from tracker.campaigns.models import Campaign, CampaignKind, Visibility
from tracker.campaigns.service.campaigns import QuickLog
from tracker.campaigns.views.blueprint import Answer, bp
from tracker.companies.models import Company
from tracker.companies.queries import company_by_slug, near_names, suggestions_to_begin_with
from tracker.companies.service import CompanyError, find_or_add_company
from tracker.db import Precision, transaction
from tracker.timeline.models import Source
from tracker.web.forms import choices_of
from tracker.web.once import once


@bp.route("/campaigns/new", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR, Role.ORGANISER)
def new() -> str | Answer | Response:
    """Log a campaign."""
    form = QuickLogForm()
    if form.validate_on_submit() and not _must_ask_which(form):
        now = clock.now()
        try:
            with transaction(), once(form) as saved:
                campaign = _log(form, me(), now)
                said = _said(campaign)
                saved.leads_to(url_for("pages.campaign", slug=campaign.slug))
        except (service.CampaignError, CompanyError) as error:
            form.fail(error)
        else:
            flash(said, "success")
            return redirect(saved.where)
    status = 422 if form.is_submitted() else 200
    return render_template("campaigns/new.html", form=form, known=suggestions_to_begin_with()), status


def _must_ask_which(form: QuickLogForm) -> bool:
    """Whether the name is near others and nobody said yet which is meant; then the form asks."""
    near = near_names(form.company.data or "")
    if not near:
        return False
    like = [(one.slug or one.cik, f"{one.name} ({one.detail})" if one.detail else one.name) for one in near]
    own = ("", _("None of these: add “%(name)s” as a new company", name=form.company.data))
    form.meant.choices = choices_of([*like, own])
    if form.meant.raw_data:
        return False
    form.meant.errors = [_("We know companies of a like name. Choose one, or add yours.")]
    return True


def _log(form: QuickLogForm, actor: Account, now: dt.datetime) -> Campaign:
    began = form.began_on.data
    log = QuickLog(
        title=form.title.data or "",
        kind=CampaignKind(form.kind.data),
        company=_company(form, now),
        demands=(form.demands.data or "").splitlines(),
        began_on=began.date if began else None,
        began_precision=began.precision if began else Precision.DAY,
        due_on=form.due_on.data,
        due_what=form.due_what.data or "",
        sources=_sources(form.source.data or "", actor, now),
    )
    return service.log_campaign(log, actor=actor, now=now)


def _company(form: QuickLogForm, now: dt.datetime) -> Company:
    """What was chosen among like names, by its address or CIK; else what was typed."""
    chosen = company_by_slug(form.meant.data) if form.meant.data else None
    return chosen or find_or_add_company(form.meant.data or form.company.data or "", now=now)


def _sources(typed: str, actor: Account, now: dt.datetime) -> list[Source]:
    """One line is an address or a citation."""
    if not typed:
        return []
    is_address = typed.startswith(("https://", "http://")) and " " not in typed
    return [
        Source(
            citation=typed,
            url=typed if is_address else "",
            seen_on=now.date() if is_address else None,
            recorded_at=now,
            recorded_by_id=actor.id,
        )
    ]


def _said(campaign: Campaign) -> str:
    """Who can read the new campaign, since nobody was asked."""
    if campaign.visibility is Visibility.LINK:
        return str(
            _("Logged. Only its members can find it; whoever gets its link reads the text, the asks and the counts.")
        )
    return str(_("Logged. Everyone with an account here can read it, and nobody outside. You lead it."))
