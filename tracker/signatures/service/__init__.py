"""What happens to signatories and their signatures. No entry and no Revision ever names a signatory."""

from tracker.signatures.service.adding import HoldingClaim, add_list, add_organisation, add_signatory, record_holding
from tracker.signatures.service.changing import (
    change_appearance,
    edit_signatory,
    invalidate_signature,
    reinstate_signature,
    remove_signatory,
    withdraw_signature,
)
from tracker.signatures.service.errors import SignatureError
from tracker.signatures.service.sizes import SizeClaim, claim_words, record_reported_count

__all__ = [
    "HoldingClaim",
    "SignatureError",
    "SizeClaim",
    "add_list",
    "add_organisation",
    "add_signatory",
    "change_appearance",
    "claim_words",
    "edit_signatory",
    "invalidate_signature",
    "record_holding",
    "record_reported_count",
    "reinstate_signature",
    "remove_signatory",
    "withdraw_signature",
]
