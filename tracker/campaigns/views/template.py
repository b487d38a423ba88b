"""Begin a campaign from another one, as its template."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import me, narrower
from tracker.accounts.models import Role
from tracker.campaigns import service
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.models import Campaign, CampaignKind
from tracker.campaigns.relation_forms import TemplateForm
from tracker.campaigns.service.copying import TemplatePart
from tracker.campaigns.views.blueprint import Answer, bp
from tracker.db import db, transaction
from tracker.web.once import once


@bp.route("/campaigns/<slug>/start-another", methods=["GET", "POST"])
@for_campaign(Level.READ)
@narrower
def start_another(campaign: Campaign) -> str | Answer | Response:
    """Choose what the new campaign takes over; for those who may log one."""
    if me().role not in (Role.ADMINISTRATOR, Role.ORGANISER):
        abort(403)
    form = TemplateForm(kind=campaign.kind.value)
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                made = service.start_from(
                    db.session.get_one(Campaign, campaign.id),
                    title=form.title.data or "",
                    kind=CampaignKind(form.kind.data),
                    parts={part for part in TemplatePart if form[part.value].data},
                    follows=bool(form.follows.data),
                    actor=me(),
                    now=clock.now(),
                )
                saved.leads_to(url_for("pages.campaign", slug=made.slug))
        except service.CampaignError as error:
            form.fail(error)
        else:
            flash(_("Here it is, a draft that you lead; nobody has signed it yet."), "success")
            return redirect(saved.where)
    status = 422 if form.is_submitted() else 200
    return render_template("campaigns/start_another.html", form=form, campaign=campaign), status
