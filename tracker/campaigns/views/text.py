"""The letter or petition: a new version, with a preview; two versions compared; an earlier one restored."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import me
from tracker.campaigns import queries, service
from tracker.campaigns.access import Level, for_campaign, level_for, stays
from tracker.campaigns.forms import RestoreTextForm, TextForm
from tracker.campaigns.models import Campaign, CampaignText
from tracker.campaigns.views.blueprint import Answer, bp
from tracker.db import transaction
from tracker.timeline.editing import Stale
from tracker.timeline.queries import day_in
from tracker.web.conflict import clash
from tracker.web.diff import diff
from tracker.web.once import once


@bp.route("/campaigns/<slug>/text/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def new_text(campaign: Campaign) -> str | Answer | Response:
    """Write the text, or its next version."""
    now = clock.now()
    last = queries.latest_text(campaign)
    form = TextForm(
        body=last.body if last else "",
        seen=last.number if last else 0,
        occurred_on=(day_in(campaign.zone, now), "day"),
    )
    conflict = None
    status = 422 if form.is_submitted() else 200
    if "preview" in request.form:
        status = 200
    elif form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                service.add_text(
                    campaign,
                    form.body.data or "",
                    seen=int(form.seen.data or 0),
                    is_substantive=form.is_substantive.data != "no",
                    told=form.told(now=now, actor=me()),
                    actor=me(),
                    now=now,
                )
                saved.leads_to(url_for("pages.campaign", slug=campaign.slug, _anchor="letter"))
        except Stale:
            last, status = queries.latest_text(campaign), 409
            newest = TextForm(formdata=None, body=last.body if last else "", seen=last.number if last else 0)
            conflict = clash(form, newest, only=("body",))
        except service.CampaignError as error:
            form.fail(error)
        else:
            flash(_("The text is saved. Earlier versions are kept."), "success")
            return redirect(saved.where)
    page = render_template(
        "campaigns/new_text.html",
        form=form,
        campaign=campaign,
        last=last,
        conflict=conflict,
        preview=form.body.data if "preview" in request.form else None,
    )
    return page, status


@bp.get("/campaigns/<slug>/text")
@for_campaign(Level.READ)
@stays
def texts(campaign: Campaign) -> str:
    """Every version of the text, newest first."""
    versions = queries.texts_of(campaign)
    return render_template(
        "campaigns/texts.html",
        campaign=campaign,
        texts=versions,
        same_as=_first_with_the_words(versions),
        may_edit=level_for(me(), campaign) >= Level.EDIT,
    )


@bp.get("/campaigns/<slug>/text/compare")
@for_campaign(Level.READ)
def compare_texts(campaign: Campaign) -> str:
    """What was taken out and put in from one version to another; without a choice, by the newest."""
    versions = queries.texts_of(campaign)
    new = _version(versions, request.args.get("new")) or (versions[0] if versions else None)
    before = [text for text in versions if new and text.number < new.number]
    old = _version(versions, request.args.get("old")) or (before[0] if before else None)
    return render_template(
        "campaigns/compare_texts.html",
        campaign=campaign,
        texts=versions,
        old=old,
        new=new,
        found=diff(old.body, new.body) if old and new else None,
        may_edit=level_for(me(), campaign) >= Level.EDIT,
    )


@bp.route("/campaigns/<slug>/text/<int:number>/restore", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def restore_text(campaign: Campaign, number: int) -> str | Answer | Response:
    """Make a new version with the words of an earlier one."""
    now = clock.now()
    versions = queries.texts_of(campaign)
    earlier = _version(versions, str(number)) or abort(404)
    form = RestoreTextForm(seen=versions[0].number, occurred_on=(day_in(campaign.zone, now), "day"))
    status = 422 if form.is_submitted() else 200
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                service.restore_text(
                    campaign,
                    earlier,
                    seen=int(form.seen.data or 0),
                    is_substantive=form.is_substantive.data != "no",
                    told=form.told(now=now, actor=me()),
                    actor=me(),
                    now=now,
                )
                saved.leads_to(url_for("pages.campaign", slug=campaign.slug, _anchor="letter"))
        except Stale:
            versions, status = queries.texts_of(campaign), 409
            form.seen.data = str(versions[0].number)
            form.form_errors.append(
                str(_("Somebody else added version %(number)s meanwhile; look again.", number=versions[0].number))
            )
        except service.CampaignError as error:
            form.fail(error)
        else:
            flash(_("The words of version %(number)s are back, as a new version.", number=number), "success")
            return redirect(saved.where)
    page = render_template(
        "campaigns/restore_text.html",
        form=form,
        campaign=campaign,
        earlier=earlier,
        last=versions[0],
        found=diff(versions[0].body, earlier.body),
    )
    return page, status


def _version(versions: list[CampaignText], number: str | None) -> CampaignText | None:
    return next((text for text in versions if str(text.number) == number), None)


def _first_with_the_words(versions: list[CampaignText]) -> dict[int, int]:
    """Which versions say again what an earlier one said: number → that one's number."""
    first: dict[str, int] = {}
    return {
        text.number: first[text.body]
        for text in reversed(versions)
        if first.setdefault(text.body, text.number) != text.number
    }
