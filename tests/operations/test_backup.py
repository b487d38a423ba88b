"""Backup and restore: whole, checked, on either database, silent afterwards, and what was forgotten stays so."""

from __future__ import annotations

import datetime as dt
import decimal
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.conftest import MakeApp
from tests.support.databases import PostgresqlTemplate, SqliteTemplate
from tests.support.instances import Instance
from tracker import clock, sealing
from tracker.accounts.models import Account, Role, SignIn
from tracker.app import create_app
from tracker.campaigns.models import Campaign, CampaignKind, Visibility
from tracker.companies.models import Company, Holding, Organisation
from tracker.config import Config
from tracker.db import db, transaction
from tracker.instance import SENDING_PAUSED, Setting, remember, setting
from tracker.mail.models import Suppression
from tracker.operations import archive, backup, restore
from tracker.operations.edge import Refusal
from tracker.timeline.models import EntryKind, EntryVisibility, TimelineEntry
from tracker.timeline.redaction import redact_entry
from tracker.timeline.service import append_entry

DATA_KEY = "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s="
OTHER_KEY = "7e3t7e3t7e3t7e3t7e3t7e3t7e3t7e3t7e3t7e3t7e0="
NAME = "Zoë Example-Ünlü"  # an invented person
HEADLINE = "An invented sentence, ‘quoted’ — with a dash\nand two lines"


@pytest.fixture
def environ() -> dict[str, str]:
    return {"DATA_KEY": DATA_KEY}


