"""Sealed values: what a stolen database must not tell (safety.md, 2).

Instance values (outbox, subscribers) are sealed by DATA_KEY; a campaign's values by its own random keys, which lie in
the key store, wrapped by DATA_KEY. A sealed value is text, `KEY-ID:BASE64`, bound to the place it was sealed for.
"""

from tracker.sealing.campaign_keys import (
    CampaignKeys,
    FileKeys,
    campaign_keys,
    destroy_campaign_keys,
    destroy_hash_key,
    destroy_people_keys,
    file_keys,
    forgotten_campaigns,
)
from tracker.sealing.keyring import Keyring, SealError, init_app, keyring
from tracker.sealing.redactions import MarkedRedaction, mark_redaction, mark_redactions, marked_redactions

__all__ = [
    "CampaignKeys",
    "FileKeys",
    "Keyring",
    "MarkedRedaction",
    "SealError",
    "campaign_keys",
    "destroy_campaign_keys",
    "destroy_hash_key",
    "destroy_people_keys",
    "file_keys",
    "forgotten_campaigns",
    "init_app",
    "keyring",
    "mark_redaction",
    "mark_redactions",
    "marked_redactions",
]
