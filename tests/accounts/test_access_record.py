"""The access record can only be added to."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support.accounts import SignedIn, make_account
from tests.support.pages import visit
from tracker.accounts import append_only, service
from tracker.accounts.models import AccessRecord, Account, Reading, Role
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


def test_everyone_reads_their_own_and_nobody_elses(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """The account's page has the newest, a page of its own has all, however many; another one's stay theirs."""
    reader, other = signed_in(Role.VIEWER), signed_in(Role.ORGANISER)
    with app.app_context(), transaction():
        for number in range(60):
            whose = db.session.get_one(Account, reader.account_id if number % 60 else other.account_id)
            service.record_access(
                whose, campaign_id=None, reading=Reading.VIEWED, count=1, reason=f"Reason-{number:02}", now=now()
            )
    page = visit(reader, "/account")
    assert len(page.select("#records tbody tr")) == 20 and "Reason-59" in page.text
    page = visit(reader, page.link("The whole record"))
    last = visit(reader, "/account/access-record?page=2")
    reasons = [row.get_text(strip=True) for each in (page, last) for row in each.select("tbody td[data-label=Why]")]
    assert reasons == [f"Reason-{number:02}" for number in range(59, 0, -1)]
    assert "Reason-00" in visit(other, "/account/access-record").text
