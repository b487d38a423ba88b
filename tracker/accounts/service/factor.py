"""Setting a second factor up, checking it, taking it away. Nobody is locked out for good: others can take it away."""

from __future__ import annotations

import datetime as dt
import secrets

import sqlalchemy as sa

from tracker.accounts import emails, factor
from tracker.accounts.models import Account
from tracker.accounts.service.errors import AccountError
from tracker.accounts.service.links import end_links
from tracker.accounts.service.people import end_sign_ins
from tracker.db import db
from tracker.words import _

WRONG_CODE = _("This code does not fit. Use the newest one of your app, or a recovery code you have not used before.")
WRONG_FIRST_CODE = _(
    "This code does not fit. Wait for the next one; if that does not fit either, see if your phone’s clock is right."
)
ON_ALREADY = _("You have a second factor already.")


def set_up_factor(account: Account, secret: str, code: str, *, now: dt.datetime) -> list[str]:
    """Ask for codes of this secret from now on; returns the recovery codes, which are shown once.

    Every sign-in ends, since it was begun without. Raises AccountError: code wrong, factor there already.
    """
    if account.has_factor:
        raise AccountError(ON_ALREADY)
    step = factor.matching_step(secret, code, after=None, now=now)
    if step is None:
        raise AccountError(WRONG_FIRST_CODE, "code")
    account.tf_primary_method = factor.METHOD
    account.tf_totp_secret = factor.seal(secret, account)
    account.tf_last_step, account.tf_since = step, now
    end_sign_ins(account)
    emails.factor_changed(account, emails.FactorNews.ON, now=now)
    return _write_codes(account)


def passes_factor(account: Account, code: str, *, now: dt.datetime) -> bool:
    """Whether this is a code of the account's app or one of its recovery codes; it is used up.

    Inside a transaction that locked the account's row (`locked`): of two who send one code at once, one passes.
    """
    step = factor.step_of(account, code, now=now)
    hash_ = factor.recovery_hash(code)
    kept = [each for each in account.mf_recovery_codes or [] if not secrets.compare_digest(each, hash_)]
    is_recovery = len(kept) < len(account.mf_recovery_codes or [])
    if step is not None:
        account.tf_last_step = step
        return True
    if is_recovery and account.has_factor:
        account.mf_recovery_codes = kept
        emails.factor_changed(account, emails.FactorNews.RECOVERED, left=len(kept), now=now)
        return True
    return False


def locked(account_id: int) -> Account | None:
    """The account as it is at this moment, its row locked until the transaction ends."""
    return db.session.scalar(
        sa.select(Account).where(Account.id == account_id).with_for_update().execution_options(populate_existing=True)
    )


def renew_recovery_codes(account: Account, *, now: dt.datetime) -> list[str]:
    """Ten new recovery codes; the earlier ones work no more."""
    emails.factor_changed(account, emails.FactorNews.CODES, now=now)
    return _write_codes(account)


def remove_factor(account: Account, *, now: dt.datetime) -> None:
    """Ask for no code any more. Whoever needs one is led to set up another before the next thing that needs it."""
    _clear(account)
    emails.factor_changed(account, emails.FactorNews.OFF, now=now)


def reset_factor(account: Account, *, now: dt.datetime) -> None:
    """For an administrator or the command line: somebody lost device and codes. Every sign-in ends; they are told."""
    _clear(account)
    end_sign_ins(account)
    end_links(account)
    emails.factor_changed(account, emails.FactorNews.RESET, now=now)


def _write_codes(account: Account) -> list[str]:
    codes = factor.new_recovery_codes()
    account.mf_recovery_codes = [factor.recovery_hash(code) for code in codes]
    return codes


def _clear(account: Account) -> None:
    account.tf_primary_method = account.tf_totp_secret = account.mf_recovery_codes = None
    account.tf_last_step = account.tf_since = None
