"""What keeps simple robots from signing, without a third party and without a script (safety.md, 4 and 5).

The form carries the moment it was opened, keyed, and a field that people do not see. Whoever sends it at once, without
the moment, or with that field filled gets the form back and may press the button again; a person loses nothing.
"""

from __future__ import annotations

import datetime as dt
import hmac

from tracker.accounts.limits import keyed
from tracker.settings import config
from tracker.words import LazyString, _

TOO_QUICK = _("That was very quick. Please look once more at what you typed, and press the button again.")
TOO_OLD = _("This page was open for long. Please look once more at what you typed, and press the button again.")
NOT_A_PERSON = _("A field that people do not see was filled in. It is empty again; please press the button once more.")


def stamp(campaign: str, now: dt.datetime) -> str:
    """The moment a form of the campaign with this public id is opened, which nobody can make but we."""
    seconds = str(int(now.timestamp()))
    return f"{seconds}.{_mark(campaign, seconds)}"


def refusal(campaign: str, given: str, bait: str, now: dt.datetime) -> LazyString | None:
    """Why this form is not taken yet; None when it is."""
    if bait:
        return NOT_A_PERSON
    seconds, _dot, mark = given.partition(".")
    if not seconds.isdecimal() or not hmac.compare_digest(mark.encode(), _mark(campaign, seconds).encode()):
        return TOO_OLD
    age, durations = now.timestamp() - int(seconds), config().durations
    if age > durations.sign_form_open.total_seconds():
        return TOO_OLD
    # The clock is whole seconds: a form opened in this second counts as not yet one second old.
    return TOO_QUICK if age < durations.sign_form_least.total_seconds() else None


def _mark(campaign: str, seconds: str) -> str:
    return keyed("sign form", f"{campaign}|{seconds}")
