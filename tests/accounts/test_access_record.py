"""The access record can only be added to."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support.accounts import make_account
from tracker.accounts import append_only, service
from tracker.accounts.models import AccessRecord, Account, Reading
from tracker.clock import now
from tracker.db import db, transaction


@pytest.fixture
def record(app: Flask) -> int:
    """One entry, of an account that can be erased."""
    account = make_account(app)
    with app.app_context(), transaction():
        who = db.session.get_one(Account, account)
        made = service.record_access(who, campaign_id=None, reading=Reading.VIEWED, count=3, reason="Why", now=now())
        db.session.flush()
        return made.id


CHANGES: dict[str, Callable[[], sa.Executable]] = {
    "count": lambda: sa.update(AccessRecord).values(count=1),
    "reason": lambda: sa.update(AccessRecord).values(reason="", account_id=None),
    "delete": lambda: sa.delete(AccessRecord),
}


@pytest.mark.each_database
@pytest.mark.parametrize("change", CHANGES)
def test_database_refuses_to_change_or_lose_an_entry(app: Flask, record: int, change: str) -> None:
    """Not even a statement of our own, or of somebody with the database open, edits or removes one."""
    with app.app_context():
        with pytest.raises(sa.exc.DBAPIError, match="can only be added to"), db.engine.begin() as connection:
            connection.execute(CHANGES[change]())
        assert db.session.get_one(AccessRecord, record).count == 3


@pytest.mark.each_database
def test_erasing_an_account_leaves_its_entries(app: Flask, record: int) -> None:
    """What happened stays when who it was is forgotten."""
    with app.app_context():
        with db.engine.begin() as connection:
            connection.execute(sa.delete(Account))
        row = db.session.get_one(AccessRecord, record)
        assert (row.account_id, row.count, row.reason) == (None, 3, "Why")


@pytest.mark.each_database
def test_guards_stand_again_after_a_restore(app: Flask, record: int) -> None:
    """Restoring lifts them inside its transaction only."""
    with app.app_context():
        with db.engine.begin() as connection, append_only.lifted(connection):
            connection.execute(sa.delete(AccessRecord))
            connection.execute(
                sa.insert(AccessRecord).values(reading=Reading.VIEWED, count=1, reason="", recorded_at=now())
            )
        with pytest.raises(sa.exc.DBAPIError, match="can only be added to"), db.engine.begin() as connection:
            connection.execute(CHANGES["delete"]())
