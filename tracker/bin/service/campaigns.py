"""Destroy a campaign that lay in the bin long enough: everything that hangs on it, table by table, in small bites.

The tables are found from the schema, so that a table which comes later is not forgotten. What stays is a row without a
word, because the access record, which nobody may change, names it.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

import sqlalchemy as sa

from tracker import sealing
from tracker.campaigns.models import Campaign, FormerSlug
from tracker.db import db
from tracker.search.keeping import take_out, touch
from tracker.search.models import SearchDocument
from tracker.timeline.models import Source

# These say who read what and which words were destroyed; they have no words of the campaign and stay.
KEPT = frozenset({"access_record", "redaction"})
# The index keeps its own tables true: what it has is taken out first, word by word.
INDEX = frozenset({"search_document", "search_posting", "search_word"})
GONE = "Destroyed"


def destroy_part_of_campaign(*, before: dt.datetime, now: dt.datetime, most: int) -> int:
    """Destroy up to so many rows of one campaign that was removed before that moment; inside a transaction. How many.

    Running it again goes on where it stopped; 0 means that nothing is left to do. The keys of its people go first.
    """
    campaign = db.session.scalar(
        sa.select(Campaign)
        .where(Campaign.deleted_at < before, Campaign.destroyed_at.is_(None))
        .order_by(Campaign.id)
        .limit(1)
    )
    if campaign is None:
        return 0
    sealing.destroy_campaign_keys(campaign.public_id, now=now)
    doomed = _doomed(campaign.id)
    done = take_out(SearchDocument.campaign_id == campaign.id, most) or _forget_sources(doomed, most)
    if not done:
        _untie(doomed)
        done = _delete_some(doomed, most)
    if not done:
        _leave_a_row_without_words(campaign, now)
        done = 1
    return done


def _doomed(campaign_id: int) -> dict[sa.Table, sa.ColumnElement[bool]]:
    """Which rows of which tables hang on a campaign, parents before children."""
    found: dict[sa.Table, sa.ColumnElement[bool]] = {}
    for table in db.metadatas[None].sorted_tables:
        if table.name in KEPT | INDEX or table.name == Campaign.__tablename__:
            continue
        ties = []
        for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
            parent = key.column.table
            if parent.name == Campaign.__tablename__:
                ties.append(key.parent == campaign_id)
            elif parent in found and parent is not table and not key.parent.nullable:
                ties.append(key.parent.in_(sa.select(key.column).where(found[parent])))
        if ties:
            found[table] = sa.or_(*ties)
    return found


def _forget_sources(doomed: dict[sa.Table, sa.ColumnElement[bool]], most: int) -> int:
    """Sources that nothing else cites go before what cites them, else nobody would know whose they were."""
    source: Any = Source.__table__
    cites = [
        (table, key.parent)
        for table in db.metadatas[None].sorted_tables
        for key in table.foreign_keys
        if key.column.table is source
    ]
    elsewhere = [
        sa.select(column).where(column.is_not(None), _not(doomed[table]) if table in doomed else sa.true())
        for table, column in cites
    ]
    here = sa.union(*(sa.select(column).where(doomed[table]) for table, column in cites if table in doomed))
    ids = list(
        db.session.scalars(
            sa.select(source.c.id)
            .where(source.c.id.in_(here), *(source.c.id.not_in(others) for others in elsewhere))
            .limit(most)
        )
    )
    if ids:
        for table, column in cites:
            if column.nullable:
                db.session.execute(sa.update(table).where(column.in_(ids)).values({column.name: None}))
            else:
                db.session.execute(sa.delete(table).where(column.in_(ids)))
        revision = db.metadatas[None].tables["revision"]
        db.session.execute(
            sa.delete(revision).where(revision.c.record_type == source.name, revision.c.record_id.in_(ids))
        )
        db.session.execute(sa.delete(source).where(source.c.id.in_(ids)))
        touch(source.name, ids)
    return len(ids)


def _untie(doomed: dict[sa.Table, sa.ColumnElement[bool]]) -> None:
    """What may point at a doomed row, or not, no longer does: corrections, refilings, deadlines of another."""
    for table in db.metadatas[None].sorted_tables:
        for key in table.foreign_keys:
            parent = key.column.table
            if parent not in doomed or not key.parent.nullable:
                continue
            points: sa.ColumnElement[bool] = key.parent.in_(sa.select(key.column).where(doomed[parent]))
            if table in doomed and table is not parent:
                points = sa.and_(points, _not(doomed[table]))  # the others go before what they point at
            db.session.execute(sa.update(table).where(points).values({key.parent.name: None}))


def _not(condition: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """The opposite, also where a column is NULL."""
    return sa.not_(sa.func.coalesce(condition, sa.false()))


def _delete_some(doomed: dict[sa.Table, sa.ColumnElement[bool]], most: int) -> int:
    """Children before parents; a whole table first, before the next is begun."""
    for table in reversed(doomed):
        keys = list(table.primary_key.columns)
        some = sa.select(*keys).where(doomed[table]).limit(most)
        chosen = (
            sa.tuple_(*keys).in_([tuple(row) for row in db.session.execute(some)])
            if len(keys) > 1
            else keys[0].in_(some)
        )
        done: Any = db.session.execute(sa.delete(table).where(chosen))
        if done.rowcount:
            return int(done.rowcount)
    return 0


def _leave_a_row_without_words(campaign: Campaign, now: dt.datetime) -> None:
    others = sa.update(Campaign).where(Campaign.merged_into_id == campaign.id).values(merged_into_id=None)
    db.session.execute(others)
    db.session.execute(
        sa.delete(FormerSlug).where(FormerSlug.record_type == "campaign", FormerSlug.record_id == campaign.id)
    )
    campaign.title, campaign.summary, campaign.search_text = GONE, "", ""
    campaign.slug, campaign.link_token = f"destroyed-{secrets.token_hex(8)}", secrets.token_urlsafe(16)
    campaign.began_on = campaign.began_precision = campaign.goal = campaign.created_by_id = None
    campaign.merged_into_id = None
    campaign.destroyed_at = now
    db.session.flush()
