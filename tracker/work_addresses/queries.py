"""Which domains a campaign takes. How many signed so is counted by `breakdowns`, with its rules for small groups."""

from __future__ import annotations

from tracker.signatures.signings import Signing


def domains_of(signing: Signing | None) -> list[str]:
    """The domains whose addresses may get a code; none unless an organiser allowed some."""
    return signing.work_domains.split() if signing is not None else []
