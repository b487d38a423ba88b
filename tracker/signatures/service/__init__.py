"""What happens to signatories and their signatures. No entry and no Revision ever names a signatory."""

from tracker.signatures.service.adding import HoldingClaim, add_list, add_organisation, add_signatory, record_holding
from tracker.signatures.service.asking import Wish, ask_to_sign, forget_requests
from tracker.signatures.service.changing import (
    change_appearance,
    edit_signatory,
    invalidate_signature,
    reinstate_signature,
    remove_signatory,
    withdraw_signature,
)
from tracker.signatures.service.coding import destroy_codes, make_codes, sign_by_code, signed_with
from tracker.signatures.service.confirming import confirm_organisation, confirm_signature, wish_of
from tracker.signatures.service.erasing import erase, erase_again, erase_own
from tracker.signatures.service.errors import SignatureError
from tracker.signatures.service.joining import find_different, find_same, find_same_unasked, take_back
from tracker.signatures.service.looking import ask_to_look
from tracker.signatures.service.opening import FormAsks, close_signing, open_signing, set_up_signing
from tracker.signatures.service.sizes import SizeClaim, claim_words, record_reported_count

__all__ = [
    "FormAsks",
    "HoldingClaim",
    "SignatureError",
    "SizeClaim",
    "Wish",
    "add_list",
    "add_organisation",
    "add_signatory",
    "ask_to_look",
    "ask_to_sign",
    "change_appearance",
    "claim_words",
    "close_signing",
    "confirm_organisation",
    "confirm_signature",
    "destroy_codes",
    "edit_signatory",
    "erase",
    "erase_again",
    "erase_own",
    "find_different",
    "find_same",
    "find_same_unasked",
    "forget_requests",
    "invalidate_signature",
    "make_codes",
    "open_signing",
    "record_holding",
    "record_reported_count",
    "reinstate_signature",
    "remove_signatory",
    "set_up_signing",
    "sign_by_code",
    "signed_with",
    "take_back",
    "wish_of",
    "withdraw_signature",
]
