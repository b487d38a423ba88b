"""What comes back: reading a bounce or a complaint (RFC 3464, RFC 5965), and what follows from it.

Only a machine-readable report counts, and only with `Action: failed`; a vacation reply is none (listmonk #1334). A
report is believed because of its mail's return path (verp.py) or Message-ID, which only we, the receiver and the
servers between have seen.
"""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from typing import Protocol

import sqlalchemy as sa

from tracker.db import db, insert_missing
from tracker.mail import outbox, verp
from tracker.mail.models import Bounce, Email, EmailState
from tracker.settings import config

# There is no such mailbox or domain, or it takes no mail (RFC 3463; RFC 7505): writing again makes no sense.
_NOBODY = re.compile(r"^5\.1\.(1|2|3|6|10)$")
_STATUS = re.compile(r"^[245]\.\d{1,3}\.\d{1,3}$")
# What the other server said, within a field: "smtp; 550-5.1.1 There is nobody" (RFC 3464, 2.3.6; RFC 2034).
_SAID = re.compile(r"^smtp\s*;\s*[45]\d\d[ -]([45]\.\d{1,3}\.\d{1,3})\b", re.IGNORECASE)
# The second is of mails with addresses beyond ASCII (RFC 6533), which we send as such.
_INTERNATIONAL = "message/global-delivery-status"
_STATUS_TYPES = ("message/delivery-status", _INTERNATIONAL)
_ID = r"<[!-;=?-~]{1,250}>"  # letters that a database can be asked about
_MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*(" + _ID.encode() + rb")")
_WAY_OUT = re.compile(rb"(?im)^list-unsubscribe:\s*<(https?://[!-;=?-~]{1,1000})>")
# Where a mail server writes for whom a message was before it was piped to us.
_ENVELOPE = ("X-Original-To", "Delivered-To", "Envelope-To", "To")
# Where the mail that came back says from whom it was: its own head, or the report about it (RFC 5965, 3.2).
_RETURN_PATH = re.compile(rb"(?im)^(?:return-path|original-mail-from):[ \t]*<?([^<>\s]{1,250})")
# A report without that mail is an answer to it. Microsoft leaves the mail out where its receiver's company says so.
_ANSWERED = ("In-Reply-To", "References")
# What a program that answers by itself says of that, besides RFC 3834's Auto-Submitted.
_BY_ITSELF = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Response-Suppress", "X-Vacation")
LARGEST = 1_000_000  # bytes; a report that is longer is cut, its beginning says all

BOUNCED = "the mail server of the address says that there is no such mailbox"
COMPLAINED = "the receiver marked it as unwanted"
TOO_OFTEN = "mail to the address keeps coming back"


class BounceKind(enum.StrEnum):
    """What a report says of an address."""

    GONE = "gone"  # there is nobody
    REFUSED = "refused"  # refused for good, for another reason
    PASSING = "passing"  # full, or not now
    COMPLAINT = "complaint"


@dataclass(frozen=True)
class Report:
    """What came back, about which mail."""

    kind: BounceKind
    status: str  # "5.1.1", or ""
    public_id: str | None  # by the return path
    message_id: str | None
    way_out: str | None = None  # the link of that mail by which its receiver leaves, where the report holds its head


class NoReport(ValueError):
    """The message is no bounce and no complaint; the words say what it is instead."""


def read_report(data: bytes, *, envelope_to: str = "") -> Report:
    """Read a message as it came in. Raises NoReport for anything that is not a failure or a complaint, however broken:
    anybody may write to the address that bounces go to."""
    try:
        return _read(data[:LARGEST], envelope_to)
    except NoReport:
        raise
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, MessageError) as problem:
        # What the email package raises for some messages; none of them comes from a mail server that reports.
        raise NoReport(f"It cannot be read ({type(problem).__name__}).") from None


