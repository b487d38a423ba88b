"""First steps: the set-up link, an invitation. Opening one changes nothing; the button does."""

from __future__ import annotations

from flask import flash, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker import clock
from tracker.accounts import limits, queries, service
from tracker.accounts.access import public
from tracker.accounts.forms import AcceptForm, SetUpForm
from tracker.accounts.models import LinkPurpose, Role
from tracker.accounts.service.invitations import NEEDS_PASSWORD
from tracker.accounts.tokens import token_hash
from tracker.accounts.views import bp
from tracker.accounts.views.second_step import arrive, enter
from tracker.db import transaction
from tracker.web.headers import token_page


@bp.route("/setup/<token>", methods=["GET", "POST"])
@public
@token_page
@limits.per_network("setup", "10 per minute; 60 per hour")
def set_up(token: str) -> ResponseReturnValue:
    """Become the first administrator."""
    now = clock.now()
    if queries.usable_link(token_hash(token), LinkPurpose.SETUP, now=now) is None or queries.other_administrators():
        return gone(_("This set-up link has been used, or is too old. Starting the tracker again prints a new one."))
    form = SetUpForm()
    if form.validate_on_submit():
        try:
            with transaction():
                account = service.set_up(
                    token,
                    email=str(form.email.data),
                    name=str(form.name.data),
                    password=str(form.password.data),
                    zone=str(form.zone.data),
                    now=now,
                )
                enter(account, way="password", now=now)
        except service.AccountError as error:
            form.fail(error)
        else:
            flash(_("Welcome. You are the administrator of this tracker."), "success")
            return arrive(account, way="password")
    return render_template("accounts/setup.html", form=form), 422 if form.errors else 200


@bp.route("/invitations/<token>", methods=["GET", "POST"])
@public
@token_page
@limits.per_network("invitation", "10 per minute; 60 per hour")
def accept(token: str) -> ResponseReturnValue:
    """Accept an invitation: choose a name or handle, and a password."""
    now = clock.now()
    invitation = queries.usable_invitation(token_hash(token), now=now)
    if invitation is None:
        return gone(
            _("This invitation has been used or taken back, or is too old. Ask whoever invited you for another.")
        )
    form = AcceptForm(data={"name": invitation.name})
    needs_password = invitation.role is not Role.VIEWER
    form.password.flags.required = needs_password
    facts = {"email": invitation.email, "role": invitation.role, "needs_password": needs_password}
    if form.validate_on_submit():
        try:
            with transaction():
                account = service.accept_invitation(
                    token,
                    name=str(form.name.data),
                    password=form.password.data or None,
                    zone=str(form.zone.data),
                    now=now,
                )
                enter(account, way="invitation", now=now)
        except service.LinkUsed as error:
            return gone(str(error))
        except service.AccountError as error:
            form.fail(error)
        else:
            flash(_("Welcome."), "success")
            return arrive(account, way="password")
    if form.is_submitted() and needs_password and not form.password.data and not form.password.errors:
        form.password.errors = [str(NEEDS_PASSWORD)]
    return render_template("accounts/invitation.html", form=form, **facts), 422 if form.errors else 200


def gone(words: str) -> ResponseReturnValue:
    """A link that no longer works: what happened, and what to do."""
    return render_template("accounts/link_over.html", words=words), 410
