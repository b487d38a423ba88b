"""The page of the form, kept ready in the process: everybody who is not signed in gets the same, but for the moment at
which it was opened.

Nothing is trusted to be as it was. Each request asks the database for all that the page is made of, in one statement,
and makes the page anew when the answer is another: what is closed, hidden, renamed or removed is so at once. Whoever
has a session gets a page of their own.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, session
from flask_babel import get_locale

from tracker.signatures import trap
from tracker.signatures.places import Place, Shape, state_by_key
from tracker.timeline.queries import day_in

KEPT = 100  # pages; a busy site has a few campaigns that are signed


@dataclass(frozen=True)
class Ready:
    """A page, cut where the moment of opening stands."""

    state: list[tuple[Any, ...]]
    campaign: str  # its public id
    shape: Shape
    zone: str
    day: dt.date  # in that zone: a form may close at midnight
    is_public: bool
    before: str
    after: str


def ready_page(key: str, make: Callable[[str], tuple[str, Place] | None], now: dt.datetime) -> str | None:
    """The page at this address, stamped. `make` renders it with the stamp that it is given, unless it cannot be kept.

    None where the caller makes a page of its own.
    """
    if session:
        return None
    name, pages = _name(key), _pages()
    state = state_by_key(key)
    ready = pages.get(name)
    if ready is None or ready.state != state or day_in(ready.zone, now) != ready.day:
        pages.pop(name, None)
        ready = _made(state, make, now) if len(state) == 1 else None
        if ready is None:
            return None
        if len(pages) >= KEPT:
            pages.clear()
        pages[name] = ready
    g.token_page = not ready.is_public
    return f"{ready.before}{trap.stamp(ready.campaign, now)}{ready.after}"


def kept_page(key: str) -> Ready | None:
    """The page as it was when it was last opened. It may have changed since: whoever goes by it looks once more."""
    return _pages().get(_name(key))


def _name(key: str) -> str:
    return f"{get_locale()}|{key}"


def _made(
    state: list[tuple[Any, ...]], make: Callable[[str], tuple[str, Place] | None], now: dt.datetime
) -> Ready | None:
    mark = secrets.token_hex(16)
    made = make(mark)
    if made is None:
        return None
    page, place = made
    before, after = page.split(mark)
    campaign, shape = place.campaign, place.shape
    assert shape is not None
    return Ready(
        state, campaign.public_id, shape, campaign.zone, day_in(campaign.zone, now), place.is_public, before, after
    )  # fmt: skip


def _pages() -> dict[str, Ready]:
    pages: dict[str, Ready] = current_app.extensions.setdefault("signatures.ready", {})
    return pages
