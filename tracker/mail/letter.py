"""A stored mail as the bytes that leave: the same bytes at each try (digests.md, rule 4)."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Collection
from dataclasses import dataclass
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from typing import Protocol
from urllib.parse import urlsplit

import sqlalchemy as sa

from tracker.db import db, one_of
from tracker.mail import dkim, verp
from tracker.mail.models import EmailBody, EmailKind, Sealed
from tracker.mail.render import Message, one_line
from tracker.mail.unsealed import opened_links, receiver_of, words_of
from tracker.mail.wording import LINES, PLAIN_ADDRESS, Own, Wording, with_body
from tracker.sealing import SealError
from tracker.settings import config

WORDINGS = 32  # kept ready by one writer, beside those of the mails at hand


class Unaddressable(ValueError):
    """The receiver's address cannot be written in a mail."""


class Stored(Sealed, Protocol):
    """What a letter needs of a mail's row."""

    @property
    def kind(self) -> EmailKind: ...
    @property
    def body_id(self) -> int: ...
    @property
    def message_id(self) -> str: ...
    @property
    def created_at(self) -> dt.datetime: ...


@dataclass(frozen=True)
class Letter:
    """One message ready to leave: the envelope and the bytes."""

    public_id: str
    sender: str
    receiver: str  # as it was written down
    to: str  # as it goes on the wire
    data: bytes
    needs_utf8: bool  # the address has letters that a server must be asked about (RFC 6531)
    has_lines: bool = False  # surely whole ones, that end with CR and LF


def letter(email: Stored) -> Letter | None:
    """The bytes of a mail; None when it was wiped.

    Raises SealError when it cannot be opened, Unaddressable when its address is none.
    """
    writer = Writer()
    writer.look_up([email.body_id])
    return writer.letter(email)


class Writer:
    """Writes letters, and keeps the words at hand that many of them share."""

    def __init__(self) -> None:
        self._mail = config().mail
        name, self._sender = parseaddr(self._mail.sender)
        self._name = one_line(name)
        self._host = urlsplit(config().public_base_url).hostname or "localhost"
        self._words: dict[int, Message | SealError] = {}
        # By the words themselves: one run writes the same into several bodies.
        self._wordings: dict[tuple[Message, EmailKind, bool], Wording] = {}
        self._of: dict[tuple[int, EmailKind, bool], Wording] = {}

    def look_up(self, body_ids: Collection[int]) -> None:
        """Look at the words of these mails as they are now: what was wiped meanwhile is no longer written."""
        living = sa.select(EmailBody.id).where(
            one_of(EmailBody.id, sorted(set(body_ids))), EmailBody.wiped_at.is_(None)
        )
        here = set(db.session.scalars(living))
        if len(self._words) > WORDINGS:
            self._keep(here)
        self._keep({known for known in self._words if known in here or known not in body_ids})
        unknown = sorted(here - self._words.keys())
        if unknown:
            for body in db.session.scalars(sa.select(EmailBody).where(one_of(EmailBody.id, unknown))):
                try:
                    words = words_of(body)
                except SealError as error:
                    self._words[body.id] = error
                else:
                    if words is not None:
                        self._words[body.id] = words

    def _keep(self, ids: Collection[int]) -> None:
        self._words = {one: words for one, words in self._words.items() if one in ids}
        self._of = {key: wording for key, wording in self._of.items() if key[0] in ids}
        if len(self._wordings) > WORDINGS:
            self._wordings.clear()

    def letter(self, email: Stored) -> Letter | None:
        """See `letter`; its words were looked up."""
        links, receiver = opened_links(email), receiver_of(email)
        message = self._words.get(email.body_id)
        if links is None or receiver is None or message is None:
            return None
        if isinstance(message, SealError):
            raise message
        to, needs_utf8 = _address(receiver)
        headers = {"To": to, "Date": _date(email.created_at), "Message-ID": email.message_id}
        if unsubscribe := links.get("unsubscribe"):
            headers["List-Unsubscribe"] = f"<{unsubscribe}>"
        own = Own(headers, f"=_{email.public_id}", links)
        has_lines = own.is_plain
        if own.is_plain:
            data = self._wording(email, own, message).filled(own)
        else:
            made = self._assembled(email.kind, own, message.filled(links))
            data = made.as_bytes(policy=LINES.clone(utf8=needs_utf8))
        if self._mail.dkim_key:
            data, has_lines = dkim.signed(data, domain=self._sender.rpartition("@")[2], mail=self._mail), False
        sender = verp.return_path(email.public_id) or self._sender
        return Letter(email.public_id, sender, receiver, to, data, needs_utf8, has_lines)

    def _wording(self, email: Stored, own: Own, message: Message) -> Wording:
        """A mail's words as bytes, into which this receiver's can be put."""
        key = (email.body_id, email.kind, "List-Unsubscribe" in own.headers)
        if key not in self._of:
            words = (message, *key[1:])
            if words not in self._wordings:
                self._wordings[words] = Wording(message, own, functools.partial(self._assembled, email.kind))
            self._of[key] = self._wordings[words]
        return self._of[key]

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


@functools.lru_cache(maxsize=64)
def _date(moment: dt.datetime) -> str:
    """Many mails were written at one moment."""
    return format_datetime(moment)
