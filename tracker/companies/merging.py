"""A person decides that organisations are one, or are not; and takes it back.

Whatever refers to the merged one, in whichever table, refers to the other afterwards; the rows are remembered, so that
exactly these go back. A row that would then stand twice, where both signed one campaign for instance, stays with the
merged one; a feature that must do something about it says so with `on_merging`.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.companies.merges import OrganisationDifference, OrganisationMerge
from tracker.companies.models import Organisation
from tracker.companies.service import CompanyError
from tracker.db import Model, db, insert_missing
from tracker.timeline.service import record_revision
from tracker.words import _

GONE = _("One of these organisations is not here any more, or was merged meanwhile.")
Reaction = Callable[[Organisation, Organisation, bool], None]
_reactions: list[Reaction] = []
OWN = frozenset({"organisation", OrganisationMerge.__tablename__, OrganisationDifference.__tablename__})


def on_merging(reaction: Reaction) -> Reaction:
    """Have this called with the kept and the merged organisation, and whether they were merged or parted again."""
    _reactions.append(reaction)
    return reaction


def merge_organisations(
    kept: Organisation, others: Sequence[Organisation], *, actor: Account, now: dt.datetime
) -> list[OrganisationMerge]:
    """Make the others part of one. Raises CompanyError when one of them is gone."""
    ids = {kept.id, *(other.id for other in others)}
    present = db.session.scalars(
        sa.select(Organisation)
        .where(Organisation.id.in_(ids), Organisation.deleted_at.is_(None), Organisation.merged_into_id.is_(None))
        .order_by(Organisation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    if len(present) != len(ids) or len(ids) < 2:
        raise CompanyError(GONE)
    made = []
    for merged in present:
        if merged.id == kept.id:
            continue
        merge = OrganisationMerge(kept_id=kept.id, merged_id=merged.id, merged_at=now, merged_by_id=actor.id)
        merge.moved = {f"{column.table.name}.{column.name}": _move(column, merged, kept) for column in references()}
        merged.merged_into_id = kept.id
        db.session.add(merge)
        made.append(merge)
        _told(kept, merged, True, actor, now)
    return made


def part_organisations(merge: OrganisationMerge, *, actor: Account, now: dt.datetime) -> None:
    """Let the merged one stand by itself again, with all that was its own. Raises CompanyError when that was done."""
    merge = db.session.scalars(
        sa.select(OrganisationMerge)
        .where(OrganisationMerge.id == merge.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    kept, merged = merge.kept, merge.merged
    if merge.undone_at is not None or merged.merged_into_id != kept.id:
        raise CompanyError(GONE)
    for column in references():
        table: Any = column.table
        back = merge.moved.get(f"{table.name}.{column.name}", [])
        if back:
            _write(sa.update(table).where(table.c.id.in_(back), column == kept.id).values({column.name: merged.id}))
    merge.undone_at, merged.merged_into_id = now, None
    _told(kept, merged, False, actor, now)


def find_organisations_different(organisations: Sequence[Organisation], *, actor: Account, now: dt.datetime) -> None:
    """Remember that each two of these are two."""
    ids = sorted(one.id for one in organisations)
    rows = [
        {"one_id": one, "other_id": other, "decided_at": now, "decided_by_id": actor.id}
        for at, one in enumerate(ids)
        for other in ids[at + 1 :]
    ]
    insert_missing(OrganisationDifference, rows)


def uses_of(organisations: Iterable[Organisation]) -> Counter[int]:
    """How many rows, of whichever feature, name each of these, by its id."""
    ids, found = [one.id for one in organisations], Counter[int]()
    for column in references():
        rows = sa.select(column, sa.func.count()).where(column.in_(ids)).group_by(column)
        for number, count in db.session.execute(rows):
            found[number] += count
    return found


def usual_first(organisations: Sequence[Organisation], uses: Mapping[int, int]) -> list[Organisation]:
    """By how often each is named, then the fullest name first: the one that is likely to stay."""
    return sorted(organisations, key=lambda one: (-uses.get(one.id, 0), -len(one.name), one.id))


def references() -> Iterator[sa.Column[Any]]:
    """Every column that names an organisation, of whichever feature."""
    organisation = Organisation.__table__
    for table in Model.metadata.sorted_tables:
        if table.name not in OWN:
            yield from (key.parent for key in table.foreign_keys if key.column.table is organisation)


def _move(column: sa.Column[Any], merged: Organisation, kept: Organisation) -> list[int]:
    """Have the rows that name the merged one name the kept one, but those that would stand twice; which rows."""
    table: Any = column.table
    moving = sa.select(table.c.id).where(column == merged.id)
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint) and column.name in constraint.columns:
            there = table.alias()
            same = [there.c[one.name] == table.c[one.name] for one in constraint.columns if one.name != column.name]
            moving = moving.where(~sa.exists().where(there.c[column.name] == kept.id, *same))
    ids = list(db.session.scalars(moving.order_by(table.c.id)))
    if ids:
        _write(sa.update(table).where(table.c.id.in_(ids)).values({column.name: kept.id}))
    return ids


def _write(statement: sa.Update) -> None:
    db.session.execute(statement)
    db.session.expire_all()


def _told(kept: Organisation, merged: Organisation, is_merge: bool, actor: Account, now: dt.datetime) -> None:
    db.session.flush()
    for reaction in _reactions:
        reaction(kept, merged, is_merge)
    for record, name in ((kept, merged.name), (merged, kept.name)):
        record_revision(
            record_type="organisation",
            record_id=record.id,
            field="merged with",
            old_value=None if is_merge else name,
            new_value=name if is_merge else None,
            actor=actor,
            now=now,
        )
