"""For the team: whether outsiders may sign on the campaign's page, what is asked, and how the page is passed on."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from tracker import clock
from tracker.accounts.access import me
from tracker.campaigns import queries as campaigns
from tracker.campaigns.access import Level, for_campaign, stays
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import transaction
from tracker.settings import config
from tracker.signatures import service
from tracker.signatures.consent import CONSENT, CURRENT
from tracker.signatures.service import SignatureError
from tracker.signatures.sign_forms import SigningForm
from tracker.signatures.signings import SigningState, signing_of, state_of
from tracker.signatures.views import bp
from tracker.signatures.views.lists import Answer
from tracker.timeline.in_place import save_form
from tracker.web.once import once
from tracker.words import _


def public_key(campaign: Campaign) -> str | None:
    """What stands in the address of the page that outsiders read, if there is one."""
    match campaign.visibility:
        case Visibility.PUBLIC:
            return campaign.slug
        case Visibility.LINK:
            return campaign.link_token
        case _:
            return None


@bp.route("/campaigns/<slug>/signing", methods=["GET", "POST"])
@for_campaign(Level.LEAD)
@stays
def signing(campaign: Campaign) -> Answer:
    """What the form asks, and whether it is open."""
    now, row = clock.now(), signing_of(campaign)
    form = SigningForm(obj=row)
    if form.validate_on_submit():
        saved = save_form(
            form,
            lambda: service.set_up_signing(campaign, form.asks(), seen=form.version_number, actor=me(), now=now),
            leads_to=url_for("signatures.signing", slug=campaign.slug),
            refused=SignatureError,
            said=_("Saved."),
        )
        if saved is not None:
            return saved
    return _page(campaign, form), 422 if form.errors or form.form_errors else 200


@bp.post("/campaigns/<slug>/signing/open")
@for_campaign(Level.LEAD)
def open_signing(campaign: Campaign) -> Answer:
    """Let outsiders sign."""
    return _act(campaign, service.open_signing, str(_("Outsiders can sign from now on.")))


@bp.post("/campaigns/<slug>/signing/close")
@for_campaign(Level.LEAD)
def close_signing(campaign: Campaign) -> Answer:
    """Take no more signatures."""
    return _act(campaign, service.close_signing, str(_("Nobody can sign from now on. What signers chose stays.")))


def _act(campaign: Campaign, act: object, done: str) -> Response:
    assert callable(act)
    try:
        with transaction(), once() as saved:
            act(campaign, actor=me(), now=clock.now())
            saved.leads_to(url_for("signatures.signing", slug=campaign.slug))
    except SignatureError as error:
        flash(str(error), "warning")
    else:
        flash(done, "success")
    return redirect(url_for("signatures.signing", slug=campaign.slug))


def _page(campaign: Campaign, form: SigningForm) -> str:
    now, row = clock.now(), signing_of(campaign)
    key = public_key(campaign)
    return render_template(
        "signatures/signing.html",
        campaign=campaign,
        form=form,
        signing=row,
        state=state_of(row, campaign, now=now),
        states=SigningState,
        text=campaigns.latest_text(campaign),
        consent=CONSENT[CURRENT],
        key=key,
        is_public=campaign.visibility is Visibility.PUBLIC,
        address=f"{config().public_base_url}/c/{key}" if key else None,
    )
