"""The mail folder as pages: every mail as its receiver would see it. Only while MAIL_URL is a folder.

For administrators alone: mails hold sign-in and reset links, and whoever reads those can be anybody.
"""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage

import sqlalchemy as sa
from flask import Blueprint, Response, abort, render_template
from sqlalchemy.orm import joinedload

from tracker.accounts.access import requires
from tracker.accounts.models import Role
from tracker.db import db
from tracker.digests.views import framed
from tracker.mail.letter import letter
from tracker.mail.models import Email
from tracker.mail.outbox import opened
from tracker.sealing import SealError

bp = Blueprint("mail", __name__, url_prefix="/mail")

MAILS_A_PAGE = 50


@bp.get("")
@requires(Role.ADMINISTRATOR)
def index() -> str:
    """All mails, the latest first."""
    found = sa.select(Email).order_by(Email.id.desc()).options(joinedload(Email.body))
    page = db.paginate(found, per_page=MAILS_A_PAGE, max_per_page=MAILS_A_PAGE)
    rows = [(email, opened(email)) for email in page.items]
    return render_template("mail/index.html", rows=rows, page=page)


@bp.get("/<public_id>")
@requires(Role.ADMINISTRATOR)
def show(public_id: str) -> str:
    """One mail: HTML in a frame that can do nothing, text, and all headers."""
    email = _email(public_id)
    message = _message(email)
    return render_template(
        "mail/show.html",
        email=email,
        message=message,
        text=_part(message, "plain") if message else None,
    )


@bp.get("/<public_id>/html")
@requires(Role.ADMINISTRATOR)
def show_html(public_id: str) -> Response:
    """The HTML part, for the frame."""
    message = _message(_email(public_id))
    if message is None:
        abort(404)
    return framed(_part(message, "html"))


def _email(public_id: str) -> Email:
    email = db.session.scalar(sa.select(Email).where(Email.public_id == public_id))
    if email is None:
        abort(404)
    return email


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
