"""What people ended stays ended: a restore in place brings back nobody who left, bounced or was erased since.

Unlike other rows these are promises to people outside. Nothing can be carried over to a machine that never knew them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from tracker.digests.uniting import UNITED
from tracker.operations import archive

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Endings:
    """What an instance knew before its rows are replaced."""

    suppressed: list[Row] = field(default_factory=list)
    subscribers: dict[str, Row] = field(default_factory=dict)  # by public id; ended ones
    subscriptions: dict[str, Row] = field(default_factory=dict)
    withdrawn: dict[str, Row] = field(default_factory=dict)  # signatures that count no more, by public id

    @classmethod
    def known_to(cls, connection: sa.Connection) -> Endings:
        """Look, before anything is replaced."""
        tables = {table.name: table for table in archive.reflect(connection)}
        if not tables.keys() >= {"suppression", "subscriber", "subscription"}:
            return cls()
        is_merging = "subscriber_merge" in tables  # not in a backup from before
        left = _left_as_account(connection, tables) if is_merging else {}
        stopped = _stopped_as_account(connection, tables) if is_merging else {}
        return cls(
            suppressed=[dict(row) for row in connection.execute(sa.select(tables["suppression"])).mappings()],
            subscribers=_ended(connection, tables["subscriber"]) | left,
            subscriptions=_ended(connection, tables["subscription"]) | stopped,
            withdrawn=_ended(connection, tables["signature"]) if "signature" in tables else {},
        )

    def apply(self, connection: sa.Connection) -> int:
        """Put it into the restored rows, in the same transaction; how many had to be changed."""
        tables = {table.name: table for table in archive.reflect(connection)}
        suppression = tables.get("suppression")
        done = 0
        if suppression is not None:
            there = set(connection.scalars(sa.select(suppression.c.recipient_hash)))
            missing = [row for row in self.suppressed if row["recipient_hash"] not in there]
            if missing:
                connection.execute(sa.insert(suppression), missing)
            done += len(missing)
        for name, known in (("subscriber", self.subscribers), ("subscription", self.subscriptions)):
            if known:
                done += _end(connection, tables[name], known)
        if self.withdrawn:
            done += _withdraw(connection, tables["signature"], self.withdrawn)
        return done


def _ended(connection: sa.Connection, table: sa.Table) -> dict[str, Row]:
    """What ended, but for what went on under another name: the restored rows do not know that yet."""
    ended = sa.select(table).where(table.c.ended_at.is_not(None), table.c.end_reason != UNITED)
    return {row["public_id"]: dict(row) for row in connection.execute(ended).mappings()}


def _left_as_account(connection: sa.Connection, tables: Mapping[str, sa.Table]) -> dict[str, Row]:
    """Addresses that an account took over, where that account left since: the address is not to hear again either."""
    merge, alone, own = tables["subscriber_merge"], tables["subscriber"].alias(), tables["subscriber"].alias()
    rows = connection.execute(
        sa.select(*alone.c, own.c.ended_at.label("left_at"), own.c.end_reason.label("left_why"))
        .join_from(alone, merge, merge.c.subscriber_id == alone.c.id)
        .join(own, own.c.id == merge.c.into_id)
        .where(own.c.ended_at.is_not(None))
    ).mappings()
    return {row["public_id"]: {**row, "ended_at": row["left_at"], "end_reason": row["left_why"]} for row in rows}


def _stopped_as_account(connection: sa.Connection, tables: Mapping[str, sa.Table]) -> dict[str, Row]:
    """The same of one campaign that both followed, and the account stopped."""
    merge, alone, own = tables["subscriber_merge"], tables["subscription"].alias(), tables["subscription"].alias()
    lasting = tables["subscription"].alias()
    same = sa.and_(own.c.subscriber_id == merge.c.into_id, own.c.campaign_id == alone.c.campaign_id)
    lasts = sa.exists().where(
        lasting.c.subscriber_id == merge.c.into_id,
        lasting.c.campaign_id == alone.c.campaign_id,
        lasting.c.ended_at.is_(None),
    )
    rows = connection.execute(
        sa.select(*alone.c, own.c.ended_at.label("left_at"), own.c.end_reason.label("left_why"))
        .join_from(alone, merge, merge.c.subscriber_id == alone.c.subscriber_id)
        .join(own, same)
        .where(alone.c.end_reason == UNITED, ~lasts)
        .order_by(own.c.ended_at)
    ).mappings()
    return {row["public_id"]: {**row, "ended_at": row["left_at"], "end_reason": row["left_why"]} for row in rows}


def _end(connection: sa.Connection, table: sa.Table, known: Mapping[str, Row]) -> int:
    done = 0
    for row in connection.execute(sa.select(table)).mappings().all():
        before = known.get(row["public_id"])
        if before is None:
            continue
        names = ["ended_at", "end_reason"] if row["ended_at"] is None else []
        if "address_sealed" in row and row["address_sealed"] is not None and before["address_sealed"] is None:
            names += ["ended_at", "end_reason", "address_sealed", "address_hash", "link_secret"]
        if names:
            values = {name: before[name] for name in names}
            connection.execute(sa.update(table).where(table.c.public_id == row["public_id"]).values(values))
            done += 1
    return done


def _withdraw(connection: sa.Connection, table: sa.Table, known: Mapping[str, Row]) -> int:
    """A signature that was taken back, or found to be none, counts no more in the restored rows either."""
    done = 0
    live = sa.select(table.c.public_id).where(table.c.ended_at.is_(None))
    for public_id in [one for one in connection.scalars(live) if one in known]:
        before = known[public_id]
        values = {name: before[name] for name in ("status", "ended_at", "end_reason")}
        connection.execute(sa.update(table).where(table.c.public_id == public_id).values(values))
        done += 1
    return done
