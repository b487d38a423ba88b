"""How long somebody must wait who tried too often, in words."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import ngettext

from tracker.accounts.limits import TooManyTries


def in_words(wait: TooManyTries) -> str:
    """How long to wait, in words."""
    if wait.seconds < 60:
        left = ngettext("%(num)d second", "%(num)d seconds", wait.seconds)
    else:
        left = ngettext("%(num)d minute", "%(num)d minutes", -(-wait.seconds // 60))
    return str(_("Too many tries for this address. Please wait %(time)s, then try again.", time=left))
