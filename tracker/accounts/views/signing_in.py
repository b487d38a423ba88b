"""Signing in and out."""

from __future__ import annotations

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker import clock
from tracker.accounts import limits, passwords, queries, sign_ins
from tracker.accounts.access import current_account, public, safe_next
from tracker.accounts.forms import SignInForm
from tracker.accounts.models import Account
from tracker.accounts.views import bp
from tracker.accounts.views.second_step import arrive, enter
from tracker.accounts.views.waits import in_words
from tracker.db import db, transaction


@bp.route("/login", methods=["GET", "POST"])
@public
@limits.per_network("sign-in", "30 per minute; 200 per hour")
def login() -> ResponseReturnValue:
    """Sign in with address and password; the answer is the same whatever is wrong."""
    form = SignInForm()
    if request.method == "GET":
        form.next.data = request.args.get("next", "")
        if current_account() is not None:
            return redirect(safe_next(form.next.data))
    if not form.validate_on_submit():
        return render_template("accounts/login.html", form=form), 422 if form.errors else 200
    email = str(form.email.data)
    try:
        account, hash_ = _who(email, str(form.password.data))
    except limits.TooManyTries as wait:
        form.form_errors.append(in_words(wait))
        return render_template("accounts/login.html", form=form), 429, {"Retry-After": str(wait.seconds)}
    if account is None:
        form.form_errors.append(_("This address and password do not match an account here."))
        return render_template("accounts/login.html", form=form), 422
    number = account.id
    now = clock.now()
    with transaction():
        signed_in = db.session.get_one(Account, number)
        # Changed or disabled since it was checked, a moment ago.
        if not signed_in.active or signed_in.password != hash_:
            form.form_errors.append(_("This address and password do not match an account here."))
            return render_template("accounts/login.html", form=form), 422
        if passwords.is_outdated(hash_):
            signed_in.password = passwords.hashed(str(form.password.data))
        enter(signed_in, way="password", now=now)
    return arrive(signed_in, way="password", next_=form.next.data, kept=form.kept.data)


@bp.post("/logout")
@public
def logout() -> ResponseReturnValue:
    """End this sign-in, here and on the server."""
    with transaction():
        sign_ins.end()
    flash(_("You are signed out."), "success")
    # The browser forgets what it kept of these pages.
    return redirect("/login"), {"Clear-Site-Data": '"cache"'}


def _who(email: str, password: str) -> tuple[Account | None, str]:
    """Whose address and password these are, and the hash they matched. Takes as long for an unknown address."""
    limits.passwords.refuse_while_waiting(email)
    account = queries.account_by_email(email)
    hash_ = account.password if account is not None and account.active else None
    if not passwords.matches(password, hash_):
        limits.passwords.failed(email)
        return None, ""
    limits.passwords.succeeded(email)
    return account, hash_ or ""
