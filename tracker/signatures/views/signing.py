"""Signing on a campaign's page: the form, and the button behind the link in the mail.

No cookie is set on these pages. What a form does is the right of whoever fills it in, or of whoever has the link; there
is no session that a foreign page could misuse, so there is no token against that (docs/adr).
"""

from __future__ import annotations

from flask import abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from tracker import clock
from tracker.accounts.access import public
from tracker.accounts.limits import per_network
from tracker.campaigns import queries as campaigns
from tracker.campaigns.models import Campaign, CampaignText
from tracker.db import transaction
from tracker.jobs import SEND_MAIL, nudge
from tracker.sealing import campaign_keys
from tracker.signatures import receipts, service, trap
from tracker.signatures.service import SignatureError
from tracker.signatures.service.confirming import OVER
from tracker.signatures.sign_forms import PressForm, SignForm
from tracker.signatures.signings import Signing, SigningState, signing_of, state_of
from tracker.signatures.views import bp
from tracker.signatures.words import OWN_APPEARANCES
from tracker.web.csrf import csrf
from tracker.web.headers import token_page


def fresh_form(campaign: Campaign, signing: Signing, text: CampaignText | None) -> SignForm:
    """An empty form, stamped with the moment it was opened."""
    form = SignForm(campaign, signing, formdata=None)
    stamp(form, campaign, text)
    return form


@bp.route("/c/<key>/sign", methods=["GET", "POST"])
@public
@csrf.exempt  # as above
@per_network("sign", "20 per minute; 120 per hour")
def sign(key: str) -> ResponseReturnValue:
    """Sign: its owner is asked by mail. The page that follows is the same for every address."""
    campaign = campaign_of(key)
    signing, now = signing_of(campaign), clock.now()
    if signing is None or state_of(signing, campaign, now=now) is SigningState.NEVER:
        abort(404)
    is_open = state_of(signing, campaign, now=now) is SigningState.OPEN
    text = campaigns.latest_text(campaign)
    form = SignForm(campaign, signing)
    if is_open and form.validate_on_submit():
        refused = trap.refusal(campaign, str(form.stamp.data or ""), str(form.remarks.data or ""), now)
        if refused is None:
            try:
                with transaction():
                    service.ask_to_sign(
                        campaign_of(key),
                        form.wish(),
                        locale=str(get_locale() or "en"),
                        now=now,
                        network=request.remote_addr,
                    )
            except SignatureError as error:
                form.fail(error)
            else:
                nudge(SEND_MAIL)
                return redirect(url_for("signatures.asked", key=key), 303)
        else:
            form.form_errors.append(str(refused))
    stamp(form, campaign, text)
    page = render_template(
        "signatures/sign.html",
        campaign=campaign,
        key=key,
        form=form if is_open else None,
        text=text,
        is_public=not g.get("token_page"),
    )
    return page, 422 if form.errors or form.form_errors else 200


@bp.get("/c/<key>/sign/asked")
@public
def asked(key: str) -> str:
    """Look into your mailbox. Says nothing about the address."""
    return render_template("signatures/asked.html", campaign=campaign_of(key), key=key)


@bp.route("/sign/<token>", methods=["GET", "POST"])
@public
@csrf.exempt  # as above
@token_page
@per_network("sign-link", "30 per minute; 200 per hour")
def confirm(token: str) -> ResponseReturnValue:
    """The owner of the address says yes with a button, since mail gateways open links."""
    now = clock.now()
    waiting = receipts.request_of(token, now=now)
    if waiting is None:
        return _over(str(OVER))
    form = PressForm()
    if form.validate_on_submit():
        try:
            with transaction():
                again = receipts.request_of(token, now=now)
                if again is None:
                    raise SignatureError(OVER)
                signatory = service.confirm_signature(again, locale=str(get_locale() or "en"), now=now)
                keys = campaign_keys(signatory.campaign.public_id, now=now)
                receipt = receipts.token(signatory.public_id, receipts.RECEIPT, keys)
        except SignatureError as error:
            return _over(str(error))
        nudge(SEND_MAIL)
        return redirect(url_for("signatures.receipt", token=receipt, said="signed"), 303)
    wish = service.wish_of(waiting, now=now)
    return render_template(
        "signatures/confirm.html",
        campaign=waiting.campaign,
        text=waiting.text,
        wish=wish,
        appears=OWN_APPEARANCES[wish.appearance],
        form=form,
    )


def stamp(form: SignForm, campaign: Campaign, text: CampaignText | None) -> None:
    """Say when the form was opened and which text it stands below; and empty the field that robots fill in."""
    form.stamp.data = trap.stamp(campaign, clock.now())
    form.text.data = str(text.id) if text is not None else ""
    form.remarks.data = ""
    for field in (form.stamp, form.text, form.remarks):
        field.raw_data = None


def campaign_of(key: str) -> Campaign:
    """The campaign that outsiders reach by this key; else 404."""
    campaign, is_public = campaigns.campaign_by_public_key(key)
    if campaign is None:
        abort(404)
    # Its address is a secret then: no referrer, not indexed, not cached (web/headers.py).
    g.token_page = not is_public
    return campaign


def _over(words: str) -> ResponseReturnValue:
    return render_template("signatures/over.html", words=words), 410
