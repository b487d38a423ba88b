"""Whether DATA_KEY is the key of this instance. A wrong one must be said at the start, not at the first sealed name."""

from __future__ import annotations

import sqlalchemy as sa

from tracker.db import KEYS, db
from tracker.sealing import SealError, keyring
from tracker.sealing.models import CampaignKey

PROBE = "key_probe"  # a setting sealed at the first start; who can open it has the key
PROBE_TEXT = "This instance's key opens this."
PLACE = f"setting|value|{PROBE}"

WRONG = (
    "DATA_KEY does not open what this instance sealed. Put the former key back (the variable DATA_KEY, or the file "
    "data_key in the instance folder), or add it to the list after the new one."
)


def wrong(probe: str | None) -> str | None:
    """What is wrong with DATA_KEY, in a sentence; None when it opens the probe and every campaign's keys."""
    try:
        if probe is not None:
            keyring().open(probe, PLACE)
        for key_id in wrapping_key_ids():
            if key_id not in keyring().key_ids:
                return WRONG
    except SealError:
        return WRONG
    return None


def wrapping_key_ids() -> set[str]:
    """The ids of the keys that wrap the campaigns' keys."""
    key_id = sa.func.substr(CampaignKey.data_key, 1, sa.literal(8))
    hash_id = sa.func.substr(CampaignKey.hash_key, 1, sa.literal(8))
    with db.engines[KEYS].connect() as connection:
        found = connection.execute(sa.union(sa.select(key_id), sa.select(hash_id))).scalars()
        return {name for name in found if name}
