"""Which mail goes first (digests.md, rule 7): what somebody waits for; what goes to many at once may come later."""

from __future__ import annotations

from tracker.mail.models import EmailKind

AT_ONCE = 0
# Asked of everybody by one event, such as a text that changed: before digests, after what somebody waits for.
OF_MANY = 7
PRIORITIES = {EmailKind.REMINDER: 5, EmailKind.DIGEST: 9, EmailKind.UPDATE: 9}
# From here on mail waits for the turn of its receiver's domain; what is more urgent counts, but does not wait.
PATIENT = OF_MANY


def priority_of(kind: EmailKind, *, is_of_many: bool = False) -> int:
    """Where a mail stands in the line; 0 is first."""
    return max(PRIORITIES.get(kind, AT_ONCE), OF_MANY if is_of_many else AT_ONCE)
