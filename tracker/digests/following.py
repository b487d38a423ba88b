"""Pages on which somebody without an account follows a public campaign: the form, and the button in the mail."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from tracker import clock
from tracker.accounts.access import public
from tracker.accounts.forms import PressForm
from tracker.accounts.limits import per_network
from tracker.accounts.service import AccountError
from tracker.accounts.service.people import checked_address
from tracker.campaigns.models import Campaign, Visibility
from tracker.campaigns.queries import campaign_by_slug
from tracker.db import transaction
from tracker.digests import joining, links
from tracker.digests.forms import FollowForm
from tracker.digests.models import Frequency
from tracker.digests.service import DigestError
from tracker.digests.words import FREQUENCY_WORDS
from tracker.jobs import SEND_MAIL, nudge
from tracker.web.headers import token_page

bp = Blueprint("following", __name__)


@bp.route("/c/<key>/follow", methods=["GET", "POST"])
@public
@per_network("follow", "10 per minute; 40 per hour")
def ask(key: str) -> ResponseReturnValue:
    """Type an address; its owner is asked by mail. The page says the same for every address."""
    campaign = _public_campaign(key)
    form = FollowForm()
    if form.validate_on_submit():
        try:
            address = checked_address(str(form.email.data))
            with transaction():
                joining.ask(
                    address,
                    _public_campaign(key),
                    frequency=Frequency(form.frequency.data),
                    locale=str(get_locale() or "en"),
                    now=clock.now(),
                )
        except AccountError as error:
            form.fail(error)
        else:
            nudge(SEND_MAIL)
            return render_template("digests/asked.html", campaign=campaign, email=form.email.data)
    return render_template("digests/follow.html", campaign=campaign, form=form), 422 if form.errors else 200


@bp.route("/follow/<token>", methods=["GET", "POST"])
@public
@token_page
@per_network("follow-link", "20 per minute; 100 per hour")
def confirm(token: str) -> ResponseReturnValue:
    """The owner of the address says yes with a button, since mail gateways open links."""
    now = clock.now()
    request = joining.request_of(token, now=now)
    if request is None:
        return render_template("digests/over.html", words=str(joining.OVER)), 410
    form = PressForm()
    if form.validate_on_submit():
        try:
            with transaction():
                subscriber = joining.confirm(token, now=now)
                manage = links.token(subscriber, links.MANAGE)
        except DigestError as error:
            return render_template("digests/over.html", words=str(error)), 410
        flash(_("From now on you hear of it. Here you say when, and end it."), "success")
        return redirect(url_for("leaving.manage", token=manage), 303)
    often = str(FREQUENCY_WORDS[request.frequency])
    return render_template("digests/confirm.html", campaign=request.campaign, form=form, often=often)


def _public_campaign(key: str) -> Campaign:
    campaign, _former = campaign_by_slug(key)
    if campaign is None or campaign.deleted_at is not None or campaign.visibility is not Visibility.PUBLIC:
        abort(404)
    return campaign