@pytest.fixture
def another(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """A second, empty instance; on the database named by the parameter."""
    folder = tmp_path / "another"
    clones = None
    if getattr(request, "param", "sqlite") == "sqlite":
        files: SqliteTemplate = request.getfixturevalue("sqlite_template")
        database = files.copy(folder)
    else:
        template: PostgresqlTemplate = request.getfixturevalue("postgresql_template")
        clones = template.clone()
        database = clones.__enter__()
    variables = {"TRACKER_INSTANCE": str(folder), "DATA_KEY": DATA_KEY, **database.environ}
    app = create_app(Config.from_environ(variables))
    yield app
    dispose(app)
    if clones is not None:
        clones.__exit__(None, None, None)


def dispose(app: Flask) -> None:
    """Close an app's connections."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()


def fill() -> str:
    """A little of every kind of value: references in both directions, decimals, booleans, JSON, seals. Returns the
    public id of the campaign."""
    now = clock.now()
    with transaction():
        ada = Account(
            email="ada@example.org", name=NAME, role=Role.ADMINISTRATOR, fs_uniquifier="u1", active=True,
            mf_recovery_codes=["a", "ü"], created_at=now,
        )  # fmt: skip
        old = Company(slug="old", name="Old Name, Inc.", created_at=now)
        new = Company(slug="new", name="New\tName", created_at=now, deleted_at=now)
        body = Organisation(slug="body", name="A Fund", created_at=now)
        campaign = Campaign(
            slug="a-campaign", title="A campaign", kind=CampaignKind.EMPLOYEE, visibility=Visibility.MEMBERS,
            link_token="t" * 16, is_protected=True, began_on=dt.date(2018, 6, 1), created_at=now, changed_at=now,
            created_by_id=None,
        )  # fmt: skip
        db.session.add_all([ada, old, new, body, campaign])
        db.session.flush()
        old.merged_into_id = new.id  # an earlier row that refers to a later one
        campaign.created_by_id = ada.id
        db.session.add_all(
            [
                Holding(organisation_id=body.id, company_id=old.id, shares=decimal.Decimal("12.5000"), recorded_at=now),
                Holding(organisation_id=body.id, company_id=new.id, amount=decimal.Decimal("1e6"), recorded_at=now),
                SignIn(token_hash="x" * 64, account_id=ada.id, started_at=now, last_seen_at=now),
            ]
        )
        entry(campaign.id, HEADLINE, now=now)
        remember("sealed", seal(campaign.public_id, now), now=now)
        from tracker.operations.keys import refuse_wrong

        refuse_wrong(now=now)
        return campaign.public_id


def entry(campaign_id: int, headline: str, *, now: dt.datetime) -> TimelineEntry:
    """An entry of the timeline."""
    return append_entry(
        campaign_id=campaign_id, kind=next(iter(EntryKind)), headline=headline, occurred_on=now.date(), now=now,
        actor=None, visibility=EntryVisibility.MEMBERS,
    )  # fmt: skip


def seal(campaign: str, now: dt.datetime) -> str:
    """A name, sealed with the campaign's own key."""
    return sealing.campaign_keys(campaign, now=now).seal(NAME, "here")


def contents(app: Flask) -> dict[str, archive.Content]:
    """The sums of all tables that a backup holds, but the settings, which a restore adds to."""
    with app.app_context(), db.engines[None].connect() as connection:
        return {
            table.name: archive.content(connection, table)
            for table in archive.reflect(connection)
            if table.name not in (*backup.LEFT_OUT, "setting")
        }


BOTH = ["sqlite", "postgresql"]


@pytest.mark.each_database
@pytest.mark.parametrize("another", BOTH, indirect=True)
def test_a_backup_restores_on_either_database(app: Flask, another: Flask, tmp_path: Path) -> None:
    """Whatever database it was made on and is restored on, every row is there as it was, and seals open."""
    file = tmp_path / "b.backup"
    with app.app_context():
        campaign = fill()
        manifest, _keys = backup.make(file, now=clock.now())
    with another.app_context():
        restore.restore(file, replace=False, without_keys=False)
        sealed = setting("sealed")
        assert sealed is not None
        assert sealing.campaign_keys(campaign, now=clock.now()).open(sealed, "here") == NAME
        assert "Restored from a backup" in (setting(SENDING_PAUSED) or "")
        assert db.session.scalar(sa.select(sa.func.count()).select_from(SignIn)) == 0
        with transaction():  # new rows are numbered after the restored ones
            db.session.add(Company(slug="newest", name="Newest", created_at=clock.now()))
            db.session.flush()
            db.session.delete(db.session.scalar(sa.select(Company).where(Company.slug == "newest")))
    assert contents(another) == contents(app)
    assert manifest.rows > 6


@pytest.mark.each_database
@pytest.mark.parametrize("another", BOTH, indirect=True)
def test_a_backup_during_writes_is_one_moment(app: Flask, another: Flask, tmp_path: Path) -> None:
    """While others write, a backup holds all that was committed before it began and no half of anything."""
    file = tmp_path / "b.backup"
    committed, stop = [0], threading.Event()

    def write() -> None:
        with app.app_context():
            while not stop.is_set():
                number, now = committed[0] + 1, clock.now()
                with transaction():
                    remember(f"number-{number}", "x", now=now)
                    db.session.flush()
                    db.session.add(Suppression(recipient_hash=f"{number}", reason="x", recorded_at=now))
                committed[0] = number

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while committed[0] < 20:
            stop.wait(0.01)
        before = committed[0]
        with app.app_context():
            backup.make(file, now=clock.now())
        after = committed[0]
    finally:
        stop.set()
        writer.join(20)
    with another.app_context():
        restore.restore(file, replace=False, without_keys=False)
        numbers = sa.select(sa.func.count()).select_from(Setting).where(Setting.name.startswith("number-"))
        pairs = db.session.scalar(numbers), db.session.scalar(sa.select(sa.func.count()).select_from(Suppression))
    assert pairs[0] == pairs[1], "half a transaction was saved"
    assert before <= pairs[0] <= after + 1


def test_the_files_are_private_and_apart(app: Flask, tmp_path: Path) -> None:
    """Both files are for their owner alone, the keys are in the second only, and neither has a sealed name in clear."""
    file = tmp_path / "b.backup"
    with app.app_context():
        fill()
        backup.make(file, now=clock.now())
    texts = {}
    for path in (file, backup.keys_file(file)):
        assert path.stat().st_mode & 0o777 == 0o600
        with zipfile.ZipFile(path) as zipped:
            texts[path] = b"".join(zipped.read(name) for name in zipped.namelist())
            assert "campaign_key" in str(zipped.namelist()) or path == file
    assert b"campaign_key" not in texts[file]
    assert b"sign_in" not in texts[file]
    assert not list(tmp_path.glob("*.partial"))
    with app.app_context(), pytest.raises(Refusal, match="is there already"):
        backup.make(file, now=clock.now())


def test_what_was_forgotten_since_stays_forgotten(app: Flask, tmp_path: Path) -> None:
    """An older copy restored in place: later redactions are applied again, destroyed keys do not come back."""
    file = tmp_path / "b.backup"
    with app.app_context():
        campaign = fill()
        backup.make(file, now=clock.now())
        with transaction():
            told = db.session.scalar(sa.select(TimelineEntry))
            assert told is not None
            redact_entry(told, reason="A name by mistake", actor=None, now=clock.now())
        sealing.destroy_campaign_keys(campaign, now=clock.now())
        _manifest, again = restore.restore(file, replace=True, without_keys=False)
        assert again == 1
        restored = db.session.scalar(sa.select(TimelineEntry))
        assert restored is not None
        assert HEADLINE not in restored.headline
        assert restored.redacted_at is not None
        sealed = setting("sealed")
        assert sealed is not None
        with pytest.raises(sealing.SealError):
            sealing.campaign_keys(campaign, now=clock.now()).open(sealed, "here")


def test_a_place_that_cannot_be_written_is_said(app: Flask) -> None:
    """A backup that cannot be kept fails with a sentence, not silently."""
    with app.app_context(), pytest.raises(Refusal, match="cannot be written"):
        backup.make(Path("/proc/b.backup"), now=clock.now())


def test_nothing_is_lost_by_mistake(app: Flask, another: Flask, tmp_path: Path) -> None:
    """A restore into a used instance is refused, unless it is told to replace what is there."""
    file = tmp_path / "b.backup"
    with app.app_context():
        fill()
        backup.make(file, now=clock.now())
    with another.app_context():
        with transaction():
            db.session.add(Company(slug="mine", name="Mine", created_at=clock.now()))
        with pytest.raises(Refusal, match="not empty"):
            restore.restore(file, replace=False, without_keys=False)
        assert db.session.scalar(sa.select(Company.slug)) == "mine"
        restore.restore(file, replace=True, without_keys=False)
    assert contents(another) == contents(app)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda file, keys: file.write_bytes(file.read_bytes()[:-40]), "not a whole backup"),
        (lambda file, keys: rewrite(file, b"Old Name", b"New Name"), "damaged"),
        (lambda file, keys: file.unlink(), "no file"),
        (lambda file, keys: keys.unlink(), "no file"),
        (lambda file, keys: keys.write_bytes(file.read_bytes()), "another kind"),
        (lambda file, keys: rewrite(keys, b'"pair": "', b'"pair": "x'), "belongs to another backup"),
        (lambda file, keys: rewrite(file, b'"schema": "0', b'"schema": "9'), "newer Undersigned"),
    ],
    ids=["cut", "altered", "missing", "keys missing", "mixed up", "another pair", "newer"],
)
def test_a_damaged_backup_changes_nothing(app: Flask, another: Flask, tmp_path: Path, harm: object, words: str) -> None:
    """Cut, altered, missing or mixed up: each is said, and the instance is as empty as before."""
    file = tmp_path / "b.backup"
    with app.app_context():
        fill()
        backup.make(file, now=clock.now())
    harm(file, backup.keys_file(file))  # type: ignore[operator]
    with another.app_context():
        with pytest.raises(Refusal, match=words):
            restore.restore(file, replace=False, without_keys=False)
        assert restore.is_empty()


