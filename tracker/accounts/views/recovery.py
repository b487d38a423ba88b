"""Ways back in by mail: a sign-in link, a new password. The page says the same for every address."""

from __future__ import annotations

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker import clock
from tracker.accounts import limits, queries, service
from tracker.accounts.access import public
from tracker.accounts.forms import AddressForm, NewPasswordForm, PressForm
from tracker.accounts.models import LinkPurpose
from tracker.accounts.tokens import token_hash
from tracker.accounts.views import bp
from tracker.accounts.views.arriving import gone
from tracker.accounts.views.second_step import arrive, enter
from tracker.db import transaction
from tracker.jobs import SEND_MAIL, nudge
from tracker.web.headers import token_page


@bp.route("/login/link", methods=["GET", "POST"])
@public
@limits.per_network("mailed-link", "10 per minute; 40 per hour")
def ask_for_link() -> ResponseReturnValue:
    """Have a sign-in link mailed."""
    return _mail_a_link("accounts/ask_for_link.html", service.ask_for_sign_in_link)


@bp.route("/login/link/<token>", methods=["GET", "POST"])
@public
@token_page
@limits.per_network("follow-link", "20 per minute; 100 per hour")
def follow_link(token: str) -> ResponseReturnValue:
    """Sign in by the mailed link: the page has a button, since mail gateways open links."""
    now = clock.now()
    if queries.usable_link(token_hash(token), LinkPurpose.SIGN_IN, now=now) is None:
        return gone(str(service.LinkUsed()))
    form = PressForm()
    if form.validate_on_submit():
        try:
            with transaction():
                account = service.follow_sign_in_link(token, now=now)
                enter(account, way="email", now=now)
        except service.LinkUsed as error:
            return gone(str(error))
        return arrive(account, way="email")
    return render_template("accounts/follow_link.html", form=form)


@bp.route("/reset", methods=["GET", "POST"])
@public
@limits.per_network("mailed-link", "10 per minute; 40 per hour")
def ask_for_reset() -> ResponseReturnValue:
    """Have a link for a new password mailed."""
    return _mail_a_link("accounts/ask_for_reset.html", service.ask_for_reset)


@bp.route("/reset/<token>", methods=["GET", "POST"])
@public
@token_page
@limits.per_network("follow-link", "20 per minute; 100 per hour")
def reset(token: str) -> ResponseReturnValue:
    """Choose a new password by the mailed link; every other sign-in of the account ends."""
    now = clock.now()
    if queries.usable_link(token_hash(token), LinkPurpose.RESET, now=now) is None:
        return gone(str(service.LinkUsed()))
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            with transaction():
                account = service.reset_password(token, str(form.new_password.data), now=now)
                limits.passwords.succeeded(account.email)
                is_in = enter(account, way="password", now=now)
        except service.LinkUsed as error:
            return gone(str(error))
        except service.AccountError as error:
            form.fail(error)
        else:
            nudge(SEND_MAIL)
            if is_in:
                said = _("Your new password is saved. You are signed in here and signed out everywhere else.")
            else:
                said = _("Your new password is saved, and you are signed out everywhere. One more step to sign in.")
            flash(said, "success")
            return arrive(account, way="password")
    return render_template("accounts/reset.html", form=form), 422 if form.errors else 200


def _mail_a_link(template: str, ask: service.AskForLink) -> ResponseReturnValue:
    form = AddressForm()
    if form.validate_on_submit():
        try:
            with transaction():
                ask(str(form.email.data), now=clock.now())
        except service.AccountError as error:
            form.fail(error)
        else:
            nudge(SEND_MAIL)
            return render_template("accounts/link_mailed.html", email=form.email.data)
    return render_template(template, form=form), 422 if form.errors else 200
