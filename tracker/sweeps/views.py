"""For those who lead a campaign: who is kept out, when unusually many signed, and what was found to be none."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.accounts.access import ask_for_factor, me
from tracker.accounts.models import Reading
from tracker.accounts.service import record_access
from tracker.campaigns.access import Level, for_campaign, stays
from tracker.campaigns.models import Campaign
from tracker.db import transaction
from tracker.jobs import WORK_SWEEPS, nudge
from tracker.signatures.blocks import block_by_public_id, blocks_of
from tracker.signatures.codes import codes_made
from tracker.signatures.service import SignatureError
from tracker.signatures.service.blocking import add_block, remove_block
from tracker.sweeps import queries, service
from tracker.sweeps.forms import BlockForm, SweepForm
from tracker.sweeps.models import WORKING, Sweep
from tracker.sweeps.words import STATES
from tracker.web.once import once
from tracker.web.polled import polled
from tracker.web.pressing import press
from tracker.words import _

bp = Blueprint("sweeps", __name__)


@bp.get("/campaigns/<slug>/signing/abuse")
@for_campaign(Level.LEAD)
@stays
def index(campaign: Campaign) -> ResponseReturnValue:
    """All of it on one page."""
    return _page(campaign)


@bp.post("/campaigns/<slug>/signing/abuse/blocks")
@for_campaign(Level.LEAD)
def block(campaign: Campaign) -> ResponseReturnValue:
    """Keep a mail domain or a network out from now on."""
    form = BlockForm()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                add_block(campaign, form.value.data, actor=me(), now=clock.now())
                saved.leads_to(url_for("sweeps.index", slug=campaign.slug))
        except SignatureError as error:
            form.fail(error)
        else:
            return _back(campaign)
    return _page(campaign, block_form=form), 422


@bp.post("/campaigns/<slug>/signing/abuse/blocks/<public_id>/remove")
@for_campaign(Level.LEAD)
def unblock(campaign: Campaign, public_id: str) -> ResponseReturnValue:
    """Let them sign again."""
    return press(
        lambda: remove_block(block_by_public_id(campaign, public_id) or abort(404)),
        leads_to=url_for("sweeps.index", slug=campaign.slug),
        said=_("Saved."),
        refused=SignatureError,
    )


@bp.post("/campaigns/<slug>/signing/abuse/sweeps")
@for_campaign(Level.LEAD)
def begin(campaign: Campaign) -> ResponseReturnValue:
    """Count what fits; nobody is touched."""
    now, form = clock.now(), _sweep_form()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                sweep = service.begin(
                    campaign, form.conditions(campaign.zone), reason=form.reason.data, actor=me(), now=now
                )
                if sweep.domain:
                    ask_for_factor()
                    record_access(
                        me(),
                        campaign_id=campaign.id,
                        reading=Reading.VIEWED,
                        count=sweep.to_look_at,
                        reason=sweep.reason,
                        now=now,
                    )
                saved.leads_to(url_for("sweeps.show", slug=campaign.slug, public_id=sweep.public_id))
        except SignatureError as error:
            form.fail(error)
        else:
            nudge(WORK_SWEEPS)
            return redirect(saved.where, 303)
    return _page(campaign, sweep_form=form), 422


@bp.get("/campaigns/<slug>/signing/abuse/sweeps/<public_id>")
@for_campaign(Level.LEAD)
def show(campaign: Campaign, public_id: str) -> ResponseReturnValue:
    """How far it is, and what can be done."""
    sweep = _sweep(campaign, public_id)
    return polled(
        "sweeps/show.html",
        "sweeps/_progress.html",
        is_working=sweep.state in WORKING,
        campaign=campaign,
        sweep=sweep,
        state=STATES[sweep.state],
    )


@bp.post("/campaigns/<slug>/signing/abuse/sweeps/<public_id>/start")
@for_campaign(Level.LEAD)
def start(campaign: Campaign, public_id: str) -> ResponseReturnValue:
    """Find them invalid."""
    return _step(campaign, public_id, service.start)


@bp.post("/campaigns/<slug>/signing/abuse/sweeps/<public_id>/undo")
@for_campaign(Level.LEAD)
def undo(campaign: Campaign, public_id: str) -> ResponseReturnValue:
    """Let all of them count again."""
    return _step(campaign, public_id, service.undo)


@bp.post("/campaigns/<slug>/signing/abuse/sweeps/<public_id>/cancel")
@for_campaign(Level.LEAD)
def cancel(campaign: Campaign, public_id: str) -> ResponseReturnValue:
    """Think better of it."""
    return _step(campaign, public_id, service.cancel)


def _step(campaign: Campaign, public_id: str, verb: Callable[..., None]) -> ResponseReturnValue:
    now = clock.now()
    return press(
        lambda: verb(_sweep(campaign, public_id), now=now),
        leads_to=url_for("sweeps.show", slug=campaign.slug, public_id=public_id),
        refused=SignatureError,
        then=lambda: nudge(WORK_SWEEPS),
    )


def _sweep(campaign: Campaign, public_id: str) -> Sweep:
    return queries.sweep_by_public_id(campaign, public_id) or abort(404)


def _sweep_form() -> SweepForm:
    form = SweepForm()
    if not me().may_see_contacts:
        del form.domain  # how many have a domain is contact data too
    return form


def _back(campaign: Campaign) -> ResponseReturnValue:
    flash(_("Saved."), "success")
    return redirect(url_for("sweeps.index", slug=campaign.slug), 303)


def _page(campaign: Campaign, *, block_form: BlockForm | None = None, sweep_form: SweepForm | None = None) -> str:
    zone = ZoneInfo(campaign.zone)
    return render_template(
        "sweeps/index.html",
        campaign=campaign,
        blocks=blocks_of(campaign),
        has_slips=codes_made(campaign) > 0,
        bursts=[
            (
                burst,
                burst.since.astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
                (burst.since + queries.HOUR).astimezone(zone).strftime("%Y-%m-%dT%H:%M"),
            )
            for burst in queries.bursts_of(campaign, now=clock.now())
        ],
        sweeps=queries.sweeps_of(campaign),
        states=STATES,
        block_form=block_form or BlockForm(formdata=None),
        sweep_form=sweep_form or _blank(),
    )


def _blank() -> SweepForm:
    form = SweepForm(formdata=request.args)
    if not me().may_see_contacts:
        del form.domain
    return form
