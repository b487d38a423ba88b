"""One page of a campaign's signatories, for whoever may see that much of them."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import sqlalchemy as sa

from tracker.campaigns.models import Campaign
from tracker.db import Precision, db
from tracker.sealing import SealError
from tracker.search_text import normalise
from tracker.signatures import queries
from tracker.signatures.appearing import Shown, as_chosen, hides_names
from tracker.signatures.models import (
    COUNTED,
    Appearance,
    Signatory,
    SignatoryKind,
    SignatoryToken,
    Signature,
    SignatureStatus,
)
from tracker.signatures.names import searched_words
from tracker.signatures.people import Keys, keys_of, read_contact, read_name

PAGE = 50


class Order(enum.StrEnum):
    """How a list is sorted; by name only where names lie in the open."""

    NAME = "name"
    NEWEST = "newest"
    OLDEST = "oldest"


@dataclass(frozen=True)
class Filters:
    """Which signatories are asked for. `search` never travels in an address: it may be a name."""

    status: SignatureStatus | None = None  # None: those that count
    appearance: Appearance | None = None
    kind: SignatoryKind | None = None
    order: Order | None = None
    search: str = ""
    page: int = 1


@dataclass(frozen=True)
class Row:
    """A signatory in the list of members."""

    public_id: str
    kind: SignatoryKind
    name: str
    office: str
    affiliation: str
    team: str
    city: str
    status: SignatureStatus
    appearance: Appearance
    signed_on: dt.date | None
    signed_precision: Precision | None
    recorded_at: dt.datetime
    address: str = ""
    phone: str = ""
    through: str = ""  # who signed for an organisation
    link: str = ""


@dataclass(frozen=True)
class Listed:
    """One page of rows, and how many there are in all."""

    rows: Sequence[Row] | Sequence[Shown]
    total: int
    page: int
    order: Order
    # Beside a list for outsiders: who chose only to be counted, and organisations of a campaign that shows no names.
    counted_only: int = 0
    bodies: int = 0

    @property
    def pages(self) -> int:
        """How many pages, at least one."""
        return max(1, -(-self.total // PAGE))


def orders_of(campaign: Campaign) -> tuple[Order, ...]:
    """How this campaign's list may be sorted (safety.md, 2: in a protected campaign by date only)."""
    return (Order.NEWEST, Order.OLDEST) if campaign.is_protected else tuple(Order)


def members_list(campaign: Campaign, filters: Filters, *, now: dt.datetime, with_contacts: bool = False) -> Listed:
    """The list as members and administrators see it. Contact data only when asked for, which the caller records."""
    statuses = COUNTED if filters.status is None else {filters.status}
    appearances = Appearance if filters.appearance is None else {filters.appearance}
    kinds = SignatoryKind if filters.kind is None else {filters.kind}
    found = _standing(campaign, statuses, appearances, kinds)
    keys = keys_of(campaign, now=now)
    if filters.search:
        found = found.where(_matches(filters.search, keys))
        total = _number(found)
    else:
        total = queries.number_standing(campaign, tuple(statuses), appearances=tuple(appearances), kinds=tuple(kinds))
    order = filters.order if filters.order in orders_of(campaign) else orders_of(campaign)[0]
    page, ids = _page_of(found, _by(order), total, filters.page)
    return Listed([_row(each, keys, with_contacts) for each in queries.newest_of(ids)], total, page, order)


def outsiders_list(campaign: Campaign, filters: Filters, *, now: dt.datetime) -> Listed:
    """The list as other readers see it: each as the signer chose, and found only by a name that is shown."""
    appearances = (Appearance.NAMED, Appearance.INITIALS)
    kinds = tuple(SignatoryKind) if filters.kind is None else (filters.kind,)
    if hides_names(campaign):
        kinds = tuple(kind for kind in kinds if kind is SignatoryKind.PERSON)
    found = _standing(campaign, COUNTED, appearances, kinds)
    keys = keys_of(campaign, now=now)
    if filters.search:
        named = sa.false() if hides_names(campaign) else Signatory.shown_as == Appearance.NAMED
        found = found.where(named, _matches(filters.search, keys))
        total = _number(found)
    else:
        total = queries.number_standing(campaign, tuple(COUNTED), appearances=appearances, kinds=kinds)
    page, ids = _page_of(found, queries.by_what_is_shown(campaign), total, filters.page)
    signatures = queries.newest_of(ids)
    rows = [shown for each in signatures if (shown := as_chosen(each, campaign, keys)) is not None]
    rows.sort(key=Shown.sort_key)
    standing = partial(queries.number_standing, campaign, tuple(COUNTED))
    counted_only, bodies = standing(appearances=(Appearance.COUNTED,)), 0
    if hides_names(campaign):
        bodies = standing(appearances=appearances, kinds=(SignatoryKind.ORGANISATION,))
    return Listed(rows, total, page, Order.NAME, counted_only, bodies)


