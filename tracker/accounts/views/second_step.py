"""The second step of signing in: a code, after a password or a mailed link was right."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker import clock
from tracker.accounts import emails, factor, kept_form, limits, queries, service, sign_ins
from tracker.accounts.access import public, safe_next
from tracker.accounts.forms import CodeForm
from tracker.accounts.models import Account
from tracker.accounts.service.factor import WRONG_CODE, locked
from tracker.accounts.views import bp
from tracker.accounts.views.waits import in_words
from tracker.db import transaction
from tracker.jobs import SEND_MAIL, nudge
from tracker.sealing import SealError, keyring
from tracker.settings import config

PLACE = "second step"


def enter(account: Account, *, way: str, now: dt.datetime) -> bool:
    """Sign this browser in, unless a code is still to come. Inside a transaction; then answer with `arrive`."""
    if account.has_factor:
        return False
    sign_ins.begin(account, way=way, now=now)
    return True


def arrive(account: Account, *, way: str, next_: str | None = None, kept: str | None = None) -> ResponseReturnValue:
    """After `enter`: the page that asks for the code; else the form that waits, the set-up of a second factor that is
    needed, or the page that was asked for."""
    if account.has_factor:
        return _ask(
            CodeForm(formdata=None, data={"step": _seal(account, way), "next": next_ or "", "kept": kept or ""})
        )
    return _lead_on(account, next_, kept)


@bp.get("/login/code")
@public
def code_page() -> ResponseReturnValue:
    """A page of its own it is not: signing in begins with the password."""
    return redirect(url_for("accounts.login"))


@bp.post("/login/code")
@public
@limits.per_network("sign-in", "30 per minute; 200 per hour")
def give_code() -> ResponseReturnValue:
    """Sign in with the code. Whatever is wrong with it, the answer is the same."""
    form = CodeForm()
    step = _opened(form.step.data, now=clock.now())
    account = queries.account_by_public_id(str(step["account"])) if step else None
    if step is None or account is None or not _still_counts(account, step):
        flash(_("That took too long, or something changed meanwhile. Please begin again."), "warning")
        return redirect(url_for("accounts.login", next=safe_next(form.next.data)))
    if not form.validate_on_submit():
        return _ask(form, 422)
    try:
        limits.codes.refuse_while_waiting(account.email)
    except limits.TooManyTries as wait:
        form.form_errors.append(in_words(wait))
        return _ask(form, 429, wait.seconds)
    number, now = account.id, clock.now()
    with transaction():
        signed_in = locked(number)
        passed = (
            signed_in is not None
            and _still_counts(signed_in, step)
            and service.passes_factor(signed_in, str(form.code.data), now=now)
        )
        if passed:
            assert signed_in is not None
            sign_ins.begin(signed_in, way=str(step["way"]), now=now)
    if not passed or signed_in is None:
        _failed(account)
        form.code.errors = [str(WRONG_CODE)]
        return _ask(form, 422)
    limits.codes.succeeded(account.email)
    nudge(SEND_MAIL)
    return _lead_on(signed_in, form.next.data, form.kept.data)


def _failed(account: Account) -> None:
    """Count it; whoever owns the account learns that somebody guesses, once a row of failures."""
    if limits.codes.failed(account.email) == config().durations.free_tries:
        number = account.id
        with transaction():
            owner = locked(number)
            if owner is not None:
                emails.factor_changed(owner, emails.FactorNews.GUESSED, now=clock.now())
        nudge(SEND_MAIL)


def _lead_on(account: Account, next_: str | None, kept: str | None) -> ResponseReturnValue:
    waiting = kept_form.unseal(kept, account)
    if waiting is not None:
        return render_template("accounts/kept_form.html", waiting=waiting)
    if factor.is_lacking(account):
        return redirect(url_for("accounts.second_factor", next=safe_next(next_)))
    return redirect(safe_next(next_))


def _ask(form: CodeForm, status: int = 200, wait: int | None = None) -> ResponseReturnValue:
    form.code.data = ""
    headers = {} if wait is None else {"Retry-After": str(wait)}
    return render_template("accounts/code.html", form=form), status, headers


def _seal(account: Account, way: str) -> str:
    """That this browser gave the right password just now. It goes through the page: there is no sign-in row yet."""
    said = {"account": account.public_id, "was": account.fs_uniquifier, "way": way, "at": clock.now().timestamp()}
    return keyring().seal(json.dumps(said), PLACE)


def _opened(sealed: str | None, *, now: dt.datetime) -> dict[str, Any] | None:
    if not sealed or len(sealed) > 2000:
        return None
    try:
        step: dict[str, Any] = json.loads(keyring().open(sealed, PLACE))
    except SealError:
        return None
    age = now.timestamp() - step["at"]
    return step if -60 <= age <= config().durations.second_step.total_seconds() else None


def _still_counts(account: Account, step: dict[str, Any]) -> bool:
    """Whether nobody changed the password, disabled the account or reset the factor since."""
    return account.active and account.has_factor and account.fs_uniquifier == step["was"]