def _read(data: bytes, envelope_to: str) -> Report:
    message = message_from_bytes(data, policy=policy.compat32)
    kind, status = _verdict(message)
    addresses = [envelope_to, *(str(value) for name in _ENVELOPE for value in message.get_all(name, []))]
    addresses += [one.decode("ascii", "replace") for one in _RETURN_PATH.findall(data)]
    public_id = next(filter(None, map(verp.mail_of, addresses)), None)
    own = str(message.get("Message-ID") or "").strip()
    found = [one.decode("ascii") for one in _MESSAGE_ID.findall(data)]
    found += [one for name in _ANSWERED for value in message.get_all(name, []) for one in re.findall(_ID, str(value))]
    message_id = next((each for each in found if each != own), None)
    if public_id is None and message_id is None:
        raise NoReport("It does not say which mail it is about.")
    links = _WAY_OUT.findall(data)
    return Report(kind, status, public_id, message_id, links[-1].decode("ascii") if links else None)


def _verdict(message: Message) -> tuple[BounceKind, str]:
    report_type = str(message.get_param("report-type", "")).casefold()
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        if _is_by_itself(message):
            raise NoReport("It is an automatic reply, such as of somebody on leave.")
        raise NoReport("It is no delivery report.")
    if report_type == "feedback-report":
        fields = _fields(message, "message/feedback-report")
        if any(block.get("feedback-type", "").casefold() in ("abuse", "fraud", "") for block in fields):
            return BounceKind.COMPLAINT, ""
        raise NoReport("It is feedback, but no complaint.")
    worst: tuple[BounceKind, str] | None = None
    for block in _fields(message, *_STATUS_TYPES):
        action = block.get("action", "").split()[:1]
        if [word.casefold() for word in action] != ["failed"]:
            continue
        status = _status_of(block)
        found = (_kind_of(status), status)
        if worst is None or list(BounceKind).index(found[0]) < list(BounceKind).index(worst[0]):
            worst = found
    if worst is None:
        raise NoReport("It is a delivery report, but nothing in it has failed.")
    return worst


def _is_by_itself(message: Message) -> bool:
    said = str(message.get("Auto-Submitted", "no")).split(";")[0].strip().casefold()
    hasty = str(message.get("Precedence", "")).strip().casefold() == "auto_reply"
    return said != "no" or hasty or any(name in message for name in _BY_ITSELF)


def _status_of(block: dict[str, str]) -> str:
    """The status of one receiver, "" if none is given. Exim writes 5.0.0 whatever happened; then what the other server
    said is what counts."""
    given = block.get("status", "").split()[:1]
    status = given[0] if given and _STATUS.match(given[0]) else ""
    if not status or status.endswith(".0.0"):
        said = _SAID.match(block.get("diagnostic-code", "").strip())
        status = said[1] if said else status
    return status


def _kind_of(status: str) -> BounceKind:
    if _NOBODY.match(status):
        return BounceKind.GONE
    if status.startswith("5.") and status != "5.2.2":
        return BounceKind.REFUSED
    return BounceKind.PASSING


def _fields(message: Message, *content_types: str) -> Iterator[dict[str, str]]:
    """The blocks of a machine-readable part, names in lower case. The parser makes a message of each block, or, of one
    it does not know, leaves text."""
    for part in message.walk():
        if part.get_content_type() not in content_types:
            continue
        payload = part.get_payload()
        if part.get_content_type() == _INTERNATIONAL:
            payload = [message_from_bytes(block, policy=policy.compat32) for block in _blocks_of(part)]
        blocks = payload if isinstance(payload, list) else []
        for block in blocks:
            if isinstance(block, Message):
                yield {name.casefold(): str(value) for name, value in block.items()}
        if isinstance(payload, str) or not blocks:
            text = part.get_payload(decode=True)
            if isinstance(text, bytes):
                inner = message_from_bytes(text, policy=policy.compat32)
                yield {name.casefold(): str(value) for name, value in inner.items()}


def _blocks_of(part: Message) -> list[bytes]:
    """The blocks of a status whose bytes may be encoded; the parser took the first of them for a message's head."""
    inner = part.get_payload()
    first = inner[0] if isinstance(inner, list) else inner
    text = first.as_bytes() if isinstance(first, Message) else str(first).encode()
    encoded = Message()
    encoded["Content-Transfer-Encoding"] = str(part.get("Content-Transfer-Encoding", "8bit"))
    encoded.set_payload(text.strip())
    decoded = encoded.get_payload(decode=True)
    return re.split(rb"\r?\n\r?\n", decoded.strip()) if isinstance(decoded, bytes) else []


