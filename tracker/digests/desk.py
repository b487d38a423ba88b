"""The desk: is anything late, what became of each run, what would be sent now; pause, resume, send again, test.

For organisers and administrators. Addresses are masked; whoever may see contact data unmasks one page with a reason,
and the access record says so (safety.md, 7).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as BaseResponse

from tracker import clock
from tracker.accounts.access import ask_for_factor, me, requires
from tracker.accounts.limits import per_account
from tracker.accounts.models import Reading, Role
from tracker.accounts.service.records import record_access
from tracker.db import db, transaction
from tracker.digests import desk_queries, foreseeing, queries, resending, service, watching
from tracker.digests.forms import AddressesForm, PauseForm
from tracker.digests.models import Digest, DigestRun
from tracker.digests.sending import address_of
from tracker.digests.service import DigestError
from tracker.digests.views import framed
from tracker.digests.words import masked
from tracker.instance import SENDING_PAUSED, setting
from tracker.jobs import SEND_MAIL, SWEEP, nudge
from tracker.mail import outbox
from tracker.mail.models import EmailKind
from tracker.mail.render import Message, render
from tracker.settings import config
from tracker.timeline.queries import day_in
from tracker.web.once import once

bp = Blueprint("desk", __name__, url_prefix="/digests/desk")

RUNS_A_PAGE, DIGESTS_A_PAGE, FORESEEN_A_PAGE = 20, 100, 25
TEAM = (Role.ADMINISTRATOR, Role.ORGANISER)
# Words of ours before the subject, so that no mailbox rule takes a test for a digest.
TEST_SUBJECT = "[Test] "


@bp.get("")
@requires(*TEAM)
def index() -> str:
    """Warnings, the switch, and the runs."""
    return _index(PauseForm(formdata=None))


@bp.post("/pause")
@requires(Role.ADMINISTRATOR)
def pause() -> BaseResponse | tuple[str, int]:
    """Let all sending rest, and say why."""
    form = PauseForm()
    if not form.validate_on_submit():
        return _index(form), 422
    with transaction(), once(form) as saved:
        service.pause_sending(form.reason.data, now=clock.now())
        saved.leads_to(url_for("desk.index"))
    flash(_("Sending rests; what falls due waits."), "success")
    return redirect(saved.where)


@bp.post("/resume")
@requires(Role.ADMINISTRATOR)
def resume() -> BaseResponse:
    """Send again; with `without`, not the digests that wait."""
    now = clock.now()
    try:
        with transaction(), once() as saved:
            saved.leads_to(url_for("desk.index"))
            if request.form.get("without") == "waiting":
                left = resending.resume_without_waiting(now=now)
                said = ngettext("%(num)d digest was left out.", "%(num)d digests were left out.", left)
            else:
                service.resume_sending(now=now)
                said = _("What has waited goes first.")
    except DigestError as error:
        nudge(SWEEP)
        flash(str(error), "error")
        return redirect(url_for("desk.index"))
    nudge(SEND_MAIL)
    flash(_("Sending goes on.") + " " + said, "success")
    return redirect(saved.where)


@bp.post("/test")
@requires(*TEAM)
@per_account("desk-test", "5 per minute; 30 per hour")
def test() -> BaseResponse:
    """A mail to myself: what my digest would say now, or a few words when it would say nothing. Consumes nothing."""
    now, account = clock.now(), me()
    with transaction(), once() as saved:
        saved.leads_to(url_for("desk.index"))
        if (reason := outbox.refusal(account.email)) is not None:
            flash(_("Not sent: %(reason)s", reason=reason), "error")
            return redirect(saved.where)
        subscriber = queries.subscriber_of(account)
        found = foreseeing.foresee(subscriber, now=now) if subscriber is not None else None
        if subscriber is not None and found is not None and found.gathered is not None:
            message = foreseeing.filled(found.gathered, subscriber)
        else:
            message = render("test", locale=account.locale)
        message = dataclasses.replace(message, subject=TEST_SUBJECT + message.subject)
        outbox.put(message, to=account.email, kind=EmailKind.TEST, now=now)
    nudge(SEND_MAIL)
    rests = setting(SENDING_PAUSED) is not None
    flash(_("The test waits until sending goes on.") if rests else _("The test is on its way to you."), "success")
    return redirect(saved.where)


@bp.get("/foreseen")
@requires(*TEAM)
def foreseen() -> str:
    """What would be sent if every digest fell due now: who would get a mail, who would not, and why."""
    now = clock.now()
    page = db.paginate(foreseeing.receivers(), per_page=FORESEEN_A_PAGE, max_per_page=FORESEEN_A_PAGE)
    rows = foreseeing.foresee_all(page.items, now=now)
    return render_template("digests/foreseen.html", page=page, rows=rows, counts=foreseeing.tally(rows), masked=masked)


@bp.get("/foreseen/<public_id>")
@requires(Role.ADMINISTRATOR)
def foreseen_one(public_id: str) -> str:
    """What one person would be sent now, in words only if I may see all of it myself."""
    found, message = _foreseen(public_id)
    return render_template(
        "digests/foreseen_one.html", found=found, message=message, masked=masked, not_yours=foreseeing.NOT_YOURS
    )


@bp.get("/foreseen/<public_id>/mail")
@requires(Role.ADMINISTRATOR)
def foreseen_mail(public_id: str) -> Response:
    """The same as the mail's HTML part, for the frame."""
    _found, message = _foreseen(public_id)
    return framed(message.html if message else "")


