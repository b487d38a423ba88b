"""Addresses not to mail, for administrators: look one up by typing it, and take it off for a reason.

No address is ever in an address of ours or on a list: only keyed hashes are kept. Each look that found one, and each
taking off, stands in the access record.
"""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tracker import clock
from tracker.accounts.access import me, requires
from tracker.accounts.limits import per_account
from tracker.accounts.models import Reading, Role
from tracker.accounts.service import record_access
from tracker.accounts.views.proving import asked_each_time, proved_themselves
from tracker.db import transaction
from tracker.digests import lifting
from tracker.digests.forms import LiftForm, LookUpForm
from tracker.digests.service import DigestError
from tracker.mail import do_not_mail, outbox
from tracker.web.once import once

bp = Blueprint("unlisting", __name__, url_prefix="/digests/desk/do-not-mail")

Answer = tuple[str, int]
LOOKED = "whether an address may be written to"


@bp.get("")
@requires(Role.ADMINISTRATOR)
def index() -> Answer:
    """A field for an address."""
    return _page(LookUpForm(formdata=None))


@bp.post("")
@requires(Role.ADMINISTRATOR)
@per_account("do-not-mail", "30 per minute; 300 per hour")
def look() -> Answer:
    """Since when and why this address is not written to, and the way to take it off."""
    form = LookUpForm()
    if not form.validate_on_submit():
        return _page(form, status=422)
    address = form.email.data
    if do_not_mail.listed(address) is None:
        return _page(form, refusal=outbox.refusal(address), looked=True)
    with transaction():
        record_access(me(), campaign_id=None, reading=Reading.VIEWED, count=1, reason=LOOKED, now=clock.now())
    return _page(form, LiftForm(formdata=None, email=address))


@bp.post("/lift")
@requires(Role.ADMINISTRATOR)
@per_account("do-not-mail-lift", "30 per hour")
def lift() -> Answer | BaseResponse:
    """Take it off; the form asks for a reason and that it is really them."""
    form = LiftForm()
    if not form.validate_on_submit() or not proved_themselves(form):
        return _page(_asked(form), form, status=422)
    try:
        with transaction(), once(form) as saved:
            lifting.lift(form.email.data, by=me(), reason=form.reason.data, now=clock.now())
            saved.leads_to(url_for("unlisting.index"))
    except DigestError as error:
        asked = _asked(form)
        (asked if error.field == "email" else form).fail(error)
        return _page(asked, form, status=422)
    flash(_("The address may be written to again. Its owner has to follow anew to get digests."), "success")
    return redirect(saved.where)


def _asked(form: LiftForm) -> LookUpForm:
    return LookUpForm(formdata=None, email=form.email.data)


def _page(
    form: LookUpForm, lift_form: LiftForm | None = None, *, refusal: str | None = None, looked: bool = False,
    status: int = 200,
) -> Answer:  # fmt: skip
    page = render_template(
        "digests/unlisting.html",
        form=form,
        lift_form=lift_form,
        listed=do_not_mail.listed(lift_form.email.data or "") if lift_form is not None else None,
        looked=looked,
        refusal=refusal,
        total=do_not_mail.how_many(),
        asked=asked_each_time(),
    )
    return page, status
