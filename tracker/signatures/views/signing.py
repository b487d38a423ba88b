"""Signing on a campaign's page: the form, and the button behind the link in the mail.

No cookie is set on these pages. What a form does is the right of whoever fills it in, or of whoever has the link; there
is no session that a foreign page could misuse, so there is no token against that (docs/adr).
"""

from __future__ import annotations

import datetime as dt

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
from tracker.signatures.places import Place, Shape, place_by_key
from tracker.signatures.service import SignatureError
from tracker.signatures.service.confirming import OVER
from tracker.signatures.sign_forms import PressForm, SignForm
from tracker.signatures.signings import Signing, SigningState, state_of
from tracker.signatures.views import bp
from tracker.signatures.views.ready import kept_page, ready_page
from tracker.signatures.words import OWN_APPEARANCES
from tracker.web.csrf import csrf
from tracker.web.headers import token_page


def fresh_form(campaign: Campaign, signing: Signing, text: CampaignText | None) -> SignForm:
    """An empty form, stamped with the moment it was opened."""
    form = SignForm(Shape.of(campaign, signing), formdata=None)
    stamp(form, campaign, text.id if text is not None else None)
    return form


@bp.route("/c/<key>/sign", methods=["GET", "POST"])
@public
@csrf.exempt  # as above
@per_network("sign", "20 per minute; 120 per hour")
def sign(key: str) -> ResponseReturnValue:
    """Sign: its owner is asked by mail. The page that follows is the same for every address."""
    now = clock.now()
    if request.method == "POST":
        ready = kept_page(key)
        answer = _taken(key, ready.campaign, ready.shape, now) if ready is not None else None
        if answer is not None:
            return answer
    elif page := ready_page(key, lambda mark: _everybodys(key, mark, now), now):
        return page
    place = _place(key, now)
    if place.shape is None or state_of(place.signing, place.campaign, now=now) is not SigningState.OPEN:
        return _page(place, key, None)
    form = SignForm(place.shape)
    if form.is_submitted():
        answer = _taken(key, place.campaign.public_id, place.shape, now, form)
        if answer is not None:
            return answer
    stamp(form, place.campaign, place.text_id)
    return _page(place, key, form), 422 if form.errors or form.form_errors else 200


class _Changed(Exception):
    """The form asks something else by now."""


def _taken(
    key: str, campaign: str, shape: Shape, now: dt.datetime, form: SignForm | None = None
) -> ResponseReturnValue | None:
    """Take a form of this shape, and lead on; None when it is not taken: `form` then says why. Without `form`, the
    shape is as it was when the page was made, and whatever is wrong is looked at anew."""
    form = form or SignForm(shape)
    if not form.validate():
        return None
    refused = trap.refusal(campaign, str(form.stamp.data or ""), str(form.remarks.data or ""), now)
    if refused is not None:
        form.form_errors.append(str(refused))
        return None
    try:
        with transaction():
            place = _place(key, now)
            if place.shape != shape:
                raise _Changed
            locale = str(get_locale() or "en")
            service.ask_to_sign(place, form.wish(), locale=locale, now=now, network=request.remote_addr)
    except _Changed:
        return None
    except SignatureError as error:
        form.fail(error)
        return None
    nudge(SEND_MAIL)
    return redirect(url_for("signatures.asked", key=key), 303)


def _everybodys(key: str, mark: str, now: dt.datetime) -> tuple[str, Place] | None:
    """The page as it is kept ready, with a mark where the stamp belongs."""
    place = _place(key, now)
    if place.shape is None or state_of(place.signing, place.campaign, now=now) is not SigningState.OPEN:
        return None
    form = SignForm(place.shape, formdata=None)
    stamp(form, place.campaign, place.text_id)
    form.stamp.data = mark
    return _page(place, key, form), place


def _page(place: Place, key: str, form: SignForm | None) -> str:
    return render_template(
        "signatures/sign.html",
        campaign=place.campaign,
        key=key,
        form=form,
        text=campaigns.latest_text(place.campaign) if form else None,
        is_public=place.is_public,
    )


def _place(key: str, now: dt.datetime) -> Place:
    """Where this address leads, if it was ever opened for signing; else 404."""
    place = place_by_key(key)
    if place is None or state_of(place.signing, place.campaign, now=now) is SigningState.NEVER:
        abort(404)
    # Its address is a secret then: no referrer, not indexed, not cached (web/headers.py).
    g.token_page = not place.is_public
    return place


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


def stamp(form: SignForm, campaign: Campaign, text_id: int | None) -> None:
    """Say when the form was opened and which text it stands below; and empty the field that robots fill in."""
    form.stamp.data = trap.stamp(campaign.public_id, clock.now())
    form.text.data = str(text_id) if text_id is not None else ""
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