def _foreseen(public_id: str) -> tuple[foreseeing.Foreseen, Message | None]:
    subscriber, now, account = desk_queries.subscriber_by_public_id(public_id), clock.now(), me()
    if subscriber is None:
        abort(404)
    found = foreseeing.foresee(subscriber, now=now)
    if found.gathered and foreseeing.may_read(account, found.gathered, today=day_in(account.zone, now)):
        return found, foreseeing.shown(found.gathered, subscriber)
    return found, None


@bp.route("/runs/<public_id>", methods=["GET", "POST"])
@requires(*TEAM)
def run(public_id: str) -> str | tuple[str, int]:
    """Every receiver's part in one run. Posted with a reason, the page shows whole addresses, and that is recorded."""
    found = queries.run_by_public_id(public_id)
    if found is None:
        abort(404)
    if request.method == "GET":
        return _run(found, AddressesForm(formdata=None))
    account, form = me(), AddressesForm()
    if not account.may_see_contacts:
        abort(403)
    ask_for_factor()
    if not form.validate_on_submit():
        return _run(found, form), 422
    with transaction():
        addresses = {one.id: address_of(one.subscriber) for one in _digests(found).items}
        record_access(
            account,
            campaign_id=None,
            reading=Reading.VIEWED,
            count=sum(1 for address in addresses.values() if address),
            reason=form.reason.data,
            now=clock.now(),
        )
    return _run(found, form, addresses)


@bp.post("/digests/<public_id>/resend")
@requires(*TEAM)
@per_account("desk-resend", "30 per minute; 300 per hour")
def resend(public_id: str) -> BaseResponse:
    """Send one digest once more; who asked is recorded."""
    now = clock.now()
    with transaction(), once() as saved:
        digest = desk_queries.digest_by_public_id(public_id)
        if digest is None:
            abort(404)
        saved.leads_to(url_for("desk.run", public_id=digest.run.public_id))
        try:
            with db.session.begin_nested():
                record = resending.resend(digest, by=me(), now=now)
            is_same = record.is_same
            said, tone = (
                _("The same mail goes out once more, marked as a second copy.")
                if is_same
                else _("It is composed anew from what its receiver has not been told, and sent."),
                "success",
            )
        except DigestError as error:
            said, tone = str(error), "error"
    nudge(SEND_MAIL)
    nudge(SWEEP)
    flash(said, tone)
    return redirect(saved.where)


def _index(form: PauseForm) -> str:
    now = clock.now()
    page = db.paginate(queries.runs(), per_page=RUNS_A_PAGE, max_per_page=RUNS_A_PAGE)
    found = watching.standing(now)
    return render_template(
        "digests/desk.html",
        page=page,
        counts=queries.counts_of([one.id for one in page.items]),
        paused=found.paused,
        waiting=resending.waiting_count() if found.paused is not None else 0,
        concerns=[one for one in watching.concerns(found, never_ran=False) if one.about != "sending"],
        beats=found.beats,
        spoken=watching.spoken,
        form=form,
    )


def _digests(found: DigestRun) -> Any:
    state = request.args.get("state", "")
    wanted = desk_queries.digests_of(found, desk_queries.GROUPS.get(state))
    return db.paginate(wanted, per_page=DIGESTS_A_PAGE, max_per_page=DIGESTS_A_PAGE)


def _run(found: DigestRun, form: AddressesForm, addresses: dict[int, str | None] | None = None) -> str:
    page = _digests(found)
    return render_template(
        "digests/run.html",
        run=found,
        page=page,
        state=request.args.get("state", "") if request.args.get("state", "") in desk_queries.GROUPS else "",
        groups=desk_queries.group_counts(found),
        counts=queries.counts_of([found.id])[found.id],
        reasons=desk_queries.reasons_of(found),
        resends=desk_queries.resends_of([one.id for one in page.items]),
        may_again=resending.AGAIN,
        holds_unknown=config().mail.holds_unknown,
        receiver=_receiver(addresses),
        addresses=addresses,
        form=form,
        may_see_contacts=me().may_see_contacts,
    )


def _receiver(addresses: dict[int, str | None] | None) -> Callable[[Digest], str]:
    def name(digest: Digest) -> str:
        address = addresses.get(digest.id) if addresses is not None else address_of(digest.subscriber)
        if address is None:
            gone = _("an account that is not in use") if digest.subscriber.account_id else _("an erased address")
            return str(gone)
        return address if addresses is not None else masked(address)

    return name
