"""An upgrade that fails leaves everything as it was; one that succeeds leaves the way back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.operations.filled import DATA_KEY, NAME, fill
from tests.support.instances import Instance
from tracker import clock, sealing
from tracker.accounts.models import SignIn
from tracker.db import KEYS, db, transaction
from tracker.instance import SENDING_PAUSED, remember, setting
from tracker.operations import archive, migrate, upgrading
from tracker.operations.edge import Refusal
from tracker.operations.holding import hold

STEP = '''"""{number}."""
import sqlalchemy as sa
from alembic import op

revision = "{number}"
down_revision = "{before}"


def upgrade(engine_name):
    {body}


def downgrade(engine_name):
    raise NotImplementedError("no way back but the backup")
'''
# Changes what is there beyond what a rollback of the next step could mend, in both databases.
FIRST = """
    if engine_name == "main":
        op.create_table("novelty", sa.Column("id", sa.Integer, primary_key=True))
        op.execute("INSERT INTO novelty (id) VALUES (1)")
        op.execute("UPDATE company SET name = 'changed'")
        op.drop_table("holding")
    else:
        op.execute("DELETE FROM campaign_key")
"""
FAILS = """
    if engine_name == "main":
        op.execute("DELETE FROM setting")
        raise RuntimeError("half-way")
"""
NEW_KEYS = """
    if engine_name == "keys":
        op.create_table("novelty", sa.Column("id", sa.Integer, primary_key=True))
"""
WORKS = """
    if engine_name == "main":
        op.create_table("novelty", sa.Column("id", sa.Integer, primary_key=True))
"""


@pytest.fixture
def environ() -> dict[str, str]:
    return {"DATA_KEY": DATA_KEY}


def newer(app: Flask, folder: Path, *bodies: str) -> None:
    """Give the program migrations that it has not run yet."""
    shutil.copytree(app.config["MIGRATIONS"], folder)
    with app.app_context():
        before = migrate.wanted()
    for body in bodies:
        number = f"{int(before) + 1:04}"
        step = STEP.format(number=number, before=before, body=body)
        (folder / "versions" / f"{number}_a_step.py").write_text(step)
        before = number
    app.config["MIGRATIONS"] = str(folder)
    migrate._scripts.cache_clear()


def everything() -> dict[str, archive.Content]:
    """The sums of all tables of both databases, sign-ins too."""
    found = {}
    for bind in (None, KEYS):
        with db.engines[bind].connect() as connection:
            for table in archive.reflect(connection):
                found[f"{bind}.{table.name}"] = archive.content(connection, table)
    return found


@pytest.mark.each_database
def test_a_migration_that_fails_half_way_is_undone(app: Flask, instance: Path, tmp_path: Path) -> None:
    """The first of two steps is committed, in both databases, when the second fails: every row is back, nobody is
    signed out, sending goes on, the backup is kept, and the words say which version to install."""
    with app.app_context():
        campaign = fill()
        with transaction():
            remember(upgrading.PROGRAM, "0.0.9", now=clock.now())
        before, schema = everything(), migrate.wanted()
    newer(app, tmp_path / "newer", FIRST, FAILS)
    with app.app_context():
        with pytest.raises(Refusal) as refused:
            upgrading.upgrade(now=clock.now())
        words = refused.value.message
        assert "half-way" in words or "the line above says why" in words
        assert f"as they were (schema {schema})" in words
        assert "Install Undersigned 0.0.9 again" in words
        assert migrate.found() == {"main": schema, "keys": schema}
        assert everything() == before
        assert setting(SENDING_PAUSED) is None
        assert db.session.scalar(sa.select(sa.func.count()).select_from(SignIn)) == 1
        sealed = setting("sealed") or ""
        assert sealing.campaign_keys(campaign, now=clock.now()).open(sealed, "here") == NAME
        with pytest.raises(sa.exc.DatabaseError), transaction():  # the guards stand again
            db.session.execute(sa.text("DELETE FROM access_record"))
            db.session.execute(sa.text("INSERT INTO novelty (id) VALUES (2)"))
    assert len(list((instance / "backups").glob("undersigned-*-before-*.backup"))) == 1
    assert len(list((instance / "backups" / "keys").glob("*.keys"))) == 1


@pytest.mark.each_database
@pytest.mark.parametrize("from_words", ["the_core", "relations_between_campaigns", "when_somebody_was_last_here"])
def test_the_way_back_leads_to_a_much_older_schema(app: Flask, tmp_path: Path, from_words: str) -> None:
    """Where the databases lack tables that the program has (those of the search among them), a failure in the last of
    many steps still puts back every row, in the schema that was there."""
    (file,) = Path(app.config["MIGRATIONS"], "versions").glob(f"*_{from_words}.py")
    older = file.name[:4]
    with app.app_context():
        fill()
        db.session.remove()
        migrate.alembic().downgrade(revision=older)
        before = everything()
        assert "None.search_document" not in before
    newer(app, tmp_path / "newer", FIRST, FAILS)
    with app.app_context():
        with pytest.raises(Refusal, match="Everything was put back"):
            upgrading.upgrade(now=clock.now())
        assert set(migrate.found().values()) == {older}
        assert everything() == before


@pytest.mark.each_database
def test_the_way_back_from_where_a_crash_left_the_two(app: Flask, tmp_path: Path) -> None:
    """The store of keys is brought forward first. When the machine stopped between the two, each is put back into the
    schema that it had, though that of one has tables that the other's has not heard of."""
    with app.app_context():
        fill()
    newer(app, tmp_path / "newer", NEW_KEYS, FAILS)
    with app.app_context():
        with pytest.raises((RuntimeError, SystemExit)):
            migrate.upgrade()
        db.session.remove()
        versions = migrate.found()
        # As if main's first step had not been reached either.
        with db.engines[None].begin() as connection:
            back = {"it": f"{int(versions['main']) - 1:04}"}
            connection.execute(sa.text("UPDATE alembic_version SET version_num = :it"), back)
        versions, before = migrate.found(), everything()
        assert versions["keys"] > versions["main"]
        assert "novelty" in "".join(before)
        with pytest.raises(Refusal, match="Everything was put back"):
            upgrading.upgrade(now=clock.now())
        assert migrate.found() == versions
        assert everything() == before


