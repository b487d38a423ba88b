"""One's own account: how one is called, the address, the password, where one is signed in, what one has read."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from tracker import clock
from tracker.accounts import limits, queries, service, sign_ins
from tracker.accounts.access import me, public, signed_in
from tracker.accounts.forms import ChangeEmailForm, ChangePasswordForm, PressForm, SettingsForm
from tracker.accounts.models import Account, LinkPurpose
from tracker.accounts.tokens import token_hash
from tracker.accounts.views import bp
from tracker.accounts.views.arriving import gone
from tracker.accounts.views.proving import gave_password
from tracker.db import db, transaction
from tracker.jobs import SEND_MAIL, nudge
from tracker.settings import config
from tracker.web.forms import BaseForm
from tracker.web.headers import token_page
from tracker.web.once import once

RECORDS_SHOWN, RECORDS_A_PAGE = 20, 50


@bp.route("/account", methods=["GET", "POST"])
@signed_in
def account() -> ResponseReturnValue:
    """Everything about one's own account on one page; name, zone and language are changed right here."""
    form = SettingsForm(obj=me())
    if form.validate_on_submit():
        number = me().id
        try:
            with transaction():
                service.change_settings(
                    db.session.get_one(Account, number),
                    name=str(form.name.data),
                    zone=str(form.zone.data),
                    locale=str(form.locale.data),
                    shortcuts=bool(form.shortcuts.data),
                )
        except service.AccountError as error:
            form.fail(error)
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("accounts.account"))
    return _page(settings=form)


@bp.post("/account/email")
@signed_in
@limits.per_account("new-address", "10 per hour; 30 per day")
def change_email() -> ResponseReturnValue:
    """Have a link mailed to a new address; the change happens when it is confirmed there."""
    form = ChangeEmailForm(prefix="email")
    if form.validate_on_submit() and gave_password(form):
        number = me().id
        try:
            with transaction(), once(form) as saved:
                service.ask_for_email_change(db.session.get_one(Account, number), str(form.email.data), now=clock.now())
                saved.leads_to(url_for("accounts.account"))
        except service.AccountError as error:
            form.fail(error)
        else:
            nudge(SEND_MAIL)
            flash(
                _(
                    "A link is on its way to %(email)s. Your address changes when you confirm it there.",
                    email=form.email.data,
                ),
                "info",
            )
            return redirect(saved.where)
    return _page(email=form)


@bp.route("/account/email/<token>", methods=["GET", "POST"])
@public
@token_page
@limits.per_network("follow-link", "20 per minute; 100 per hour")
def confirm_email(token: str) -> ResponseReturnValue:
    """Confirm a new address, by a button."""
    now = clock.now()
    link = queries.usable_link(token_hash(token), LinkPurpose.EMAIL_CHANGE, now=now)
    if link is None:
        return gone(str(service.LinkUsed()))
    form = PressForm()
    if form.validate_on_submit():
        try:
            with transaction():
                service.confirm_email_change(token, now=now)
        except service.AccountError as error:
            return gone(str(error))
        nudge(SEND_MAIL)
        flash(_("Your new address is confirmed. Sign in with it from now on."), "success")
        return redirect(url_for("accounts.account"))
    return render_template("accounts/confirm_email.html", form=form, email=link.email)


@bp.post("/account/password")
@signed_in
def change_password() -> ResponseReturnValue:
    """Another password; every other sign-in ends, this one gets a new id."""
    form = ChangePasswordForm(prefix="password")
    if form.validate_on_submit() and gave_password(form):
        number, now = me().id, clock.now()
        try:
            with transaction():
                account = db.session.get_one(Account, number)
                service.change_password(account, str(form.new_password.data), now=now)
                sign_ins.begin(account, way="password", now=now)
        except service.AccountError as error:
            form.fail(error)
        else:
            nudge(SEND_MAIL)
            flash(_("Your new password is saved. You are signed out everywhere else."), "success")
            return redirect(url_for("accounts.account"))
    return _page(password=form)


@bp.get("/account/access-record")
@signed_in
def own_access_record() -> ResponseReturnValue:
    """Every look at and every export of contact data of one's own, newest first."""
    page = db.paginate(queries.access_records(me()), per_page=RECORDS_A_PAGE, max_per_page=RECORDS_A_PAGE)
    return render_template("accounts/own_access_record.html", page=page)


@bp.post("/account/sign-ins/<public_id>/end")
@signed_in
def end_sign_in(public_id: str) -> ResponseReturnValue:
    """Sign out on another device."""
    number = me().id
    with transaction():
        ended = service.end_sign_in(db.session.get_one(Account, number), public_id)
    flash(_("Signed out there.") if ended else _("That sign-in was over already."), "success")
    return redirect(url_for("accounts.account", _anchor="sign-ins"))


@bp.post("/account/sign-ins/end-others")
@signed_in
def end_other_sign_ins() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    number, here = me().id, sign_ins.present()
    if here is None:
        abort(401)
    with transaction():
        count = service.end_other_sign_ins(db.session.get_one(Account, number), here)
    flash(ngettext("Signed out on %(num)d other device.", "Signed out on %(num)d other devices.", count), "success")
    return redirect(url_for("accounts.account", _anchor="sign-ins"))


def _page(
    *,
    settings: SettingsForm | None = None,
    email: ChangeEmailForm | None = None,
    password: ChangePasswordForm | None = None,
) -> ResponseReturnValue:
    account, now = me(), clock.now()
    here = sign_ins.present()
    forms: dict[str, BaseForm] = {
        "settings": settings or SettingsForm(formdata=None, obj=account),
        "email_form": email or ChangeEmailForm(formdata=None, prefix="email"),
        "password_form": password or ChangePasswordForm(formdata=None, prefix="password"),
    }
    failed = any(form.errors for form in (settings, email, password) if form is not None)
    page = render_template(
        "accounts/account.html",
        account=account,
        here=here,
        sign_ins=queries.sign_ins_of(account, config().durations, now=now),
        records=list(db.session.scalars(queries.access_records(account).limit(RECORDS_SHOWN))),
        **forms,
    )
    return page, 422 if failed else 200
