"""A reason in the access record that names somebody is emptied once, in the open, and for good."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.retention.test_traces import files_with
from tests.support.accounts import SignedIn, make_account
from tests.support.pages import submit, visit
from tracker.accounts import service
from tracker.accounts.models import AccessRecord, Account, Reading, Role
from tracker.clock import now
from tracker.db import db, forget_deleted, transaction
from tracker.operations import backup, keys, restore

NAMED = "To phone Planted Knot"


@pytest.fixture
def record(app: Flask) -> int:
    """A record whose reason names somebody."""
    number = make_account(app)
    with app.app_context(), transaction():
        who = db.session.get_one(Account, number)
        made = service.record_access(who, campaign_id=None, reading=Reading.VIEWED, count=3, reason=NAMED, now=now())
        db.session.flush()
        return made.id


@pytest.mark.each_database
def test_an_administrator_empties_it_in_the_open(
    app: Flask, signed_in: Callable[..., SignedIn], record: int, instance: Path
) -> None:
    """Who, when and how many stays, with that it was emptied and by whom; no file has the words, and a backup of before
    that is restored has them emptied again."""
    with app.app_context():
        with transaction():
            keys.refuse_wrong(now=now())
        backup.make(instance.parent / "b.backup", now=now())
        before = db.session.get_one(AccessRecord, record)
        who, when = before.account_id, before.recorded_at
        db.session.remove()
    boss = signed_in(Role.ADMINISTRATOR)
    assert NAMED in visit(boss, "/access-record").text
    page = submit(boss, "/access-record", "form[action*=blank]")
    assert NAMED not in page.text and "Words removed" in page.text and not page.has("form[action*=blank]")
    visit(signed_in(Role.ORGANISER), f"/access-record/{record}/blank", method="POST", status=403)

    def emptied(by: int | None) -> None:
        with app.app_context():
            row = db.session.get_one(AccessRecord, record)
            assert (row.reason, row.account_id, row.recorded_at, row.count) == ("", who, when, 3)
            assert row.blanked_at is not None and row.blanked_by_id == by
            db.session.remove()
            forget_deleted()
        assert files_with(instance, ("Planted Knot",)) == []

    emptied(boss.account_id)
    with app.app_context():
        assert restore.restore(instance.parent / "b.backup", replace=True, without_keys=False).redacted == 1
    emptied(None)


CHANGES: dict[str, Callable[[], sa.Executable]] = {
    "another reason": lambda: sa.update(AccessRecord).values(reason="Other", blanked_at=now()),
    "without saying so": lambda: sa.update(AccessRecord).values(reason=""),
    "with another number": lambda: sa.update(AccessRecord).values(reason="", blanked_at=now(), count=1),
    "with another moment": lambda: sa.update(AccessRecord).values(reason="", blanked_at=now(), recorded_at=now()),
    "as somebody else": lambda: sa.update(AccessRecord).values(
        reason="", blanked_at=now(), account_id=sa.select(sa.func.max(Account.id)).scalar_subquery()
    ),
}


@pytest.mark.each_database
@pytest.mark.parametrize("change", CHANGES)
def test_nothing_else_is_let_through(app: Flask, record: int, change: str) -> None:
    """The database refuses to replace the words, to empty them unseen, and to change anything besides."""
    make_account(app)
    with app.app_context():
        with pytest.raises(sa.exc.DBAPIError, match="can only be added to"), db.engine.begin() as connection:
            connection.execute(CHANGES[change]())
        assert db.session.get_one(AccessRecord, record).reason == NAMED


@pytest.mark.each_database
def test_what_was_emptied_stays_so(app: Flask, record: int) -> None:
    """Neither the mark nor who made it is changed afterwards; who emptied it is forgotten with their account."""
    number = make_account(app, Role.ADMINISTRATOR)
    with app.app_context():
        with transaction():
            boss = db.session.get_one(Account, number)
            service.blank_reason(db.session.get_one(AccessRecord, record), actor=boss, now=now())
        again = sa.update(AccessRecord).values(blanked_at=now(), reason="Back")
        with pytest.raises(sa.exc.DBAPIError, match="can only be added to"), db.engine.begin() as connection:
            connection.execute(again)
        with db.engine.begin() as connection:
            connection.execute(sa.delete(Account).where(Account.id == number))
        row = db.session.get_one(AccessRecord, record)
        assert row.blanked_at is not None and row.blanked_by_id is None and row.account_id is not None
