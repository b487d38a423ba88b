"""A stored mail as the bytes that leave: the same bytes at each try (digests.md, rule 4)."""

from __future__ import annotations

from dataclasses import dataclass
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from urllib.parse import urlsplit

from tracker.mail import dkim, verp
from tracker.mail.models import Email, EmailKind
from tracker.mail.outbox import opened
from tracker.mail.render import one_line
from tracker.settings import config

# The usual policies fold a long List-Unsubscribe into an encoded word, which Gmail and Outlook then ignore
# (reliability.md, 0.6). None raises; 998 is the longest line that SMTP allows.
LINES = policy.SMTP.clone(max_line_length=998)


class Unaddressable(ValueError):
    """The receiver's address cannot be written in a mail."""


@dataclass(frozen=True)
class Letter:
    """One message ready to leave: the envelope and the bytes."""

    public_id: str
    sender: str
    receiver: str  # as it was written down
    to: str  # as it goes on the wire
    data: bytes
    needs_utf8: bool  # the address has letters that a server must be asked about (RFC 6531)


def letter(email: Email) -> Letter | None:
    """The bytes of a mail; None when it was wiped.

    Raises SealError when it cannot be opened, Unaddressable when its address is none.
    """
    found = opened(email)
    if found is None:
        return None
    name, sender = parseaddr(config().mail.sender)
    to, needs_utf8 = _address(found.to)
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = Address(display_name=one_line(name), addr_spec=sender)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = found.message.subject
    message["Date"] = format_datetime(email.created_at)
    message["Message-ID"] = email.message_id
    message["Auto-Submitted"] = "auto-generated"
    if email.kind is EmailKind.DIGEST:
        message["List-Id"] = f"Undersigned digests <digests.{_host()}>"
        message["Precedence"] = "bulk"
        message["Feedback-ID"] = f"{email.kind.value}:undersigned:{_host()}:u"  # tells nothing of the receiver
    if unsubscribe := found.links.get("unsubscribe"):
        message["List-Unsubscribe"] = f"<{unsubscribe}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(found.message.text, cte="quoted-printable")
    message.add_alternative(found.message.html, subtype="html", cte="quoted-printable")
    message["Content-Language"] = email.body.locale  # only now: add_alternative moves what begins with "Content-"
    # Random boundaries would make other bytes of the same mail at the next try.
    message.set_boundary(f"=_{email.public_id}")
    data = message.as_bytes(policy=LINES.clone(utf8=needs_utf8))
    if config().mail.dkim_key:
        data = dkim.signed(data, domain=sender.rpartition("@")[2], mail=config().mail)
    sender = verp.return_path(email) or sender
    return Letter(public_id=email.public_id, sender=sender, receiver=found.to, to=to, data=data, needs_utf8=needs_utf8)


def _address(address: str) -> tuple[str, bool]:
    """The address as it goes on the wire, and whether the server must know SMTPUTF8."""
    local, at, domain = address.rpartition("@")
    if not (local and at and domain):
        raise Unaddressable("This is not an e-mail address.")
    try:
        domain = domain.encode("idna").decode() if not domain.isascii() else domain
        Address(addr_spec=f"{local}@{domain}") if local.isascii() else None
    except (UnicodeError, ValueError) as error:
        raise Unaddressable("This is not an e-mail address.") from error
    return f"{local}@{domain}", not local.isascii()


def _host() -> str:
    return urlsplit(config().public_base_url).hostname or "localhost"
