"""Searches that somebody keeps: a name, and what the list of campaigns was asked. Each is its owner's alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from urllib.parse import parse_qsl

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from tracker.accounts.models import Account
from tracker.campaigns.models import SavedSearch
from tracker.db import db
from tracker.finding.wanted import Wanted
from tracker.words import LazyString, _

MOST = 50


class SavedSearchError(Exception):
    """Why a search is not kept, in words; `field` is what caused it."""

    def __init__(self, words: LazyString, field: str = "") -> None:
        super().__init__(words)
        self.field = field


def wanted_by(saved: SavedSearch) -> Wanted:
    """What it asks."""
    return Wanted.from_query(MultiDict(parse_qsl(saved.query)))


def saved_searches(account: Account) -> Sequence[SavedSearch]:
    """Everything this account keeps, by name."""
    found = sa.select(SavedSearch).where(SavedSearch.account_id == account.id)
    return db.session.scalars(found.order_by(sa.func.lower(SavedSearch.name), SavedSearch.id)).all()


def saved_search(account: Account, public_id: str) -> SavedSearch | None:
    """One of this account's."""
    return db.session.scalar(
        sa.select(SavedSearch).where(SavedSearch.account_id == account.id, SavedSearch.public_id == public_id)
    )


def keep_search(account: Account, name: str, wanted: Wanted, *, now: dt.datetime) -> SavedSearch:
    """Keep a search under a name; one that is kept already gets the new name. Raises SavedSearchError."""
    if not wanted.is_narrowed:
        raise SavedSearchError(_("This asks for every campaign; follow everything instead."))
    mine = saved_searches(account)
    saved = next((one for one in mine if wanted_by(one).query == wanted.query), None)
    if saved is None:
        if len(mine) >= MOST:
            raise SavedSearchError(_("Fifty searches are kept already; remove one that you no longer need."))
        saved = SavedSearch(account_id=account.id, query=wanted.query, created_at=now)
    rename_search(saved, name)
    db.session.add(saved)
    db.session.flush()
    return saved


def rename_search(saved: SavedSearch, name: str) -> None:
    """Raises SavedSearchError for an empty name."""
    if not name:
        raise SavedSearchError(_("Give it a name."), "name")
    saved.name = name[:120]


def remove_search(saved: SavedSearch) -> None:
    """Keep it no longer. Whoever follows it must have stopped (digests.service.forget_saved_search)."""
    db.session.delete(saved)
    db.session.flush()
