"""What somebody is called: by name or handle inside the team, "the organisers" outside it (safety.md, 11)."""

from __future__ import annotations

from flask import Flask

from tracker.accounts.models import Account
from tracker.words import LazyString, _

THE_ORGANISERS = _("the organisers")
SOMEBODY = _("somebody who is gone")


def display_name(account: Account | None, for_outsiders: bool) -> str | LazyString:
    """The words to show for whoever did something. Says explicitly for whom, so that nobody forgets to ask."""
    if for_outsiders:
        return THE_ORGANISERS
    if account is None:
        return SOMEBODY
    return account.name or account.email


def init_app(app: Flask) -> None:
    """Give templates the filter: `{{ entry.actor | display_name(for_outsiders=False) }}`."""
    app.add_template_filter(display_name)