class Forgotten(Protocol):
    """Draws the consequences where the receiver of a mail was forgotten; whether anybody was found."""

    def __call__(
        self, email: Email, reason: str, now: dt.datetime, *, is_complaint: bool, way_out: str | None
    ) -> bool: ...


def _nobody(email: Email, reason: str, now: dt.datetime, *, is_complaint: bool, way_out: str | None) -> bool:
    return False


def take(
    report: Report, *, now: dt.datetime, changed: Callable[[Email, dt.datetime], None], forgotten: Forgotten = _nobody
) -> Email | None:
    """Draw the consequences; inside a transaction. None when it is about no mail of ours, or about one of which nobody
    knows any longer to whom it went.

    A mail that came back has failed, also one of which we thought otherwise. An address where there is nobody, or
    whose receiver complained, is not written to again; one that keeps bouncing, neither. `changed` is told of the mail;
    of one whose receiver was forgotten already, `forgotten`.
    """
    email = _mail_of(report)
    if email is None:
        return None
    if not email.recipient_hash:
        is_complaint = report.kind is BounceKind.COMPLAINT
        if not is_complaint and report.kind is not BounceKind.GONE:
            return None
        reason = COMPLAINED if is_complaint else BOUNCED
        found = forgotten(email, reason, now, is_complaint=is_complaint, way_out=report.way_out)
        return email if found else None
    why = _reason(report, email, now)
    if why is not None:
        outbox.suppress(email.recipient_hash, why, now=now)
    if report.kind is BounceKind.COMPLAINT:
        changed(email, now)
        return email
    if email.state in (EmailState.SENT, EmailState.UNKNOWN, EmailState.TRANSMIT, EmailState.PENDING):
        email.state, email.settled_at, email.token, email.lease_until = EmailState.FAILED, now, None, None
        email.answer = f"It came back ({report.status})." if report.status else "It came back."
        email.smtp_code = None  # what the server said that took it is not why
        db.session.flush()
        changed(email, now)
    return email


def _mail_of(report: Report) -> Email | None:
    found = None
    if report.public_id is not None:
        found = db.session.scalar(sa.select(Email).where(Email.public_id == report.public_id))
    if found is None and report.message_id is not None:
        found = db.session.scalar(sa.select(Email).where(Email.message_id == report.message_id))
    return found


def _reason(report: Report, email: Email, now: dt.datetime) -> str | None:
    """Why the address is not to be written to again; None while it may recover."""
    if report.kind is BounceKind.COMPLAINT:
        return COMPLAINED
    if report.kind is BounceKind.GONE:
        return BOUNCED
    durations = config().durations
    weight = 2 if report.kind is BounceKind.REFUSED else 1
    row = {"recipient_hash": email.recipient_hash, "bounced_on": now.date(), "weight": weight}
    insert_missing(Bounce, [row])  # at most one a day counts
    since = (now - durations.bounce_memory).date()
    weights = sa.select(sa.func.sum(Bounce.weight)).where(
        Bounce.recipient_hash == email.recipient_hash, Bounce.bounced_on > since
    )
    return TOO_OFTEN if (db.session.scalar(weights) or 0) >= durations.bounce_limit else None


def forget_old(now: dt.datetime) -> None:
    """Remove bounces that count no longer."""
    before = (now - config().durations.bounce_memory).date()
    db.session.execute(sa.delete(Bounce).where(Bounce.bounced_on <= before))


def report_of(kind: str, *, message_id: str, status: str = "") -> Report:
    """A report that a mail service sent in its own words. Raises NoReport for a kind that is neither."""
    if kind not in ("bounce", "complaint"):
        raise NoReport("The kind must be bounce or complaint.")
    if re.fullmatch(_ID, message_id) is None:
        raise NoReport("The message_id is not the Message-ID of a mail.")
    if kind == "complaint":
        return Report(BounceKind.COMPLAINT, "", None, message_id)
    status = status if _STATUS.match(status) else ""
    return Report(_kind_of(status), status, None, message_id)