def rewrite(path: Path, old: bytes, new: bytes) -> None:
    """Alter a file inside a backup as somebody would who can write ZIP files."""
    with zipfile.ZipFile(path) as before:
        files = {name: before.read(name) for name in before.namelist()}
    assert any(old in data for data in files.values())
    with zipfile.ZipFile(path, "w") as after:
        for name, data in files.items():
            after.writestr(name, data.replace(old, new))


def test_a_backup_of_another_key_is_refused(make_app: MakeApp, another: Flask, tmp_path: Path) -> None:
    """Without the DATA_KEY it was sealed with, a restore says which file to copy and changes nothing."""
    file = tmp_path / "b.backup"
    app = make_app(DATA_KEY=OTHER_KEY)
    with app.app_context():
        fill()
        backup.make(file, now=clock.now())
    with another.app_context():
        with pytest.raises(Refusal, match="sealed with another DATA_KEY"):
            restore.restore(file, replace=False, without_keys=False)
        assert restore.is_empty()


def test_keys_that_are_gone_do_not_stop_the_rest(app: Flask, another: Flask, tmp_path: Path) -> None:
    """When the keys were destroyed with their last copy, everything but the sealed can still be restored."""
    file = tmp_path / "b.backup"
    with app.app_context():
        campaign = fill()
        backup.make(file, now=clock.now())
    backup.keys_file(file).unlink()
    with another.app_context():
        restore.restore(file, replace=False, without_keys=True)
        sealed = setting("sealed")
        assert sealed is not None
        with pytest.raises(sealing.SealError):
            sealing.campaign_keys(campaign, now=clock.now()).open(sealed, "here")
    assert contents(another) == contents(app)


def test_an_operator_backs_up_and_restores(tmp_path: Path) -> None:
    """The commands as typed: back up, restore elsewhere, be told that sending is paused, let it go on."""
    here, there = Instance(DATA_KEY=DATA_KEY), Instance(DATA_KEY=DATA_KEY)
    try:
        here.tracker("migrate")
        file = tmp_path / "b.backup"
        assert "rows" in here.tracker("backup", file)
        assert "Sending is paused" in there.tracker("restore", file)
        assert "sending is paused: Restored from a backup" in there.tracker("doctor", status=1)
        assert "Sending goes on" in there.tracker("sending", "resume")
    finally:
        here.close()
        there.close()
