"""For administrators: who belongs here, what they may do, and the record of who read contact data."""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm.exc import StaleDataError

from tracker import clock
from tracker.accounts import limits, queries, service
from tracker.accounts.access import me, requires
from tracker.accounts.forms import InviteForm, PartForm
from tracker.accounts.models import Account, Invitation, Role
from tracker.accounts.names import display_name
from tracker.accounts.views import bp
from tracker.db import db, forget_deleted, transaction
from tracker.jobs import SEND_MAIL, nudge
from tracker.web.once import once
from tracker.web.pressing import press

RECORDS_A_PAGE = 50


@bp.get("/people")
@requires(Role.ADMINISTRATOR)
def people() -> ResponseReturnValue:
    """Everybody with an account, and whoever was invited."""
    return render_template(
        "accounts/people.html",
        accounts=list(db.session.scalars(queries.accounts())),
        invitations=list(db.session.scalars(queries.open_invitations())),
        now=clock.now(),
    )


@bp.route("/people/invite", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
@limits.per_account("invite", "60 per hour")
def invite() -> ResponseReturnValue:
    """Invite somebody by mail."""
    form = InviteForm()
    if form.validate_on_submit():
        actor = me().id
        try:
            with transaction(), once(form) as saved:
                service.invite(
                    str(form.email.data),
                    role=Role(form.role.data),
                    name=str(form.name.data or ""),
                    actor=db.session.get_one(Account, actor),
                    now=clock.now(),
                )
                saved.leads_to(url_for("accounts.people"))
        except service.AccountError as error:
            form.fail(error)
        else:
            nudge(SEND_MAIL)
            flash(_("An invitation is on its way to %(email)s.", email=form.email.data), "success")
            return redirect(saved.where)
    return render_template("accounts/invite.html", form=form), 422 if form.errors else 200


@bp.route("/people/<public_id>", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def person(public_id: str) -> ResponseReturnValue:
    """One person's role and permissions."""
    found = _found(public_id)
    form = PartForm(obj=found)
    if request.method == "GET":
        form.role.data, form.version.data = found.role.value, str(found.version)
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                account = _found(public_id)
                if form.version_number not in (None, account.version):
                    raise service.AccountError(_("Somebody else changed this meanwhile. Look at it again."))
                service.change_part(
                    account,
                    role=Role(form.role.data),
                    may_see_contacts=bool(form.may_see_contacts.data),
                    may_export=bool(form.may_export.data),
                )
                saved.leads_to(url_for("accounts.people"))
        except (service.AccountError, StaleDataError) as error:
            form.fail(error)
        else:
            flash(_("Saved."), "success")
            return redirect(saved.where)
    page = render_template("accounts/person.html", form=form, person=_found(public_id), is_me=found.id == me().id)
    return page, 422 if form.errors else 200


@bp.post("/people/<public_id>/disable")
@requires(Role.ADMINISTRATOR)
def disable(public_id: str) -> ResponseReturnValue:
    """Shut somebody out at once."""
    return _do(public_id, service.disable, _("%(name)s can no longer sign in."))


@bp.post("/people/<public_id>/reset-factor")
@requires(Role.ADMINISTRATOR)
def reset_factor(public_id: str) -> ResponseReturnValue:
    """Take away the second factor of somebody who lost it; they are signed out everywhere, and told by mail."""
    if _found(public_id).id == me().id:
        abort(403)  # one's own goes with a code, or by another administrator: a browser left open is not enough
    answer = _do(
        public_id,
        lambda found: service.reset_factor(found, now=clock.now()),
        _("The second factor of %(name)s is gone. They are told by mail, and set up another when they sign in."),
    )
    nudge(SEND_MAIL)
    return answer


@bp.post("/people/<public_id>/enable")
@requires(Role.ADMINISTRATOR)
def enable(public_id: str) -> ResponseReturnValue:
    """Let somebody in again."""
    return _do(public_id, lambda found: service.enable(found, now=clock.now()), _("%(name)s can sign in again."))


@bp.post("/invitations/<public_id>/resend")
@requires(Role.ADMINISTRATOR)
@limits.per_account("invite", "60 per hour")
def resend_invitation(public_id: str) -> ResponseReturnValue:
    """Send an invitation again, with a new link."""
    return _do_to_invitation(
        public_id, lambda found: service.resend_invitation(found, now=clock.now()), _("Sent again to %(email)s.")
    )


@bp.post("/invitations/<public_id>/revoke")
@requires(Role.ADMINISTRATOR)
def revoke_invitation(public_id: str) -> ResponseReturnValue:
    """Take an invitation back."""
    return _do_to_invitation(
        public_id,
        lambda found: service.revoke_invitation(found, now=clock.now()),
        _("The invitation to %(email)s is taken back."),
    )


@bp.get("/access-record")
@requires(Role.ADMINISTRATOR)
def access_record() -> ResponseReturnValue:
    """Who saw or exported contact data, newest first. Nobody edits it; a reason that names somebody can be emptied."""
    page = db.paginate(queries.access_records(), per_page=RECORDS_A_PAGE, max_per_page=RECORDS_A_PAGE)
    return render_template("accounts/access_record.html", page=page, readers=queries.names_of_readers(page.items))


@bp.post("/access-record/<int:number>/blank")
@requires(Role.ADMINISTRATOR)
def blank_reason(number: int) -> ResponseReturnValue:
    """Empty a reason that names somebody, for good."""
    actor, now = me().id, clock.now()

    def blank() -> None:
        record = queries.access_record_by_id(number) or abort(404)
        service.blank_reason(record, actor=db.session.get_one(Account, actor), now=now)

    return press(
        blank,
        leads_to=url_for("accounts.access_record", page=request.args.get("page", 1, type=int)),
        said=_("Destroyed for good. Who it was, when, and that the words were removed stays."),
        refused=service.AccountError,
        then=forget_deleted,
    )


def _found(public_id: str) -> Account:
    account = queries.account_by_public_id(public_id)
    if account is None:
        abort(404)
    return account


def _do(public_id: str, verb: Callable[[Account], None], words: str) -> ResponseReturnValue:
    where = url_for("accounts.person", public_id=public_id)
    try:
        with transaction(), once() as saved:
            account = _found(public_id)
            verb(account)
            saved.leads_to(where)
            name = display_name(account, for_outsiders=False)
    except service.AccountError as error:
        flash(str(error), "danger")
    else:
        flash(words % {"name": name}, "success")
    return redirect(where)


def _do_to_invitation(public_id: str, verb: Callable[[Invitation], None], words: str) -> ResponseReturnValue:
    where = url_for("accounts.people")
    try:
        with transaction(), once() as saved:
            found = queries.invitation_by_public_id(public_id)
            if found is None:
                abort(404)
            verb(found)
            saved.leads_to(where)
            email = found.email
    except service.AccountError as error:
        flash(str(error), "danger")
    else:
        nudge(SEND_MAIL)
        flash(words % {"email": email}, "success")
    return redirect(where)
