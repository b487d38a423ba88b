"""The mail with a code. Others may read that mailbox, so it says nothing of what the code is for (safety.md, 3)."""

from __future__ import annotations

import datetime as dt

from tracker.mail import outbox
from tracker.mail.models import EmailKind
from tracker.mail.outbox import Put
from tracker.mail.render import rendered_once
from tracker.settings import config
from tracker.signatures.addressed import Addressed
from tracker.signatures.emails import refusal


def work_code(mailbox: str, code: str, known: Addressed, *, locale: str, now: dt.datetime, is_quiet: bool) -> Put:
    """Here is the code that you asked for. Quiet: written, never sent; so is one too many of a day.

    The code is put in where a link would be: so it is sealed with the receiver's own, and in no shared words.
    """
    minutes = int(config().durations.work_code.total_seconds() // 60)
    message = rendered_once("work_code", locale=locale, minutes=minutes)
    return outbox.put(
        message,
        to=mailbox,
        kind=EmailKind.WORK_CODE,
        now=now,
        links={"code": code},
        refused=refusal(known, is_quiet=is_quiet),
        suppressed=known.suppressed,
    )
