"""The first administrator."""

from __future__ import annotations

import datetime as dt

from tracker.accounts import queries
from tracker.accounts.models import Account, LinkPurpose, Role
from tracker.accounts.service.errors import AccountError
from tracker.accounts.service.links import absolute, new_link, use
from tracker.accounts.service.people import add_account
from tracker.settings import config
from tracker.words import _

DONE_ALREADY = _("This tracker has an administrator already. Ask them for an invitation.")


def setup_link(now: dt.datetime) -> str | None:
    """The address at which the first administrator signs up; None once there is one. A new link ends the older."""
    if queries.other_administrators():
        return None
    return absolute("/setup/" + new_link(LinkPurpose.SETUP, None, lasting=config().durations.setup_link, now=now))


def set_up(token: str, *, email: str, name: str, password: str, zone: str, now: dt.datetime) -> Account:
    """Make the first administrator. Raises AccountError: link used, administrator there, bad password."""
    if queries.other_administrators():
        raise AccountError(DONE_ALREADY)
    use(token, LinkPurpose.SETUP, now=now)
    return add_account(email, role=Role.ADMINISTRATOR, name=name, password=password, zone=zone, now=now)
