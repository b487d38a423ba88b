"""Rows that are loaded many at once are checked by the database like any others; PostgreSQL keeps its plans for it."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from tests.importing.lists import IN_THE_OPEN, brought, counted, run
from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import Base, db, new_public_id, transaction
from tracker.importing import running, service
from tracker.importing.loading import Collision, load
from tracker.postgresql import checked_by_one_plan
from tracker.signatures import queries
from tracker.signatures.models import Appearance, Provenance, Signatory, SignatoryKind, Signature, SignatureStatus

NOBODY = 1_000_000  # no row of any table has this id
pytestmark = IN_THE_OPEN


def _load(model: type[Base], **values: Any) -> None:
    with transaction():
        load(model, {}, tuple(values), [tuple(values.values())])


def _person(letter: Campaign, **fields: Any) -> None:
    known = {"public_id": new_public_id(), "campaign_id": letter.id, "created_at": clock.now()}
    _load(Signatory, **{**known, "kind": SignatoryKind.PERSON, "sort_text": "ada", **fields})


def _signature(letter: Campaign, **fields: Any) -> None:
    known = {"public_id": new_public_id(), "campaign_id": letter.id, "text_id": queries.current_text_id(letter)}
    who = {"signatory_id": db.session.scalar(sa.select(Signatory.id)), "appearance": Appearance.NAMED}
    what = {"status": SignatureStatus.LISTED, "provenance": Provenance.LIST, "recorded_at": clock.now()}
    _load(Signature, **{**known, **who, **what, **fields})


@pytest.mark.each_database
def test_what_leads_nowhere_is_refused(letter: Campaign) -> None:
    """Each reference of a person and of a signature, by the database itself; the same rows with none dangling stay."""
    for column in ("campaign_id", "organisation_id", "import_id", "merged_into_id"):
        with pytest.raises(Collision):
            _person(letter, **{column: NOBODY})
    _person(letter)
    for column in ("campaign_id", "signatory_id", "text_id", "recorded_by_id", "sweep_id"):
        with pytest.raises(Collision):
            _signature(letter, **{column: NOBODY})
    _signature(letter)
    assert counted() == (1, 1, 1)


SETTINGS = "current_setting('plan_cache_mode') || ' ' || current_setting('enable_seqscan')"


@pytest.mark.postgresql
def test_plans_are_kept_while_rows_are_written_and_no_longer(letter: Campaign, organiser: Account) -> None:
    """What the server was told about plans at each statement while a list came and went, and after one, before the end
    of its transaction."""
    with transaction():
        db.session.execute(sa.text("CREATE TABLE seen (event text, settings text)"))
        note = f"INSERT INTO seen VALUES (TG_OP || ' ' || TG_TABLE_NAME, {SETTINGS}); RETURN NULL;"
        db.session.execute(
            sa.text(f"CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {note} END $$")
        )
        for table in ("signatory", "signature"):
            each = f"AFTER INSERT OR DELETE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION look()"
            db.session.execute(sa.text(f"CREATE TRIGGER look {each}"))
    row = brought(letter, organiser, b"name\nAda\nGrace\n")
    run(row)
    with transaction():
        service.undo(row, now=clock.now())
    running.work()
    assert counted() == (0, 0, 0)
    found = dict(db.session.execute(sa.text("SELECT event, settings FROM seen")).all())
    assert found == {
        f"{what} {table}": "auto off" for what in ("INSERT", "DELETE") for table in ("signatory", "signature")
    }
    with transaction():
        with checked_by_one_plan(db.session.connection()):
            pass
        assert db.session.scalar(sa.text(f"SELECT {SETTINGS}")) == "force_custom_plan on"
