"""Many signatories of one campaign, written past the triggers that would count them one by one."""

from __future__ import annotations

import sqlalchemy as sa

from bench.room.world import NOW
from tracker.campaigns.models import CampaignText
from tracker.db import Precision, db
from tracker.signatures.models import (
    Appearance,
    Provenance,
    Signatory,
    SignatoryKind,
    SignatoryTally,
    SignatureStatus,
)

SHOWN = (Appearance.NAMED, Appearance.INITIALS, Appearance.COUNTED)
# A million rows are made where they stay: sent from here they would take minutes.
SERIES = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last})",
    "postgresql": "WITH s(n) AS (SELECT generate_series({first}, {last}))",
}
RANDOM = {"sqlite": "lower(hex(randomblob(8)))", "postgresql": "substr(md5(random()::text || n), 1, 16)"}
PADDED = {"sqlite": "printf('%064d', n)", "postgresql": "lpad(n::text, 64, '0')"}
BY_TURNS = "CASE n - n / 3 * 3 " + " ".join(f"WHEN {at} THEN '{shown}'" for at, shown in enumerate(SHOWN)) + " END"


def crowd(campaign_id: int, number: int) -> None:
    """So many people who confirmed, with the tally that counting them would have left."""
    text_id = db.session.scalar(sa.select(sa.func.max(CampaignText.id)).where(CampaignText.campaign_id == campaign_id))
    first = (db.session.scalar(sa.select(sa.func.max(Signatory.id))) or 0) + 1
    db.session.remove()
    with db.engine.connect() as connection:
        kind = connection.dialect.name
        triggers = []
        if kind == "sqlite":
            found = connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('signatory', 'signature')"
            ).all()
            triggers = [trigger.sql for trigger in found]
            for trigger in found:
                connection.exec_driver_sql(f"DROP TRIGGER {trigger.name}")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
            connection.exec_driver_sql("SET statement_timeout = 0")
        if number:
            series = SERIES[kind].format(first=first, last=first + number - 1)
            for table, values in _values(kind, campaign_id, text_id).items():
                names, each = ", ".join(values), ", ".join(values.values())
                connection.exec_driver_sql(f"{series} INSERT INTO {table} ({names}) SELECT {each} FROM s")  # noqa: S608 - all from here
        for at, shown in enumerate(SHOWN):
            many = len(range(first, first + number, 1)[(at - first) % len(SHOWN) :: len(SHOWN)])
            row = {"kind": SignatoryKind.PERSON, "stands_as": SignatureStatus.CONFIRMED, "shown_as": shown}
            connection.execute(sa.insert(SignatoryTally).values(campaign_id=campaign_id, number=many, **row))
        for statement in triggers:
            connection.exec_driver_sql(statement)
        if kind != "sqlite":
            for table in ("signatory", "signature", "signatory_tally"):
                newest = connection.scalar(sa.select(sa.func.max(sa.column("id"))).select_from(sa.table(table))) or 1
                connection.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table, "id"), newest)))
        connection.commit()
        connection.invalidate()  # its role must not be another's
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if kind != "sqlite":
            connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("ANALYZE")
        connection.invalidate()


def _values(kind: str, campaign_id: int, text_id: int | None) -> dict[str, dict[str, str]]:
    """The columns of both tables, as SQL of the number `n`."""
    shared = {"id": "n", "public_id": RANDOM[kind], "campaign_id": str(campaign_id), "version": "1"}
    moment, day = f"'{NOW:%Y-%m-%d %H:%M:%S}.000000'", f"'{NOW:%Y-%m-%d}'"
    if kind == "postgresql":
        moment, day = f"{moment}::timestamptz", f"{day}::date"
    person = {
        "kind": f"'{SignatoryKind.PERSON}'", "name": "'Person Before ' || n", "office": "'engineer'",
        "affiliation": "'Works ' || (n - n / 300 * 300)", "sort_text": "'person before ' || n", "created_at": moment,
        "address_hash": PADDED[kind], "stands_as": f"'{SignatureStatus.CONFIRMED}'", "shown_as": BY_TURNS,
        "stands_on": day,
    }  # fmt: skip
    signature = {
        "signatory_id": "n", "text_id": str(text_id), "status": f"'{SignatureStatus.CONFIRMED}'",
        "provenance": f"'{Provenance.SIGNER}'", "appearance": BY_TURNS, "signed_on": day,
        "signed_precision": f"'{Precision.DAY}'", "recorded_at": moment, "confirmed_at": moment,
        "wishes_updates": "false", "consent_version": "''", "end_reason": "''",
    }  # fmt: skip
    return {"signatory": shared | person, "signature": shared | signature}
