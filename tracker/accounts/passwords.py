"""Passwords: at least twelve characters, no rule about which; common ones and one's own words are refused.

Any character may be pasted or typed. Endings, doublings and the usual swaps (p@ssw0rd) are undone before the look-up in
`common_passwords.txt`, so that a short list of words stands for the thousands made of them.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

from flask import current_app
from flask_security.password_util import PasswordUtil
from flask_security.utils import hash_password, verify_password

from tracker.words import LazyString, _

MINIMUM_LENGTH = 12
MAXIMUM_LENGTH = 256  # argon2 takes any length; a megabyte would only keep the server busy
AT_ONCE = 4  # hashes at the same moment: each takes 64 MiB

TOO_SHORT = _("Use at least 12 characters; three or four words make a good password.")
TOO_LONG = _("Use at most 256 characters.")
TOO_COMMON = _(
    "This is one of the first passwords anybody would try. Use three or four words that do not belong together."
)
OWN_WORDS = _("This is made of your own name, your address or this site's name, which anybody would try first.")

PRODUCT_WORDS = ("undersigned", "tracker", "campaign", "petition", "signatures", "signatory")
_SWAPS = str.maketrans("@4380615$7!|+2", "aaebogissiiltz"[:14])
_RUNS = (
    "abcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "01234567890123456789",
)
_slots = threading.BoundedSemaphore(AT_ONCE)


@cache
def _common() -> frozenset[str]:
    lines = (Path(__file__).parent / "common_passwords.txt").read_text().splitlines()
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def weakness(password: str, own_words: tuple[str, ...] = ()) -> LazyString | None:
    """Why this password is refused, in words, or None. `own_words`: name, address and the like of its owner."""
    if len(password) < MINIMUM_LENGTH:
        return TOO_SHORT
    if len(password) > MAXIMUM_LENGTH:
        return TOO_LONG
    plain = re.sub(r"[\s_.\-]+", "", password.casefold())
    if len(set(plain)) < 5 or _is_run(plain):
        return TOO_COMMON
    for shape in _shapes(plain):
        if shape in _common():
            return TOO_COMMON
        own = sorted(_words(*own_words, *PRODUCT_WORDS), key=len, reverse=True)
        rest = re.sub("|".join(map(re.escape, own)), "", shape)
        if len(rest) < 5 and len(rest) < len(shape):
            return OWN_WORDS
    return None


def _shapes(plain: str) -> set[str]:
    """The password as typed, without its ending, with swaps undone, and once instead of twice."""
    shapes = {plain}
    for shape in (plain, plain.strip("0123456789!?.,*#$%&+=-@"), plain.translate(_SWAPS)):
        shapes |= {shape, shape.translate(_SWAPS), shape.strip("0123456789")}
    for shape in tuple(shapes):
        for parts in (2, 3, 4):
            part, left_over = divmod(len(shape), parts)
            if part and not left_over and shape[:part] * parts == shape:
                shapes.add(shape[:part])
    return {shape for shape in shapes if shape}


def _is_run(plain: str) -> bool:
    """Whether it is keys in a row, forwards or backwards, perhaps with a short ending."""
    return any(plain[:10] in run or plain[:10] in run[::-1] for run in _RUNS)


def _words(*texts: str) -> set[str]:
    return {word for text in texts for word in re.split(r"[^\w]+", text.casefold()) if len(word) >= 3}


class Rules(PasswordUtil):
    """The same rules for everything in Flask-Security that takes a password."""

    def validate(self, password: str, is_register: bool, **facts: Any) -> tuple[list[str] | None, str]:
        """Reasons against it (or None), and the password as it is to be hashed."""
        user = facts.get("user")
        own = (user.email, user.name) if user is not None else (str(facts.get("email") or ""),)
        problem = weakness(password, own)
        return ([str(problem)] if problem else None), normal(password)


def normal(password: str) -> str:
    """The same characters however a keyboard composes them."""
    return unicodedata.normalize("NFKD", password)


def hashed(password: str) -> str:
    """Its argon2id hash; at most four are made at once."""
    with _slots:
        return str(hash_password(normal(password)))


def matches(password: str, hash_: str | None) -> bool:
    """Whether a password belongs to a hash; takes as long when there is none to compare with."""
    with _slots:
        if hash_ is None:
            verify_password(normal(password), _nobody())
            return False
        return bool(verify_password(normal(password), hash_))


def is_outdated(hash_: str) -> bool:
    """Whether a hash was made with weaker settings than today's."""
    return bool(current_app.extensions["security"].pwd_context.needs_update(hash_))


@cache
def _nobody() -> str:
    """A hash that no password opens."""
    import secrets

    return str(hash_password(secrets.token_urlsafe(32)))
