"""That it is really them: a browser left open is not enough for what cannot be taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from flask import session
from flask_babel import gettext as _
from wtforms import Field

from tracker import clock
from tracker.accounts import limits
from tracker.accounts.access import me
from tracker.accounts.service.factor import WRONG_CODE, locked, passes_factor
from tracker.accounts.service.own import is_password_of
from tracker.accounts.views.waits import in_words
from tracker.db import transaction
from tracker.jobs import SEND_MAIL, nudge
from tracker.settings import config
from tracker.words import LazyString


class AsksPassword(Protocol):
    """A form with a present password in it."""

    form_errors: list[str | LazyString]
    current_password: Field


class AsksBoth(AsksPassword, Protocol):
    """A form with a present password and a code in it."""

    code: Field


def gave_password(form: AsksPassword) -> bool:
    """Whether the present password was given; one who has none (mailed links) need not. The form says what is wrong."""
    account = me()
    if account.password is None:
        return True
    try:
        limits.passwords.refuse_while_waiting(account.email)
    except limits.TooManyTries as wait:
        form.form_errors.append(in_words(wait))
        return False
    if is_password_of(account, str(form.current_password.data or "")):
        limits.passwords.succeeded(account.email)
        return True
    limits.passwords.failed(account.email)
    form.current_password.errors = [_("This is not your present password.")]
    return False


def proved_themselves(form: AsksBoth) -> bool:
    """Whether password and code were given, each where there is one; the code is used up. Outside a transaction."""
    if not gave_password(form):
        return False
    account = me()
    if not account.has_factor:
        return True
    try:
        limits.codes.refuse_while_waiting(account.email)
    except limits.TooManyTries as wait:
        form.form_errors.append(in_words(wait))
        return False
    number, email, given = account.id, account.email, str(form.code.data or "")
    with transaction():
        them = locked(number)
        passed = them is not None and passes_factor(them, given, now=clock.now())
    if passed:
        limits.codes.succeeded(email)
        nudge(SEND_MAIL)
        return True
    limits.codes.failed(email)
    form.code.errors = [str(WRONG_CODE)]
    return False


PROVED_AT = "proved_at"  # in the signed cookie, which ends with the sign-in


@dataclass(frozen=True)
class Asked:
    """What somebody has to give again."""

    password: bool
    code: bool


def asked_each_time() -> Asked:
    """What is asked for before something that cannot be taken back: whatever they have (`proved_themselves`)."""
    account = me()
    return Asked(password=account.password is not None, code=account.has_factor)


def asked_again() -> Asked:
    """What is asked for before contact data is shown: nothing where it was given a moment ago (`proof_kept`)."""
    return Asked(password=False, code=False) if _proved_lately() else asked_each_time()


def proved_lately_or_now(form: AsksBoth) -> bool:
    """Before contact data is shown. What cannot be taken back, an export, is proved each time (`proved_themselves`)."""
    if _proved_lately():
        return True
    if not proved_themselves(form):
        return False
    session[PROVED_AT] = int(clock.now().timestamp())
    return True


def _proved_lately() -> bool:
    proved = session.get(PROVED_AT)
    if not isinstance(proved, int):
        return False
    return 0 <= clock.now().timestamp() - proved <= config().durations.proof_kept.total_seconds()
