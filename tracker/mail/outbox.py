"""The outbox: what is put in becomes a row, sealed. `tracker.mail.claims` says what happens to it afterwards.

All of it inside a transaction of the caller.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parseaddr
from typing import Any, cast
from urllib.parse import urlsplit

import sqlalchemy as sa

from tracker.config import Mail
from tracker.db import along, db, dialect, given, insert_missing, new_public_id
from tracker.mail.models import Email, EmailBody, EmailKind, EmailState, Suppression
from tracker.mail.render import Message, one_line
from tracker.mail.urgency import priority_of
from tracker.sealing import keyring
from tracker.settings import config


@dataclass(frozen=True)
class Put:
    """A mail that was written into the outbox."""

    id: int
    is_refused: bool  # it must not be sent: its row says why


def put(
    message: Message,
    *,
    to: str,
    kind: EmailKind,
    now: dt.datetime,
    links: Mapping[str, str] | None = None,
    refused: str = "",
    suppressed: Iterable[tuple[str, str]] | None = None,
    is_of_many: bool = False,
) -> Put:
    """Write one mail into the outbox, sealed; a worker sends it after the commit (`nudge(SEND_MAIL)` makes it quick).

    A receiver who must not be written to, or whom MAIL_ALLOW does not name, gets a row too: failed, with the reason.
    One whom the caller will not write to (`refused` says why) gets a cancelled one: it is no failure that anybody could
    mend by sending it again. It is sealed like any other, so that nobody can tell by the time it took, and written
    without receiver and words: the same statements, and nothing to wipe.
    `links` are this receiver's own, for the message's `link('name')`; "unsubscribe" also becomes the header.
    `suppressed` is what `SUPPRESSED` finds of the receiver, for a caller who asked already; `is_of_many`: as many are
    written to by one event, and nobody waits for it. Raises ValueError when a link is missing.
    """
    receivers = [Receiver(to, links or {}, refused)]
    check_links(message, receivers)
    (row,) = own_rows(receivers, sealed_rows(receivers), suppressed)
    is_refused = row["state"] != EmailState.PENDING
    words: dict[str, Any] = _words(message, now) | {"wiped_at": None}
    row |= {"next_attempt_at": now, "created_at": now, "settled_at": now if is_refused else None, "wiped_at": None}
    if row["state"] == EmailState.CANCELLED or (is_refused and kind is EmailKind.WORK_CODE):
        words |= {"subject_sealed": None, "text_sealed": None, "html_sealed": None, "wiped_at": now}
        row |= {"recipient_sealed": None, "links_sealed": None, "wiped_at": now}
    row |= {"kind": kind, "priority": priority_of(kind, is_of_many=is_of_many)}
    row |= {"body_id": db.session.scalar(_NEW_BODY, words)}
    return Put(db.session.execute(_NEW_EMAIL, row).scalar_one(), is_refused)


def put_body(message: Message, *, now: dt.datetime) -> EmailBody:
    """Write words that several mails may share."""
    body = EmailBody(**_words(message, now))
    db.session.add(body)
    return body


def _words(message: Message, now: dt.datetime) -> dict[str, Any]:
    public_id, ring = new_public_id(), keyring()
    return {
        "public_id": public_id,
        "subject_sealed": ring.seal(message.subject, f"email_body|subject|{public_id}"),
        "text_sealed": ring.seal(message.text, f"email_body|text|{public_id}"),
        "html_sealed": ring.seal(message.html, f"email_body|html|{public_id}"),
        "locale": message.locale,
        "written_at": now,
    }


# Made once: a mail is written for each who signs.
_BODIES, _EMAILS = cast(sa.Table, EmailBody.__table__), cast(sa.Table, Email.__table__)
_NEW_BODY, _NEW_EMAIL = sa.insert(_BODIES).returning(_BODIES.c.id), sa.insert(_EMAILS).returning(_EMAILS.c.id)


@dataclass(frozen=True)
class Receiver:
    """Who is to read words that others read as well, with their own links."""

    to: str
    links: Mapping[str, str]
    refused: str = ""  # why this one is not written to after all


def check_links(message: Message, receivers: Iterable[Receiver]) -> None:
    """Raises ValueError when one of these has no link where the words have a place for it."""
    wanted = message.link_names()
    for receiver in receivers:
        if missing := wanted - receiver.links.keys():
            raise ValueError(f"These links were not given: {', '.join(sorted(missing))}.")


def own_rows(
    receivers: Sequence[Receiver],
    sealed: Sequence[Mapping[str, Any]],
    suppressed: Iterable[tuple[str, str]] | None = None,
) -> list[dict[str, Any]]:
    """What is each receiver's own in their mail's row (`statements.OWN`), in their order; `sealed` are their
    `sealed_rows`."""
    refused = refusals({one_line(one.to) for one in receivers}, suppressed)
    rows = []
    for receiver, row in zip(receivers, sealed, strict=True):
        why = receiver.refused or refused.get(one_line(receiver.to), "")
        rows.append({**row, "state": _state(receiver, why), "answer": why})
    return rows


def sealed_rows(receivers: Sequence[Receiver]) -> list[dict[str, Any]]:
    """The same without what is to be asked of the database: whether they may be written to."""
    ring, domain = keyring(), sender_domain(config().mail)
    domains: dict[str, str] = {}
    rows = []
    for receiver in receivers:
        to, public_id = one_line(receiver.to), new_public_id()
        at = to.rpartition("@")[2]
        if at not in domains:
            domains[at] = ring.address_hash(at)
        rows.append(
            {
                "public_id": public_id,
                "recipient_sealed": ring.seal(to, f"email|recipient|{public_id}"),
                "recipient_hash": ring.address_hash(to),
                "domain_hash": domains[at],
                "links_sealed": ring.seal(json.dumps(dict(receiver.links)), f"email|links|{public_id}"),
                "message_id": f"<{public_id}@{domain}>",
            }
        )
    return rows


def _state(receiver: Receiver, why: str) -> EmailState:
    if receiver.refused:
        return EmailState.CANCELLED
    return EmailState.FAILED if why else EmailState.PENDING


# (Hash, reason) of those among `hashes` who must not be written to.
SUPPRESSED = sa.select(Suppression.recipient_hash, Suppression.reason).where(
    Suppression.recipient_hash.in_(sa.bindparam("hashes", expanding=True))
)


@functools.cache
def _suppressed(kind: str) -> sa.Select[str, str]:
    """The same of hashes that are sent along, however many."""
    hashes = given(kind, "hashes", hash=sa.Text())
    return sa.select(Suppression.recipient_hash, Suppression.reason).where(Suppression.recipient_hash == hashes.c.hash)


def refusal(address: str) -> str | None:
    """Why this address must not be written to, in words; None when it may."""
    return refusals([address]).get(address)


def refusals(addresses: Collection[str], suppressed: Iterable[tuple[str, str]] | None = None) -> dict[str, str]:
    """The same for several: the reasons, by address; whoever may be written to is left out. `suppressed` is what
    `SUPPRESSED` finds of them, for a caller who asked already."""
    ring, settings = keyring(), config().mail
    whose: dict[str, list[str]] = {}  # several that are written in different cases have one hash
    for address in addresses:
        for one in ring.address_hashes(address):
            whose.setdefault(one, []).append(address)
    found = {
        address: "MAIL_ALLOW does not name this address." for address in addresses if not is_allowed(address, settings)
    }
    if suppressed is None:
        hashes = along(dialect(), "hashes", [(one,) for one in whose]) if whose else {}
        suppressed = db.session.execute(_suppressed(dialect()), hashes).all() if whose else ()
    for recipient_hash, reason in suppressed:
        found |= dict.fromkeys(whose[recipient_hash], f"Do not mail: {reason}")
    return found


def is_allowed(address: str, mail: Mail) -> bool:
    """Whether MAIL_ALLOW lets us write there: addresses, domains or *. A folder delivers to nobody, so it takes all
    unless the operator named some."""
    if not mail.allow:
        return mail.is_folder
    wanted = address.strip().casefold()
    domain = wanted.rpartition("@")[2]
    return any(name == "*" or name.casefold().lstrip("@") in (wanted, domain) for name in mail.allow)


def sender_domain(mail: Mail) -> str:
    """The domain of MAIL_FROM, for Message-IDs; of the public address when there is none."""
    domain = parseaddr(mail.sender)[1].rpartition("@")[2]
    return domain or urlsplit(config().public_base_url).hostname or "localhost"


def cancel(email: Email, reason: str, *, now: dt.datetime) -> bool:
    """Stop a mail that was surely not sent; whoever holds its claim finds the claim gone before the last bytes leave.

    Whether it could be stopped: not when its last bytes began to leave meanwhile, whatever was read before. Its words
    are wiped unless another receiver still waits for them."""
    stopped = db.session.execute(
        sa.update(Email)
        .where(Email.id == email.id, Email.state.in_([EmailState.PENDING, EmailState.CLAIMED]))
        .values(state=EmailState.CANCELLED, answer=reason, settled_at=now, token=None, lease_until=None)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(email)
    if stopped.rowcount != 1:  # type: ignore[attr-defined]
        return False
    wipe_body_if_idle(email.body_id, now=now)
    return True


def wipe(email: Email, *, now: dt.datetime, keep_hash: bool = False) -> None:
    """Forget the receiver: address, links and, unless it is still counted by, the look-up hash. The states stay."""
    email.recipient_sealed = email.links_sealed = None
    if not keep_hash:
        email.recipient_hash = ""
    email.wiped_at = now


def wipe_body(body: EmailBody, *, now: dt.datetime) -> None:
    """Forget the words."""
    body.subject_sealed = body.text_sealed = body.html_sealed = None
    body.wiped_at = now


def wipe_body_if_idle(body_id: int, *, now: dt.datetime) -> None:
    """Forget words that nobody waits for and nobody was sent."""
    others = sa.select(Email.id).where(
        Email.body_id == body_id, Email.state.not_in([EmailState.CANCELLED, EmailState.FAILED])
    )
    body = db.session.get(EmailBody, body_id)
    if body is not None and body.wiped_at is None and db.session.scalar(others.limit(1)) is None:
        wipe_body(body, now=now)


def suppress(recipient_hash: str, reason: str, *, now: dt.datetime) -> None:
    """Never write to this address again; what still waits for it fails when its turn comes."""
    insert_missing(Suppression, [{"recipient_hash": recipient_hash, "reason": reason, "recorded_at": now}])


def is_suppressed(recipient_hash: str) -> bool:
    """Whether this look-up hash is on the list of addresses not to mail."""
    return db.session.get(Suppression, recipient_hash) is not None
