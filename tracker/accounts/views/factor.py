"""One's second factor: set up, new recovery codes, taken away. Opening the page changes nothing."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker import clock
from tracker.accounts import factor, limits, service, sign_ins
from tracker.accounts.access import me, safe_next, signed_in
from tracker.accounts.forms import ProveForm, SetUpFactorForm
from tracker.accounts.models import Account
from tracker.accounts.views import bp
from tracker.accounts.views.proving import gave_password, proved_themselves
from tracker.db import db, transaction
from tracker.jobs import SEND_MAIL, nudge
from tracker.sealing import SealError, keyring


@bp.route("/account/second-factor", methods=["GET", "POST"])
@signed_in
@limits.per_network("second-factor", "30 per minute; 200 per hour")
def second_factor() -> ResponseReturnValue:
    """Set it up: scan, type the code, keep the recovery codes. Where there is one: how it stands."""
    account = me()
    if account.has_factor:
        return _standing() if request.method == "GET" else redirect(url_for("accounts.second_factor"))
    form = SetUpFactorForm()
    secret = _opened(form.secret.data, account) if form.is_submitted() else None
    if secret is None:  # opened for the first time, or sealed for somebody else
        secret = factor.new_secret()
        form.secret.data = keyring().seal(secret, _place(account))
    if form.validate_on_submit() and gave_password(form):
        number, now = account.id, clock.now()
        try:
            with transaction():
                account = db.session.get_one(Account, number)
                codes = service.set_up_factor(account, secret, str(form.code.data), now=now)
                sign_ins.begin(account, way="factor", now=now)
        except service.AccountError as error:
            form.fail(error)
        else:
            nudge(SEND_MAIL)
            return _codes(codes, is_new=True)
    page = render_template(
        "accounts/second_factor_setup.html",
        form=form,
        account=account,
        secret=secret,
        qr=factor.qr_code(factor.address_of(secret, account)),
        is_needed=factor.is_lacking(account),
        later=safe_next(request.args.get("next")),
    )
    return page, 422 if form.errors else 200


@bp.post("/account/second-factor/codes")
@signed_in
def renew_recovery_codes() -> ResponseReturnValue:
    """Ten new recovery codes, shown once; the earlier ones work no more."""
    form = ProveForm(prefix="codes")
    if not me().has_factor:
        return redirect(url_for("accounts.second_factor"))
    if not form.validate_on_submit() or not proved_themselves(form):
        return _standing(codes_form=form)
    number = me().id
    with transaction():
        codes = service.renew_recovery_codes(db.session.get_one(Account, number), now=clock.now())
    nudge(SEND_MAIL)
    return _codes(codes, is_new=False)


@bp.post("/account/second-factor/remove")
@signed_in
def remove_factor() -> ResponseReturnValue:
    """Take it away, to set up another on another device or to do without."""
    form = ProveForm(prefix="remove")
    if not me().has_factor:
        return redirect(url_for("accounts.second_factor"))
    if not form.validate_on_submit() or not proved_themselves(form):
        return _standing(remove_form=form)
    number = me().id
    with transaction():
        service.remove_factor(db.session.get_one(Account, number), now=clock.now())
    nudge(SEND_MAIL)
    flash(_("Your second factor is gone. You can set up another here."), "success")
    return redirect(url_for("accounts.second_factor"))


def _codes(codes: list[str], *, is_new: bool) -> ResponseReturnValue:
    """Shown in the answer itself: they are kept nowhere, so that no second page could show them."""
    there = safe_next(request.args.get("next"))
    return render_template("accounts/recovery_codes.html", codes=codes, is_new=is_new, there=there)


def _standing(*, codes_form: ProveForm | None = None, remove_form: ProveForm | None = None) -> ResponseReturnValue:
    account = me()
    page = render_template(
        "accounts/second_factor.html",
        account=account,
        codes_left=len(account.mf_recovery_codes or []),
        is_needed=factor.is_required() and account.needs_factor,
        codes_form=codes_form or ProveForm(formdata=None, prefix="codes"),
        remove_form=remove_form or ProveForm(formdata=None, prefix="remove"),
    )
    return page, 422 if codes_form or remove_form else 200


def _opened(sealed: str | None, account: Account) -> str | None:
    if not sealed or len(sealed) > 1000:
        return None
    try:
        return keyring().open(sealed, _place(account))
    except SealError:
        return None


def _place(account: Account) -> str:
    return f"second factor to be|{account.public_id}"
