"""What happens to accounts. Every verb runs inside the caller's transaction and raises AccountError in words."""

from tracker.accounts.service.errors import AccountError
from tracker.accounts.service.factor import (
    passes_factor,
    remove_factor,
    renew_recovery_codes,
    reset_factor,
    set_up_factor,
)
from tracker.accounts.service.invitations import accept_invitation, invite, resend_invitation, revoke_invitation
from tracker.accounts.service.links import LinkUsed
from tracker.accounts.service.members import add_member, change_membership, invite_member, remove_member
from tracker.accounts.service.own import (
    ask_for_email_change,
    change_password,
    change_settings,
    confirm_email_change,
    dismiss_hint,
    end_other_sign_ins,
    end_sign_in,
    mark_seen,
)
from tracker.accounts.service.people import add_account, change_part, disable, enable
from tracker.accounts.service.records import blank_again, blank_reason, record_access
from tracker.accounts.service.recovery import (
    AskForLink,
    ask_for_reset,
    ask_for_sign_in_link,
    follow_sign_in_link,
    reset_password,
)
from tracker.accounts.service.setup import set_up, setup_link

__all__ = [
    "AccountError",
    "AskForLink",
    "LinkUsed",
    "accept_invitation",
    "add_account",
    "add_member",
    "ask_for_email_change",
    "ask_for_reset",
    "ask_for_sign_in_link",
    "blank_again",
    "blank_reason",
    "change_membership",
    "change_part",
    "change_password",
    "change_settings",
    "confirm_email_change",
    "disable",
    "dismiss_hint",
    "enable",
    "end_other_sign_ins",
    "end_sign_in",
    "follow_sign_in_link",
    "invite",
    "invite_member",
    "mark_seen",
    "passes_factor",
    "record_access",
    "remove_factor",
    "remove_member",
    "renew_recovery_codes",
    "resend_invitation",
    "reset_factor",
    "reset_password",
    "revoke_invitation",
    "set_up",
    "set_up_factor",
    "setup_link",
]
