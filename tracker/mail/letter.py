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
from tracker.mail.outbox import opened_links, receiver_of, words_of
from tracker.mail.render import Message, one_line
from tracker.mail.wording import LINES, PLAIN_ADDRESS, Own, Wording, with_body
from tracker.settings import config

WORDINGS = 32  # kept ready by one writer


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
    return Writer().letter(email)


class Writer:
    """Writes letters, and keeps the words at hand that many of them share."""

    def __init__(self) -> None:
        self._mail = config().mail
        name, self._sender = parseaddr(self._mail.sender)
        self._name = one_line(name)
        self._host = urlsplit(config().public_base_url).hostname or "localhost"
        self._ready: dict[tuple[int, EmailKind, bool], tuple[tuple[str | None, ...], Message, Wording]] = {}

    def letter(self, email: Email) -> Letter | None:
        """See `letter`."""
        links, receiver = opened_links(email), receiver_of(email)
        if links is None or receiver is None:
            return None
        to, needs_utf8 = _address(receiver)
        headers = {"To": to, "Date": format_datetime(email.created_at), "Message-ID": email.message_id}
        if unsubscribe := links.get("unsubscribe"):
            headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        own = Own(headers, f"=_{email.public_id}", links)
        found = self._words(email, own)
        if found is None:
            return None
        message, wording = found
        if wording is not None:
            data = wording.filled(own)
        else:
            made = self._assembled(email.kind, own, message.filled(links))
            data = made.as_bytes(policy=LINES.clone(utf8=needs_utf8))
        if self._mail.dkim_key:
            data = dkim.signed(data, domain=self._sender.rpartition("@")[2], mail=self._mail)
        sender = verp.return_path(email) or self._sender
        return Letter(
            public_id=email.public_id, sender=sender, receiver=receiver, to=to, data=data, needs_utf8=needs_utf8
        )

    def _words(self, email: Email, own: Own) -> tuple[Message, Wording | None] | None:
        """A mail's words, and as bytes if this receiver's can be put into them; None when they were wiped."""
        body = email.body
        sealed = (body.subject_sealed, body.text_sealed, body.html_sealed)
        key = (body.id, email.kind, "List-Unsubscribe" in own.headers)
        if key in self._ready and self._ready[key][0] == sealed and own.is_plain:
            return self._ready[key][1:]
        message = words_of(body)
        if message is None or not own.is_plain:
            return None if message is None else (message, None)
        wording = Wording(message, own, lambda like, words: self._assembled(email.kind, like, words))
        if len(self._ready) >= WORDINGS:
            del self._ready[next(iter(self._ready))]
        self._ready[key] = sealed, message, wording
        return message, wording

    def _assembled(self, kind: EmailKind, own: Own, message: Message) -> EmailMessage:
        """A mail as the e-mail package makes it."""
        made = EmailMessage(policy=policy.SMTP)
        made["From"] = Address(display_name=self._name, addr_spec=self._sender)
        made["To"] = Address(addr_spec=own.headers["To"])
        made["Subject"] = message.subject
        made["Date"] = own.headers["Date"]
        made["Message-ID"] = own.headers["Message-ID"]
        made["Auto-Submitted"] = "auto-generated"
        if kind is EmailKind.DIGEST:
            made["List-Id"] = f"Undersigned digests <digests.{self._host}>"
            made["Precedence"] = "bulk"
            made["Feedback-ID"] = f"{kind.value}:undersigned:{self._host}:u"  # tells nothing of the receiver
        if unsubscribe := own.headers.get("List-Unsubscribe"):
            made["List-Unsubscribe"] = unsubscribe
            made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        return with_body(made, message, boundary=own.boundary)


def _address(address: str) -> tuple[str, bool]:
    """The address as it goes on the wire, and whether the server must know SMTPUTF8."""
    if PLAIN_ADDRESS.fullmatch(address):  # nearly all; the e-mail package takes long over it
        return address, False
    local, at, domain = address.rpartition("@")
    if not (local and at and domain):
        raise Unaddressable("This is not an e-mail address.")
    try:
        domain = domain.encode("idna").decode() if not domain.isascii() else domain
        Address(addr_spec=f"{local}@{domain}") if local.isascii() else None
    except (UnicodeError, ValueError) as error:
        raise Unaddressable("This is not an e-mail address.") from error
    return f"{local}@{domain}", not local.isascii()
