"""A stored mail, unsealed: whoever has DATA_KEY reads what its receiver reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tracker.mail.models import Email, EmailBody, Sealed
from tracker.mail.render import Message
from tracker.sealing import keyring


def links_of(email: Sealed) -> dict[str, str]:
    """A receiver's own links, by name; none when the mail was wiped."""
    return opened_links(email) or {}


def opened_links(email: Sealed) -> dict[str, str] | None:
    """The same; None when the mail was wiped. Raises SealError when DATA_KEY does not open it."""
    if email.links_sealed is None:
        return None
    found: dict[str, str] = json.loads(keyring().open(email.links_sealed, f"email|links|{email.public_id}"))
    return found


def receiver_of(email: Sealed) -> str | None:
    """Where a mail goes; None when it was wiped."""
    if email.recipient_sealed is None:
        return None
    return keyring().open(email.recipient_sealed, f"email|recipient|{email.public_id}")


def words_of(body: EmailBody) -> Message | None:
    """What receivers read, with gaps for their links; None when it was wiped. Raises SealError as above."""
    if not (body.subject_sealed and body.text_sealed and body.html_sealed):
        return None
    ring = keyring()
    return Message(
        subject=ring.open(body.subject_sealed, f"email_body|subject|{body.public_id}"),
        text=ring.open(body.text_sealed, f"email_body|text|{body.public_id}"),
        html=ring.open(body.html_sealed, f"email_body|html|{body.public_id}"),
        locale=body.locale,
    )


@dataclass(frozen=True)
class Opened:
    """A stored mail, unsealed: what its receiver reads, and where it goes."""

    to: str
    message: Message  # the receiver's links are in their places
    links: Mapping[str, str]


def opened(email: Email) -> Opened | None:
    """Unseal a mail; None when it was wiped. Raises SealError when DATA_KEY does not open it."""
    links, message, to = opened_links(email), words_of(email.body), receiver_of(email)
    if links is None or message is None or to is None:
        return None
    return Opened(to=to, message=message.filled(links), links=links)
