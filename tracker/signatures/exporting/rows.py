"""The rows of an export, a batch at a time: each in a short transaction of its own, so that a million take no more
memory than a thousand, hold no lock and keep no old version of the database alive while somebody's line is slow."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from tracker.campaigns.models import Campaign, CampaignText
from tracker.companies.models import Organisation
from tracker.db import Precision, db
from tracker.sealing import CampaignKeys, SealError, campaign_keys
from tracker.signatures import queries
from tracker.signatures.appearing import hides_names, shown_as
from tracker.signatures.exporting.columns import Column, Extent, Wanted
from tracker.signatures.models import COUNTED, Appearance, Signatory, SignatoryKind, Signature
from tracker.signatures.people import SHOWN, Keys, Person, place_of
from tracker.timeline.queries import day_in

BATCH = 2_000
Cells = tuple[str | int, ...]
Batch = Sequence[sa.Row[Any]]
Table = Mapping[str, Sequence[Any]]  # the rows of a batch by the names of their columns
_ORDER: sa.ColumnElement[Any] = sa.inspect(Signatory).columns["public_id"]  # random, and an index has it
OUTSIDERS_SEE = (Appearance.NAMED, Appearance.INITIALS)


def number_of_rows(campaign: Campaign, wanted: Wanted) -> int:
    """How many signatories the export will hold, as the access record says it; without counting them."""
    if wanted.extent is Extent.WHOLE:
        return queries.number_standing(campaign, wanted.statuses)
    kinds = (SignatoryKind.PERSON,) if hides_names(campaign) else tuple(SignatoryKind)
    return queries.number_standing(campaign, wanted.statuses, appearances=OUTSIDERS_SEE, kinds=kinds)


def rows(campaign: Campaign, wanted: Wanted, *, now: dt.datetime, batch: int = BATCH) -> Iterator[Cells]:
    """Each signatory's cells, in the order of the columns. They come in an order that tells nothing: whoever signed by
    mail before and after somebody would tell when that one signed with a slip.

    All that is asked of the session is asked at once; what follows needs no more than an app context.
    """
    wanted = wanted.checked()
    opened = campaign_keys(campaign.public_id, now=now)

    def keys() -> CampaignKeys:
        return opened

    if wanted.extent is Extent.AS_SHOWN:
        cells_of = _as_shown(hides_names(campaign), wanted, keys)
    else:
        cells_of = _whole(wanted, keys, campaign.zone if campaign.is_protected else None)
    query = statement(campaign, wanted).order_by(_ORDER).limit(batch)
    return _in_batches(query, batch, cells_of)


def _in_batches(query: sa.Select[Any], batch: int, cells_of: Callable[[Batch], Iterable[Cells]]) -> Iterator[Cells]:
    """What follows the last row, until there is no more."""
    after: Any = None
    while True:
        with db.engine.connect() as connection:
            found = connection.execute(query if after is None else query.where(after < _ORDER)).all()
        yield from cells_of(found)
        if len(found) < batch:
            return
        after = found[-1].public_id


def _word(column: Any) -> sa.Label[str]:
    """A word as it is stored: making it a member of its enumeration and a word again is dear a million times."""
    return sa.type_coerce(column, sa.String).label(column.key)


def statement(campaign: Campaign, wanted: Wanted) -> sa.Select[Any]:
    """The columns that this export needs and no other: what is sealed is large."""
    columns: list[Any] = [
        Signatory.id, Signatory.public_id, Organisation.name.label("body"),
        Signatory.name, Signatory.name_sealed, Signatory.office, Signatory.office_sealed,
        Signatory.affiliation, Signatory.affiliation_sealed,
        Signature.signed_on, Signature.recorded_at, Signature.wishes_updates,
        *map(_word, (Signatory.kind, Signature.status, Signature.provenance, Signature.appearance)),
        _word(Signature.signed_precision),
    ]  # fmt: skip
    for column, plain, sealed in (
        (Column.TEAM, Signatory.team, Signatory.team_sealed),
        (Column.CITY, Signatory.city, Signatory.city_sealed),
    ):
        if column in wanted.columns:
            columns += [plain, sealed]
    if wanted.has_contacts:
        columns += [Signatory.address_sealed, Signatory.phone_sealed, Signatory.link_sealed]
    newest = (
        sa.select(sa.func.max(Signature.id))
        .where(Signature.signatory_id == Signatory.id)
        .correlate(Signatory)
        .scalar_subquery()
    )
    query = (
        sa.select(*columns)
        .select_from(Signatory)
        .join(Signature, Signature.id == newest)
        .outerjoin(Organisation, Organisation.id == Signatory.organisation_id)
        .where(Signatory.campaign_id == campaign.id, queries.present(), Signatory.stands_as.in_(wanted.statuses))
    )
    if Column.TEXT_VERSION in wanted.columns:
        query = query.outerjoin(CampaignText, CampaignText.id == Signature.text_id).add_columns(
            CampaignText.number.label("text_version")
        )
    if wanted.extent is Extent.AS_SHOWN:
        query = query.where(Signatory.shown_as.in_(OUTSIDERS_SEE))
    return query


def _as_shown(hides: bool, wanted: Wanted, keys: Keys) -> Callable[[Batch], Iterable[Cells]]:
    def cells(found: Batch) -> Iterator[Cells]:
        for row in found:
            kind, appearance = SignatoryKind(row.kind), Appearance(row.appearance)
            shown = shown_as(functools.partial(_person, row, keys), kind=kind, appearance=appearance, hides=hides)
            if shown is None:
                continue
            values = {
                Column.NAME: shown.name,
                Column.ROLE: shown.office,
                Column.ORGANISATION: shown.affiliation,
                Column.KIND: row.kind,
            }
            yield tuple(values[column] for column in wanted.columns)

    return cells


def _whole(wanted: Wanted, keys: Keys, day_in_zone: str | None) -> Callable[[Batch], Iterable[Cells]]:
    """Column by column: of a million rows, what is done once for each cell takes most of the time."""
    readers: dict[Column, Callable[[Table], Sequence[str | int]]] = {
        Column.NAME: lambda table: _names(table, keys),
        Column.ROLE: lambda table: _texts(table, "office", keys),
        Column.ORGANISATION: lambda table: _texts(table, "affiliation", keys),
        Column.TEAM: lambda table: _texts(table, "team", keys),
        Column.CITY: lambda table: _texts(table, "city", keys),
        Column.KIND: lambda table: table["kind"],
        Column.EMAIL: lambda table: _contacts(table, "address", keys),
        Column.PHONE: lambda table: _contacts(table, "phone", keys),
        Column.LINK: lambda table: _contacts(table, "link", keys),
        Column.STATUS: lambda table: table["status"],
        Column.FROM: lambda table: table["provenance"],
        Column.APPEARANCE: lambda table: table["appearance"],
        Column.SIGNED_ON: lambda table: list(map(as_known, table["signed_on"], table["signed_precision"])),
        Column.RECORDED_AT: lambda table: [recorded(moment, day_in_zone) for moment in table["recorded_at"]],
        Column.TEXT_VERSION: lambda table: ["" if number is None else number for number in table["text_version"]],
        Column.WISHES_UPDATES: lambda table: ["yes" if wishes else "no" for wishes in table["wishes_updates"]],
        Column.REFERENCE: lambda table: table["public_id"],
    }
    chosen = [readers[column] for column in wanted.columns]

    def cells(found: Batch) -> Iterable[Cells]:
        if not found:
            return ()
        table = dict(zip(found[0]._fields, zip(*found, strict=True), strict=True))
        return zip(*[read(table) for read in chosen], strict=True)

    return cells


def _names(table: Table, keys: Keys) -> Sequence[str]:
    names, bodies = _texts(table, "name", keys), table["body"]
    return [body or name for body, name in zip(bodies, names, strict=True)] if any(bodies) else names


def _contacts(table: Table, column: str, keys: Keys) -> Sequence[str]:
    """Who withdrew does not wish to be written to."""
    sealed = zip(table[f"{column}_sealed"], table["status"], strict=True)
    return _texts(
        {**table, f"{column}_sealed": [one if status in COUNTED else None for one, status in sealed]}, column, keys
    )


def _texts(table: Table, column: str, keys: Keys) -> Sequence[str]:
    """A column of words, opened where they are sealed; empty once their key is gone."""
    sealed = table[f"{column}_sealed"]
    plain = table.get(column) or [""] * len(sealed)
    if not any(sealed):
        return [text or "" for text in plain]
    rows = zip(plain, sealed, table["public_id"], strict=True)
    return [text or "" if one is None else _open(one, column, public_id, keys) for text, one, public_id in rows]


def recorded(moment: dt.datetime, day_in_zone: str | None) -> str:
    """When a signature was recorded; with a zone no more than the day there, since of a small protected group even the
    minute tells who signed."""
    return moment.isoformat(timespec="seconds") if day_in_zone is None else day_in(day_in_zone, moment).isoformat()


def as_known(day: dt.date | None, precision: str | None) -> str:
    """A date no more exactly than it is known: 2018, 2018-06 or 2018-06-21."""
    if day is None:
        return ""
    return day.isoformat()[: _LENGTHS.get(precision, 10)]


_LENGTHS: dict[str | None, int] = {Precision.YEAR: 4, Precision.MONTH: 7}


def _person(row: Any, keys: Keys) -> Person:
    if row.body is not None:
        return Person(name=row.body, office=row.office, affiliation=row.affiliation)
    return Person(*(_opened(row, column, keys) for column in SHOWN))


def _opened(row: Any, column: str, keys: Keys) -> str:
    """A value of a row that is no model, for speed; as `people.read_name` opens it."""
    sealed = getattr(row, f"{column}_sealed")
    if sealed is None:
        return str(getattr(row, column, "") or "")
    return _open(sealed, column, row.public_id, keys)


def _open(sealed: str, column: str, public_id: str, keys: Keys) -> str:
    try:
        return keys().open(sealed, place_of(column, public_id))
    except SealError:
        return ""
