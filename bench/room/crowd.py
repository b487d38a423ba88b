"""Many signatories of one campaign, written past the triggers that would count them one by one."""

from __future__ import annotations

import sqlalchemy as sa

from bench.room.world import NOW
from tracker.campaigns.models import CampaignText
from tracker.db import Precision, db, new_public_id
from tracker.signatures.models import (
    Appearance,
    Provenance,
    Signatory,
    SignatoryKind,
    SignatoryTally,
    Signature,
    SignatureStatus,
)

BATCH = 10_000
SHOWN = (Appearance.NAMED, Appearance.INITIALS, Appearance.COUNTED)


def crowd(campaign_id: int, number: int) -> None:
    """So many people who confirmed, with the tally that counting them would have left."""
    text_id = db.session.scalar(sa.select(sa.func.max(CampaignText.id)).where(CampaignText.campaign_id == campaign_id))
    first = (db.session.scalar(sa.select(sa.func.max(Signatory.id))) or 0) + 1
    db.session.remove()
    with db.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        triggers = []
        if is_sqlite:
            found = connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name IN ('signatory', 'signature')"
            ).all()
            triggers = [row.sql for row in found]
            for row in found:
                connection.exec_driver_sql(f"DROP TRIGGER {row.name}")
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
        for start in range(first, first + number, BATCH):
            _some(connection, campaign_id, text_id, range(start, min(start + BATCH, first + number)))
        for at, shown in enumerate(SHOWN):
            many = len(range(first, first + number, 1)[(at - first) % len(SHOWN) :: len(SHOWN)])
            values = {"kind": SignatoryKind.PERSON, "stands_as": SignatureStatus.CONFIRMED, "shown_as": shown}
            connection.execute(sa.insert(SignatoryTally).values(campaign_id=campaign_id, number=many, **values))
        for trigger in triggers:
            connection.exec_driver_sql(trigger)
        if not is_sqlite:
            for table in ("signatory", "signature", "signatory_tally"):
                newest = connection.scalar(sa.select(sa.func.max(sa.column("id"))).select_from(sa.table(table))) or 1
                connection.execute(sa.select(sa.func.setval(sa.func.pg_get_serial_sequence(table, "id"), newest)))
        connection.commit()
        connection.invalidate()  # its role must not be another's
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def _some(connection: sa.Connection, campaign_id: int, text_id: int | None, numbers: range) -> None:
    people = [
        {
            "id": number, "public_id": new_public_id(), "campaign_id": campaign_id, "kind": SignatoryKind.PERSON,
            "name": f"Person Before {number}", "sort_text": f"person before {number}", "created_at": NOW,
            "address_hash": f"{number:064d}", "stands_as": SignatureStatus.CONFIRMED,
            "shown_as": SHOWN[number % len(SHOWN)], "stands_on": NOW.date(),
        }
        for number in numbers
    ]  # fmt: skip
    signatures = [
        {
            "id": number, "public_id": new_public_id(), "campaign_id": campaign_id, "signatory_id": number,
            "text_id": text_id, "status": SignatureStatus.CONFIRMED, "provenance": Provenance.SIGNER,
            "appearance": SHOWN[number % len(SHOWN)], "signed_on": NOW.date(), "signed_precision": Precision.DAY,
            "recorded_at": NOW, "confirmed_at": NOW, "wishes_updates": False,
        }
        for number in numbers
    ]  # fmt: skip
    connection.execute(sa.insert(Signatory), people)
    connection.execute(sa.insert(Signature), signatures)
