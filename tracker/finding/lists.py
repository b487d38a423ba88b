"""The list of campaigns, whole: one page, its facets, and what was asked instead when nothing was found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.finding.campaigns import looked_up, page_of_campaigns
from tracker.finding.documents import meant
from tracker.finding.facets import Facets, count_facets
from tracker.finding.seen import campaigns_with, readable
from tracker.finding.wanted import Wanted
from tracker.search.asking import Asked, read


@dataclass(frozen=True)
class Found:
    """One page of campaigns, and how many more each facet's value has."""

    wanted: Wanted
    campaigns: Sequence[Campaign]
    facets: Facets
    page: int
    pages: int
    any_known: bool  # whether there is any campaign one may read
    instead_of: str = ""  # the words as typed, when nothing had them and others like them were asked instead


def find(wanted: Wanted, account: Account, *, today: dt.date, per_page: int) -> Found:
    """The page that is wanted; when no campaign has its words, the page for words that may have been meant."""
    among = looked_up(wanted, account, today)
    instead_of, facets = "", count_facets(wanted, account, today, among)
    if wanted.q and not facets.total:
        better = meant(read(wanted.q), lambda asked: _count(asked, account, today))
        if better is not None:
            instead_of, wanted = wanted.q, replace(wanted, q=better)
            among = looked_up(wanted, account, today)
            facets = count_facets(wanted, account, today, among)
    pages = max(1, -(-facets.total // per_page))
    page = min(wanted.page, pages)
    campaigns: Sequence[Campaign] = ()
    if facets.total:
        campaigns = page_of_campaigns(
            wanted, account, today, among=among, total=facets.total, per_page=per_page, page=page
        )
    known = bool(campaigns) or bool(db.session.scalar(sa.select(readable(account).exists())))
    return Found(wanted, campaigns, facets, page, pages, known, instead_of)


def _count(asked: Asked, account: Account, today: dt.date) -> int:
    """How many campaigns this account finds by words alone."""
    found = sa.select(sa.func.count()).select_from(Campaign).where(Campaign.id.in_(readable(account)))
    found = found.where(*(Campaign.id.in_(campaigns_with(term, account, today)) for term in asked.terms))
    return db.session.scalar(found) or 0
