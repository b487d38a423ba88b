"""The names of the background jobs, and nudge(): ask a worker to look now, after the commit.

What must happen later is a row first; a nudge only makes it quick. Losing one loses nothing: a sweep comes each minute.
"""

from __future__ import annotations

SWEEP = "digests.sweep"
SEND_MAIL = "mail.send_due"
REMIND = "campaigns.remind_owners"


def nudge(job: str) -> None:
    """Ask a worker to look now. Never waits, never fails; call it after the commit."""
