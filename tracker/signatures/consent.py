"""What signers agree to, word for word, by version: a signature keeps which it was."""

from __future__ import annotations

from tracker.words import LazyString, _

# Never change a version that was in use: add another and name it below.
CONSENT: dict[str, LazyString] = {
    "2026-11": _(
        "I agree that what I typed above is kept for this letter and shown to outsiders only as I chose. I can "
        "withdraw, and have all of it erased, at any time."
    ),
    "2026-12": _(
        "I agree that what I typed above is kept for this letter and shown to outsiders only as I chose. I can "
        "withdraw, and have all of it erased, at any time. Half a year after the campaign has concluded at the latest, "
        "everything about me is destroyed; only a name that I let be shown in public stays, until I erase it. Backups "
        "may hold older copies for some time."
    ),
}
CURRENT = "2026-12"
