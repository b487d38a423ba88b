"""What is in the outbox, as its receivers would read it."""

import datetime as dt
import json
import re
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Flask

from tracker.db import db
from tracker.mail import claims
from tracker.mail.models import Email
from tracker.mail.render import Message
from tracker.sealing import keyring


@dataclass(frozen=True)
class Mail:
    """One message of the outbox, opened."""

    to: str
    kind: str
    subject: str
    text: str
    html: str
    links: dict[str, str]

    def path(self, name: str) -> str:
        """The path of one of the receiver's own links."""
        return re.sub(r"^https?://[^/]+", "", self.links[name])


def outbox(app: Flask, to: str | None = None) -> list[Mail]:
    """Every mail in the outbox that was not wiped, oldest first; only those to one address if given."""
    with app.app_context():
        ring = keyring()
        mails = []
        for email in db.session.scalars(sa.select(Email).order_by(Email.id)):
            if email.wiped_at is not None:
                continue
            body = email.body
            links = json.loads(ring.open(email.links_sealed or "", f"email|links|{email.public_id}"))
            message = Message(
                subject=ring.open(body.subject_sealed or "", f"email_body|subject|{body.public_id}"),
                text=ring.open(body.text_sealed or "", f"email_body|text|{body.public_id}"),
                html=ring.open(body.html_sealed or "", f"email_body|html|{body.public_id}"),
            ).filled(links)
            receiver = ring.open(email.recipient_sealed or "", f"email|recipient|{email.public_id}")
            mails.append(Mail(receiver, email.kind.value, message.subject, message.text, message.html, links))
        return [mail for mail in mails if to in (None, mail.to)]


def begins_to_leave(email_id: int, token: str | None, *, now: dt.datetime) -> bool:
    """Note, as a sender does, that the last bytes of a claimed mail are about to leave; whether they may."""
    return bool(claims.note(db.session.connection(), [(email_id, token or "")], [], now=now))
