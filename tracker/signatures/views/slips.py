"""For the team: codes on slips of paper, made in batches, printed, handed over in person."""

from __future__ import annotations

from dataclasses import dataclass

from flask import flash, redirect, render_template, url_for
from markupsafe import Markup

from tracker import clock
from tracker.campaigns.access import Level, for_campaign, stays
from tracker.campaigns.models import Campaign
from tracker.db import transaction
from tracker.settings import config
from tracker.signatures import service
from tracker.signatures.codes import codes_left, codes_made, in_groups
from tracker.signatures.drawing import drawn_inline
from tracker.signatures.service import SignatureError
from tracker.signatures.sign_forms import CodesForm
from tracker.signatures.signings import SigningState, signing_of, state_of
from tracker.signatures.views import bp
from tracker.signatures.views.calls import public_key
from tracker.signatures.views.lists import Answer
from tracker.web.once import once
from tracker.words import ngettext


@dataclass(frozen=True)
class Slip:
    """What is printed on one slip."""

    code: str
    picture: Markup  # the QR code of the address with the code


@bp.route("/campaigns/<slug>/codes", methods=["GET", "POST"])
@for_campaign(Level.LEAD)
@stays
def codes(campaign: Campaign) -> Answer:
    """Make codes. They are shown on the page that follows, this once, since only their hashes are kept."""
    form, now, key = CodesForm(), clock.now(), public_key(campaign)
    if key is not None and form.validate_on_submit():
        try:
            with transaction():
                made = service.make_codes(campaign, form.number.data or 0, now=now)
        except SignatureError as error:
            form.fail(error)
        else:
            address = f"{config().public_base_url}/c/{key}/code"
            slips = [Slip(in_groups(code), drawn_inline(f"{address}/{code}")) for code in made]
            return render_template("signatures/slips.html", campaign=campaign, slips=slips, address=address)
    return render_template(
        "signatures/codes.html",
        campaign=campaign,
        form=form,
        key=key,
        is_open=state_of(signing_of(campaign), campaign, now=now) is SigningState.OPEN,
        made=codes_made(campaign),
        left=codes_left(campaign),
    ), 422 if form.errors else 200


@bp.post("/campaigns/<slug>/codes/destroy")
@for_campaign(Level.LEAD)
def destroy_codes(campaign: Campaign) -> Answer:
    """Destroy what nobody has used."""
    with transaction(), once() as saved:
        gone = service.destroy_codes(campaign)
        saved.leads_to(url_for("signatures.codes", slug=campaign.slug))
    flash(ngettext("%(num)d unused code was destroyed.", "%(num)d unused codes were destroyed.", gone), "success")
    return redirect(saved.where)
