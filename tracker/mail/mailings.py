"""Mails to many at once: a few statements however many receivers, and however many different words, there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracker.db import along, db, dialect
from tracker.mail.models import EmailBody, EmailKind, EmailState
from tracker.mail.outbox import Put, Receiver, own_rows, sealed_rows
from tracker.mail.statements import OWN, put_in
from tracker.mail.urgency import priority_of


@dataclass(frozen=True)
class Mailing:
    """Stored words, and who is to read them: `outbox.check_links` says whether each has the links for it."""

    body: EmailBody
    receivers: Sequence[Receiver]
    sealed: Sequence[Mapping[str, Any]] | None = None  # their `outbox.sealed_rows`, if these were made before


def put_mailings(mailings: Sequence[Mailing], *, kind: EmailKind, now: dt.datetime) -> list[Put]:
    """Write a mail to each receiver of each of these, in their order; see `outbox.put`."""
    db.session.flush()
    receivers = [receiver for mailing in mailings for receiver in mailing.receivers]
    sealed = [row for mailing in mailings for row in mailing.sealed or sealed_rows(mailing.receivers)]
    rows = own_rows(receivers, sealed)
    if not rows:
        return []
    bodies = [mailing.body.id for mailing in mailings for _receiver in mailing.receivers]
    own = [[*(row[name] for name in OWN), body] for row, body in zip(rows, bodies, strict=True)]
    values = along(dialect(), "rows", own) | {"kind": kind, "priority": priority_of(kind), "now": now}
    ids = {row.public_id: row.id for row in db.session.execute(put_in(dialect()), values)}
    return [Put(ids[row["public_id"]], row["state"] != EmailState.PENDING) for row in rows]
