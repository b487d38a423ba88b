"""After an erasure no file of the instance, no row, no broker and no log holds a word of whom it was about.

What is true on PostgreSQL: no row tells it; the table's file does until it is written anew (VACUUM FULL), and the log
ahead (WAL) until its files are removed, which an operator has done at once (docs/operations.md). Sealed words cannot be
read there either way: their key is elsewhere.
"""

import datetime as dt
import logging
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tests.signatures.signing import ADDRESS, NAME, SLUG, lead, letter, open_letter, sign, signed
from tests.support.accounts import SignedIn, code_of
from tests.support.catalogue import ROOT
from tests.support.pages import submit
from tests.support.postgresql import PostgreSQL
from tests.support.valkey import Valkey
from tracker import clock
from tracker.db import db, forget_deleted, transaction
from tracker.deliveries import sending as writing_updates
from tracker.deliveries import service as deliveries
from tracker.digests import running as digests
from tracker.importing import running
from tracker.importing import service as importing
from tracker.mail.models import Email
from tracker.operations import backup, keys, restore
from tracker.signatures.models import Appearance, Signatory
from tracker.signatures.queries import counts
from tracker.signatures.signings import Asked

PLACES = {"team": "Rare-Team-Planted", "city": "Rare-City-Planted"}
ASKS = dict.fromkeys(PLACES, Asked.OPTIONAL)
PLANTED = (NAME, "Planted-Name", ADDRESS, "zoe.planted", "Rare-Role-Planted", "Rare-Firm-Planted", *PLACES.values())
OPERATIONS_SAY = re.findall(
    r"^    ((?:VACUUM|CHECKPOINT|SELECT pg_)[^\n;]*);$", (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE
)
MORE = {"office": "Rare-Role-Planted", "affiliation": "Rare-Firm-Planted", **PLACES}


def files_with(folder: Path, words: tuple[str, ...] = PLANTED) -> list[str]:
    """Every file below a folder that holds one of these."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            found += [f"{one} in {path.name}" for one in words if one.encode() in content]
    return found


def rows_with() -> list[str]:
    """Every table of which a row holds one."""
    return [
        table.name
        for table in db.metadatas[None].sorted_tables
        for row in db.session.execute(sa.select(table))
        if any(one in repr(tuple(row)) for one in PLANTED)
    ]


@pytest.fixture
def broker(valkey: Valkey) -> Iterator[Valkey]:
    yield valkey


@pytest.fixture
def app(make_app: MakeApp, broker: Valkey) -> Flask:
    return make_app(REDIS_URL=f"redis://:{broker.password}@127.0.0.1:{broker.port}/0")


def remove_as_lead(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """What an organiser presses to forget somebody."""
    with app.app_context():
        public_id, number = db.session.scalars(sa.select(Signatory.public_id)).one(), lead().id
    page = f"/campaigns/{SLUG}/signatories/{public_id}"
    submit(signed_in(account_id=number), page, "form[action$=remove]")


@pytest.mark.parametrize("by", ["signer", "organiser"])
@pytest.mark.parametrize("protected", [False, True], ids=["plain", "protected"])
def test_nothing_is_left_in_any_file(
    app: Flask, client: FlaskClient, instance: Path, broker: Valkey, signed_in: Callable[..., SignedIn],
    caplog: pytest.LogCaptureFixture, by: str, protected: bool,
) -> None:  # fmt: skip
    """Database, log ahead, mails in the folder, outbox, broker, log and whatever else lies in the instance folder; also
    of what the same address had typed and not yet confirmed. The count falls at once."""
    caplog.set_level(logging.DEBUG)
    open_letter(app, protected=protected, **ASKS)
    receipt = signed(client, app, **MORE, updates="y")
    sign(client, app, **MORE, name=f"{NAME} again")
    for is_sent in (True, False):  # news: one mail in the folder, one that waits
        with app.app_context():
            with transaction():
                deliveries.send_update(letter(), "News", actor=lead(), now=clock.now())
            assert writing_updates.work() == 1
            if is_sent:
                digests.send(most=10)  # into the folder of mails
    assert files_with(instance, (ADDRESS,)), "the search can find something: a mail lies in the folder"
    if by == "signer":
        submit(client, receipt, "form[action$=erase]", sure="y")
    else:
        remove_as_lead(app, signed_in)
    with app.app_context():
        assert counts(letter()).here == 0 and rows_with() == []
        kept = sa.select(Email.recipient_sealed, Email.recipient_hash, Email.links_sealed)
        mails = db.session.execute(kept).all()
        assert len(mails) == 5 and set(mails) == {(None, "", None)}, "nor does a sealed one"
        db.session.remove()
    assert files_with(instance) == []
    with broker.client() as redis:
        dump = b"".join((redis.dump(key) or b"") + key for key in redis.keys("*"))
    assert not [one for one in PLANTED if one.encode() in dump]
    assert not [one for one in PLANTED if one in caplog.text]


@pytest.mark.postgresql
def test_what_is_true_on_postgresql(
    app: Flask, client: FlaskClient, postgresql: PostgreSQL, signed_in: Callable[..., SignedIn]
) -> None:
    """No row tells it at once; with what docs/operations.md says, neither the tables' files nor the log ahead do."""
    open_letter(app, **ASKS)
    signed(client, app, **MORE)
    remove_as_lead(app, signed_in)
    with app.app_context():
        assert rows_with() == []
        db.session.rollback()
        engine = db.engines[None].execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            folder = connection.scalar(sa.text("SELECT oid::text FROM pg_database WHERE datname = current_database()"))
            ahead = postgresql.data / "pg_wal"
            assert files_with(ahead), "the search can find something: the log ahead has what was written"
            try:
                connection.execute(sa.text("ALTER SYSTEM SET wal_recycle = off"))
                for statement in OPERATIONS_SAY:
                    connection.execute(sa.text(statement))
                assert files_with(postgresql.data / "base" / str(folder)) == []
                assert files_with(ahead) == []
            finally:
                connection.execute(sa.text("ALTER SYSTEM RESET wal_recycle"))
                connection.execute(sa.text("SELECT pg_reload_conf()"))


def test_exports_and_packets_lie_in_no_file(
    app: Flask, client: FlaskClient, instance: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    signed_in: Callable[..., SignedIn],
) -> None:  # fmt: skip
    """The whole list with contact data in each format, and the packet both ways: what leaves is in no file here, of the
    instance or among temporary ones. (In a protected campaign the database itself has no readable word.)"""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    open_letter(app, protected=True, **ASKS)
    signed(client, app, **MORE, appearance="initials")
    with app.app_context():
        with transaction():
            lead().may_export = True
        number = lead().id
    team, here = signed_in(account_id=number), f"/campaigns/{SLUG}"
    for minutes, kind in enumerate(("csv", "xlsx", "json")):
        with time_machine.travel(clock.now() + minutes * dt.timedelta(minutes=2), tick=False):  # a code works once
            asked = {"extent": "whole", "format": kind, "columns": ["name", "email"], "reason": "x", "code": code_of()}
            answer = team.post(f"{here}/signatories/export", data=asked)
            assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
            content = answer.get_data()
            assert kind == "xlsx" or ADDRESS.encode() in content
    for kind in ("pdf", "print"):
        assert team.post(f"{here}/delivery/packet", data={"format": kind}).status_code == 200
    with app.app_context():
        db.session.remove()
    assert files_with(instance) == files_with(temporary) == []


def test_a_whole_list_taken_back(app: Flask, instance: Path) -> None:
    """The rows that an import brought, its file and the rows it refused are in no file after it was undone."""
    open_letter(app, **ASKS)
    listed = f"{NAME},{MORE['office']},{MORE['affiliation']}"
    text = f"name,role,company,email\n{listed},{ADDRESS}\n{listed},not an address\n"
    with app.app_context():
        with transaction():
            row = importing.begin(letter(), [text.encode()], appearance=Appearance.NAMED, actor=lead(), now=clock.now())
            columns = ["name", "office", "affiliation", "address"]
            importing.check(row, columns, order=row.day_order, appearance=Appearance.NAMED, now=clock.now())
        running.work()
        with transaction():
            importing.start(db.session.merge(row), now=clock.now())
        running.work()
        assert counts(letter()).listed == 1 and rows_with() == ["signatory"]
        with transaction():
            importing.undo(db.session.merge(row), now=clock.now())
        running.work()
        assert counts(letter()).listed == 0 and rows_with() == []
        db.session.remove()
        forget_deleted()
    assert files_with(instance) == []


def test_a_restored_backup_forgets_again(
    app: Flask, client: FlaskClient, tmp_path: Path, signed_in: Callable[..., SignedIn]
) -> None:
    """Who was erased, and who withdrew, since the backup: neither is back after it is restored."""
    open_letter(app, **ASKS)
    signed(client, app, **MORE)
    with app.app_context():
        with transaction():
            keys.refuse_wrong(now=clock.now())
        backup.make(tmp_path / "b.backup", now=clock.now())
    remove_as_lead(app, signed_in)
    other = signed(client, app, email="other@example.org", name="Other")
    with app.app_context():
        backup.make(tmp_path / "later.backup", now=clock.now())
    submit(client, other, "form[action$=withdraw]")
    for name, redacted in (("later", 0), ("b", 1)):
        with app.app_context():
            db.session.remove()
            restored = restore.restore(tmp_path / f"{name}.backup", replace=True, without_keys=False)
            assert restored.redacted == redacted and rows_with() == [] and counts(letter()).here == 0, name
