"""The second factor: codes of an authenticator app (TOTP, RFC 6238), and recovery codes for when it is lost.

passlib's TOTP, on which Flask-Security builds too; its views commit on their own and keep no used step, so ours call
the library (docs/adr/027). The secret is sealed by DATA_KEY; of recovery codes, which are random, only hashes are kept.
Each code works once: the newest half minute used is remembered.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import secrets
from typing import Any

from passlib.totp import TOTP

from tracker.accounts.models import Account
from tracker.sealing import keyring
from tracker.settings import config

METHOD = "authenticator"
ISSUER = "Undersigned"
WINDOW = 30  # seconds by which a phone's clock may differ, either way
RECOVERY_CODES = 10
# No I, L, O, U, 0, 1: what is read from paper is typed as it was meant. Sixteen of thirty make 78 bits.
LETTERS = "ABCDEFGHJKMNPQRSTVWXYZ23456789"

_totp = TOTP.using(issuer=ISSUER)


def is_required() -> bool:
    """Whether this instance asks for it where it is needed; not where it is only tried out (SECOND_FACTOR)."""
    return config().requires_factor


def is_lacking(account: Account | None) -> bool:
    """Whether somebody must set up a second factor before what needs one."""
    return account is not None and is_required() and account.needs_factor and not account.has_factor


def new_secret() -> str:
    """A secret for an authenticator app, as people type it (base32, 160 bits)."""
    return str(_totp.new().base32_key)


def address_of(secret: str, account: Account) -> str:
    """What the QR code says: an otpauth: address."""
    return str(_totp(key=secret).to_uri(account.email.replace(":", "")))


def seal(secret: str, account: Account) -> str:
    """The secret as it lies in this account's row."""
    return keyring().seal(secret, _place(account))


def matching_step(secret: str, code: str, *, after: int | None, now: dt.datetime) -> int | None:
    """The half minute whose code this is, newer than `after`; None when it is no valid code now."""
    digits = re.sub(r"\s", "", code)
    if not re.fullmatch(r"[0-9]{6}", digits):
        return None
    totp = _totp(key=secret)
    newest = int(now.timestamp()) // 30 + 1
    steps = [step for step in range(newest - 2, newest + 1) if after is None or step > after]
    # All three are compared, whichever fits, so that the time tells nothing.
    found = [step for step in steps if secrets.compare_digest(totp.generate(step * 30).token, digits)]
    return found[-1] if found else None


def step_of(account: Account, code: str, *, now: dt.datetime) -> int | None:
    """The same for the account's own secret. Raises SealError when DATA_KEY does not open it."""
    if account.tf_totp_secret is None:
        return None
    secret = keyring().open(account.tf_totp_secret, _place(account))
    return matching_step(secret, code, after=account.tf_last_step, now=now)


def new_recovery_codes() -> list[str]:
    """Ten codes to print or write down."""
    return ["-".join(_letters(4) for _ in range(4)) for _ in range(RECOVERY_CODES)]


def _letters(number: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(number))


def recovery_hash(code: str) -> str:
    """What is kept of a recovery code, however it is typed. It is random, so that a plain hash tells nothing."""
    letters = re.sub(r"[^0-9A-Z]", "", code.upper())
    return hashlib.sha256(f"recovery|{letters}".encode()).hexdigest()


def qr_code(text: str) -> Any:
    """A QR code as SVG for a page: no picture is fetched, no style is inline."""
    import segno
    from markupsafe import Markup

    drawn = segno.make(text, error="m").svg_inline(border=4, svgclass="qr", lineclass=None, omitsize=True)
    return Markup(drawn)  # noqa: S704 - squares alone; the text is in none of its attributes


def _place(account: Account) -> str:
    return f"account|tf_totp_secret|{account.public_id}"
