"""The mail folder as pages: every mail as its receiver would see it. Only while MAIL_URL is a folder.

For administrators alone: mails hold sign-in and reset links, and whoever reads those can be anybody. Mails to people of
the team, whose addresses stand on the page of people anyway, are shown at once. Where a mail to anybody else goes, and
what it says (its links open what is kept of a signatory), is contact data: shown for a reason, to who may see contact
data and proved anew who they are, and written in the access record (safety.md, 7).
"""

from __future__ import annotations

import datetime as dt
from email import message_from_bytes, policy
from email.message import EmailMessage

from flask import Blueprint, Response, abort, render_template, session
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.accounts.access import me, requires
from tracker.accounts.forms import LookForm
from tracker.accounts.models import Reading, Role
from tracker.accounts.queries import addresses_of_team
from tracker.accounts.service import record_access
from tracker.accounts.views.proving import asked_again, proved_lately_or_now
from tracker.db import db, transaction
from tracker.digests.views import framed
from tracker.mail import queries
from tracker.mail.letter import letter
from tracker.mail.models import Email, EmailKind
from tracker.mail.unsealed import opened, receiver_of
from tracker.sealing import SealError
from tracker.sealing.keyring import canonical_address
from tracker.settings import config

bp = Blueprint("mail", __name__, url_prefix="/mail")

MAILS_A_PAGE = 50
TO_SIGNERS = frozenset({EmailKind.CONFIRMATION, EmailKind.UPDATE, EmailKind.WORK_CODE})
LOOKED_AT = "mail_looked_at"  # in the signed cookie: which mail was opened with a reason, and when


@bp.get("")
@requires(Role.ADMINISTRATOR)
def index() -> str:
    """All mails, the latest first; of those to others than the team only what they are about."""
    page = db.paginate(queries.mails(), per_page=MAILS_A_PAGE, max_per_page=MAILS_A_PAGE)
    mails = [(email, opened(email)) for email in page.items]
    team = addresses_of_team([mail.to for _email, mail in mails if mail])
    rows = [(email, mail, mail and _is_of_team(email, mail.to, team)) for email, mail in mails]
    return render_template("mail/index.html", rows=rows, page=page)


@bp.route("/<public_id>", methods=["GET", "POST"])
@requires(Role.ADMINISTRATOR)
def show(public_id: str) -> ResponseReturnValue:
    """One mail: HTML in a frame that can do nothing, text, and all headers. One to others than the team is opened by a
    form, with a reason."""
    email, form = _email(public_id), LookForm()
    if _is_to_team(email):
        return _page(email, _message(email))
    if not form.is_submitted():
        return _page(email, None, form=form)
    if not me().may_see_contacts:
        abort(403)
    if not form.validate_on_submit() or not proved_lately_or_now(form):
        return _page(email, None, form=form), 422
    now = clock.now()
    with transaction():
        record_access(
            me(),
            campaign_id=None,
            reading=Reading.VIEWED,
            count=1,
            reason=str(form.reason.data),
            now=now,
        )
    session[LOOKED_AT] = [public_id, int(now.timestamp())]
    email = _email(public_id)
    return _page(email, _message(email))


@bp.get("/<public_id>/html")
@requires(Role.ADMINISTRATOR)
def show_html(public_id: str) -> Response:
    """The HTML part, for the frame."""
    email = _email(public_id)
    message = _message(email) if _is_to_team(email) or _was_opened(email, now=clock.now()) else None
    if message is None:
        abort(404)
    return framed(_part(message, "html"))


def _page(email: Email, message: EmailMessage | None, *, form: LookForm | None = None) -> str:
    return render_template(
        "mail/show.html",
        email=email,
        message=message,
        text=_part(message, "plain") if message else None,
        form=form,
        is_there=email.recipient_sealed is not None,
        may_look=me().may_see_contacts,
        asked=asked_again(),
    )


def _email(public_id: str) -> Email:
    return queries.mail_by_public_id(public_id) or abort(404)


def _is_to_team(email: Email) -> bool:
    """Whether it goes to somebody with an account or an invitation; one whose receiver was forgotten says nothing."""
    try:
        to = receiver_of(email)
    except SealError:
        return False
    return to is None or _is_of_team(email, to, addresses_of_team([to]))


def _is_of_team(email: Email, to: str, team: set[str]) -> bool:
    """That somebody of the team signed is nobody else's business either."""
    return email.kind not in TO_SIGNERS and canonical_address(to) in team


def _was_opened(email: Email, *, now: dt.datetime) -> bool:
    """Whether this browser opened it a moment ago, with a reason."""
    match session.get(LOOKED_AT):
        case [public_id, int(at)] if public_id == email.public_id:
            return 0 <= now.timestamp() - at <= config().durations.proof_kept.total_seconds()
    return False


def _message(email: Email) -> EmailMessage | None:
    """The mail as it left, or would leave; None once its words are gone."""
    try:
        made = letter(email)
    except (SealError, ValueError):
        return None
    if made is None:
        return None
    return message_from_bytes(made.data, policy=policy.default)


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part else ""
