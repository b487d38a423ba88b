"""Whether DATA_KEY is the key of this instance. A wrong one must be said at the start, not at the first sealed name."""

from __future__ import annotations

import datetime as dt

from tracker.instance import remember, setting
from tracker.operations.edge import Refusal
from tracker.sealing import keyring
from tracker.sealing.probe import PLACE as PLACE
from tracker.sealing.probe import PROBE as PROBE
from tracker.sealing.probe import PROBE_TEXT as PROBE_TEXT
from tracker.sealing.probe import WRONG as WRONG
from tracker.sealing.probe import wrapping_key_ids as wrapping_key_ids
from tracker.sealing.probe import wrong as wrong


def refuse_wrong(*, now: dt.datetime) -> None:
    """Raises Refusal when the key is not this instance's; seals the probe at the first start. Inside a transaction."""
    probe = setting(PROBE)
    if probe is None:
        remember(PROBE, keyring().seal(PROBE_TEXT, PLACE), now=now)
    if problem := wrong(probe):
        raise Refusal(problem)