@pytest.mark.each_database
def test_an_upgrade_keeps_the_way_back(app: Flask, tmp_path: Path) -> None:
    """What works is kept, with a backup from before in the old schema; a second time there is nothing to do."""
    with app.app_context():
        fill()
        schema = migrate.wanted()
    newer(app, tmp_path / "newer", WORKS)
    with app.app_context():
        done = upgrading.upgrade(now=clock.now())
        assert done is not None
        assert done.backup is not None
        assert set(migrate.found().values()) == {done.schema} == {migrate.wanted()}
        assert archive.read_manifest(done.backup, "main").schema == schema
        assert upgrading.upgrade(now=clock.now()) is None


def test_a_version_that_cannot_serve_is_undone(app: Flask, tmp_path: Path) -> None:
    """Migrations that succeed, but leave a database that the program cannot read, are undone too."""
    with app.app_context():
        fill()
        schema = migrate.wanted()
    newer(app, tmp_path / "newer", 'op.rename_table("campaign", "gone") if engine_name == "main" else None')
    with app.app_context(), pytest.raises(Refusal, match=r"no such table: campaign\."):
        upgrading.upgrade(now=clock.now())
    with app.app_context():
        assert set(migrate.found().values()) == {schema}


@pytest.mark.postgresql
def test_a_database_in_use_is_not_upgraded(app: Flask, tmp_path: Path) -> None:
    """While a worker or web server is connected, nothing is begun, and the sentence says what to stop."""
    with app.app_context():
        fill()
        url = db.engines[None].url
    newer(app, tmp_path / "newer", WORKS)
    other = sa.create_engine(url)
    with app.app_context():
        with other.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
            with pytest.raises(Refusal, match=r"1 other connections use it\. Stop web, worker and beat"):
                upgrading.upgrade(now=clock.now())
        other.dispose()
        assert upgrading.upgrade(now=clock.now()) is not None


def test_nothing_is_upgraded_without_a_backup(make_app: object, app: Flask, tmp_path: Path) -> None:
    """Where the backup cannot be written nothing is migrated."""
    place = tmp_path / "place"
    place.write_text("")
    app = make_app(BACKUP_DIR=str(place / "below"))  # type: ignore[operator]
    with app.app_context():
        fill()
        schema = migrate.wanted()
    newer(app, tmp_path / "newer", WORKS)
    with app.app_context():
        with pytest.raises(Refusal, match="Nothing is upgraded without a backup"):
            upgrading.upgrade(now=clock.now())
        assert set(migrate.found().values()) == {schema}


def test_an_operator_upgrades() -> None:
    """The command as typed: on a new instance, again, and while it runs."""
    here = Instance(DATA_KEY=DATA_KEY)
    try:
        assert "are new and have schema" in here.tracker("upgrade")
        assert "of this version already" in here.tracker("upgrade")
        lock = hold(here.folder)
        assert lock is not None
        with lock:
            assert "stop `tracker up` first" in here.tracker("upgrade", status=1)
        assert "rows in" in here.tracker("backup", "--nightly")
        assert "there already" in here.tracker("backup", "--nightly")
    finally:
        here.close()
