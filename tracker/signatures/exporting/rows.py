"""The rows of an export, a batch at a time: each in a short transaction of its own, so that a million take no more
memory than a thousand, hold no lock and keep no old version of the database alive while somebody's line is slow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any, cast

import sqlalchemy as sa

from tracker.campaigns.models import Campaign, CampaignText
from tracker.companies.models import Organisation
from tracker.db import Precision, db
from tracker.sealing import CampaignKeys, SealError, campaign_keys
from tracker.signatures import queries
from tracker.signatures.appearing import hides_names, shown_as
from tracker.signatures.exporting.columns import Column, Extent, Wanted
from tracker.signatures.models import COUNTED, Appearance, Signatory, SignatoryKind, Signature
from tracker.signatures.people import SHOWN, Keys, Person, place

BATCH = 2_000
Cells = tuple[str | int, ...]
OUTSIDERS_SEE = (Appearance.NAMED, Appearance.INITIALS)


def number_of_rows(campaign: Campaign, wanted: Wanted) -> int:
    """How many signatories the export will hold, as the access record says it; without counting them."""
    if wanted.extent is Extent.WHOLE:
        return queries.number_standing(campaign, wanted.statuses)
    kinds = (SignatoryKind.PERSON,) if hides_names(campaign) else tuple(SignatoryKind)
    return queries.number_standing(campaign, wanted.statuses, appearances=OUTSIDERS_SEE, kinds=kinds)


def rows(campaign: Campaign, wanted: Wanted, *, now: dt.datetime, batch: int = BATCH) -> Iterator[Cells]:
    """Each signatory's cells, in the order of the columns. What outsiders see comes in an order that tells nothing.

    All that is asked of the session is asked at once; what follows needs no more than an app context.
    """
    wanted = wanted.checked()
    opened = campaign_keys(campaign.public_id, now=now)

    def keys() -> CampaignKeys:
        return opened

    as_shown = wanted.extent is Extent.AS_SHOWN
    cells_of = _as_shown(hides_names(campaign), wanted, keys) if as_shown else _whole(wanted, keys)
    by = "public_id" if as_shown else "id"
    column: sa.ColumnElement[Any] = sa.inspect(Signatory).columns[by]
    return _in_batches(statement(campaign, wanted).order_by(column).limit(batch), column, by, batch, cells_of)


def _in_batches(
    query: sa.Select[Any], column: sa.ColumnElement[Any], by: str, batch: int, cells_of: Callable[[Any], Cells | None]
) -> Iterator[Cells]:
    """What follows the last row, until there is no more."""
    after: Any = None
    while True:
        with db.engine.connect() as connection:
            found = connection.execute(query if after is None else query.where(column > after)).all()
        for row in found:
            cells = cells_of(row)
            if cells is not None:
                yield cells
        if len(found) < batch:
            return
        after = getattr(found[-1], by)


def statement(campaign: Campaign, wanted: Wanted) -> sa.Select[Any]:
    """The columns that this export needs and no other: what is sealed is large."""
    columns: list[Any] = [
        Signatory.id, Signatory.public_id, Signatory.kind, Organisation.name.label("body"),
        Signatory.name, Signatory.name_sealed, Signatory.office, Signatory.office_sealed,
        Signatory.affiliation, Signatory.affiliation_sealed,
        Signature.status, Signature.provenance, Signature.appearance, Signature.signed_on, Signature.signed_precision,
        Signature.recorded_at, Signature.wishes_updates,
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


def _as_shown(hides: bool, wanted: Wanted, keys: Keys) -> Callable[[Any], Cells | None]:
    def cells(row: Any) -> Cells | None:
        shown = shown_as(lambda: _person(row, keys), kind=row.kind, appearance=row.appearance, hides=hides)
        if shown is None:
            return None
        values = {
            Column.NAME: shown.name,
            Column.ROLE: shown.office,
            Column.ORGANISATION: shown.affiliation,
            Column.KIND: row.kind.value,
        }
        return tuple(values[column] for column in wanted.columns)

    return cells


def _whole(wanted: Wanted, keys: Keys) -> Callable[[Any], Cells | None]:
    readers: dict[Column, Callable[[Any], str | int]] = {
        Column.NAME: lambda row: row.body or _opened(row, "name", keys),
        Column.ROLE: lambda row: _opened(row, "office", keys),
        Column.ORGANISATION: lambda row: _opened(row, "affiliation", keys),
        Column.TEAM: lambda row: _opened(row, "team", keys),
        Column.CITY: lambda row: _opened(row, "city", keys),
        Column.KIND: lambda row: str(row.kind.value),
        # Who withdrew does not wish to be written to.
        Column.EMAIL: lambda row: _opened(row, "address", keys) if row.status in COUNTED else "",
        Column.PHONE: lambda row: _opened(row, "phone", keys) if row.status in COUNTED else "",
        Column.LINK: lambda row: _opened(row, "link", keys) if row.status in COUNTED else "",
        Column.STATUS: lambda row: str(row.status.value),
        Column.FROM: lambda row: str(row.provenance.value),
        Column.APPEARANCE: lambda row: str(row.appearance.value),
        Column.SIGNED_ON: lambda row: as_known(row.signed_on, row.signed_precision),
        Column.RECORDED_AT: lambda row: row.recorded_at.isoformat(timespec="seconds"),
        Column.TEXT_VERSION: lambda row: row.text_version if row.text_version is not None else "",
        Column.WISHES_UPDATES: lambda row: "yes" if row.wishes_updates else "no",
        Column.REFERENCE: lambda row: row.public_id,
    }
    chosen = [readers[column] for column in wanted.columns]
    return lambda row: tuple([read(row) for read in chosen])


def as_known(day: dt.date | None, precision: Precision | None) -> str:
    """A date no more exactly than it is known: 2018, 2018-06 or 2018-06-21."""
    if day is None:
        return ""
    length = {Precision.YEAR: 4, Precision.MONTH: 7}.get(precision or Precision.DAY, 10)
    return day.isoformat()[:length]


def _person(row: Any, keys: Keys) -> Person:
    if row.body is not None:
        return Person(name=row.body, office=row.office, affiliation=row.affiliation)
    return Person(*(_opened(row, column, keys) for column in SHOWN))


def _opened(row: Any, column: str, keys: Keys) -> str:
    """A value of a row that is no model, for speed; as `people.read_name` opens it. Empty once its key is gone."""
    sealed = getattr(row, f"{column}_sealed")
    if sealed is None:
        return str(getattr(row, column, "") or "")
    try:
        return keys().open(sealed, place(column, cast(Signatory, row)))
    except SealError:
        return ""
