"""What signers agree to, word for word, by version: a signature keeps which it was."""

from __future__ import annotations

from tracker.words import LazyString, _

# Never change a version that was in use: add another and name it below.
CONSENT: dict[str, LazyString] = {
    "2026-11": _(
        "I agree that what I typed above is kept for this letter and shown to outsiders only as I chose. I can "
        "withdraw, and have all of it erased, at any time."
    ),
}
CURRENT = "2026-11"