def contacts_in(listed: Listed) -> int:
    """How many rows of a page show contact data; what the access record counts."""
    return sum(
        1 for row in listed.rows if isinstance(row, Row) and (row.address or row.phone or row.through or row.link)
    )


def _matches(search: str, keys: Keys) -> sa.ColumnElement[bool]:
    """Names in the open by any part, sealed ones by whole words, all of which must be there."""
    plain = sa.and_(Signatory.sort_text != "", Signatory.sort_text.contains(normalise(search), autoescape=True))
    words = searched_words(search)
    if not words:
        return plain
    try:
        tokens = [keys().word_hash(word) for word in words]
    except SealError:
        return plain
    found = (
        sa.select(SignatoryToken.signatory_id)
        .where(SignatoryToken.token.in_(tokens))
        .group_by(SignatoryToken.signatory_id)
        .having(sa.func.count() == len(tokens))
    )
    return sa.or_(plain, Signatory.id.in_(found))


def _standing(
    campaign: Campaign,
    statuses: Iterable[SignatureStatus],
    appearances: Iterable[Appearance],
    kinds: Iterable[SignatoryKind],
) -> sa.Select[int]:
    """The ids of the campaign's signatories that stand and are shown so. What leaves out nothing is not asked."""
    found = sa.select(Signatory.id).where(
        Signatory.campaign_id == campaign.id, queries.present(), Signatory.stands_as.in_(tuple(statuses))
    )
    if set(appearances) != set(Appearance):
        found = found.where(Signatory.shown_as.in_(tuple(appearances)))
    if set(kinds) != set(SignatoryKind):
        found = found.where(Signatory.kind.in_(tuple(kinds)))
    return found


def _by(order: Order) -> tuple[queries.Rising, ...]:
    if order is Order.NAME:
        return ((Signatory.sort_text.expression, True), (Signatory.id.expression, True))
    return ((Signatory.stands_on.expression, order is Order.OLDEST), (Signatory.id.expression, order is Order.OLDEST))


def _number(found: sa.Select[int]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0


def _page_of(
    found: sa.Select[int], order: Sequence[queries.Rising], total: int, page: int
) -> tuple[int, Sequence[int]]:
    """The page, no further than the last, and its ids in order. Beyond the middle it is counted from the end, so that
    the last page is found as quickly as the first."""
    page = min(max(1, page), max(1, -(-total // PAGE)))
    start = (page - 1) * PAGE
    size = min(PAGE, total - start)
    from_the_end = start > total // 2
    if from_the_end:
        start = total - start - size
    ordered = found.order_by(*(column.asc() if rising != from_the_end else column.desc() for column, rising in order))
    ids = list(db.session.scalars(ordered.limit(size).offset(start)))
    return page, ids[::-1] if from_the_end else ids


def _row(signature: Signature, keys: Keys, with_contacts: bool) -> Row:
    signatory = signature.signatory
    person = read_name(signatory, keys)
    address, phone, through, link = read_contact(signatory, keys) if with_contacts else ("",) * 4
    return Row(
        public_id=signatory.public_id,
        kind=signatory.kind,
        name=person.name,
        office=person.office,
        affiliation=person.affiliation,
        team=person.team,
        city=person.city,
        status=signature.status,
        appearance=signature.appearance,
        signed_on=signature.signed_on,
        signed_precision=signature.signed_precision,
        recorded_at=signature.recorded_at,
        address=address,
        phone=phone,
        through=through,
        link=link,
    )
