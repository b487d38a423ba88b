"""After an erasure was committed: what lies outside the rows goes as well."""

from __future__ import annotations

from collections.abc import Iterable

from tracker.db import forget_deleted
from tracker.mail.transport import remove_letter
from tracker.settings import config


def leave_no_trace(mails: Iterable[str]) -> None:
    """Remove these mails' files from the mail folder, and empty the log that SQLite writes ahead."""
    for public_id in mails:
        remove_letter(config().mail, public_id)
    forget_deleted()
