"""A backup each night: one whoever asks, a kept number, keys for a shorter time, and a doctor who notices."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

import worker.tasks as tasks
from tests.conftest import MakeApp
from tests.operations.filled import DATA_KEY, contents, fill
from tracker import clock
from tracker.companies.models import Company
from tracker.db import db, transaction
from tracker.instance import SENDING_PAUSED, BackupRun, setting
from tracker.operations import archive, nightly, restore, storage
from tracker.operations.edge import Refusal

NIGHT = dt.datetime(2026, 11, 24, 2, 5, tzinfo=dt.UTC)


@pytest.fixture
def environ() -> dict[str, str]:
    return {"DATA_KEY": DATA_KEY}


def names(folder: Path) -> list[str]:
    """What lies in a folder, without folders."""
    return sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.exists() else []


def said(app: Flask, now: dt.datetime) -> list[str]:
    """What the doctor says of backups."""
    return [f"{found.level} {found.words}" for found in storage.backups(app.extensions["config"], now)]


@pytest.mark.each_database
def test_two_beats_make_one(app: Flask, instance: Path) -> None:
    """However many ask at once, and however often, there is one backup a night, with its keys in a folder apart."""
    with app.app_context():
        fill()
    done, start = [], threading.Barrier(4)

    def ask() -> None:
        with app.app_context():
            start.wait(10)
            done.append(nightly.back_up(NIGHT))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(done) == 4
    assert sum(words is not None for words in done) == 1
    assert names(instance / "backups") == ["undersigned-20261124T020500Z.backup"]
    assert names(instance / "backups" / "keys") == ["undersigned-20261124T020500Z.backup.keys"]
    with app.app_context():
        assert nightly.back_up(NIGHT + dt.timedelta(hours=3)) is None
        assert nightly.back_up(NIGHT + dt.timedelta(days=1, hours=-1)) is None, "before its hour"
        assert nightly.back_up(NIGHT + dt.timedelta(days=1)) is not None
    assert len(names(instance / "backups")) == 2


def test_so_many_stay_and_keys_go_sooner(make_app: MakeApp, instance: Path) -> None:
    """The oldest go beyond BACKUP_KEEP; copies of keys go after two weeks; files of others stay."""
    app = make_app(BACKUP_KEEP="20")
    folder = instance / "backups"
    with app.app_context():
        fill()
        for day in range(25):
            if day == 1:
                (folder / "mine.backup").write_text("of somebody else")
                (folder / "undersigned-20261124T020501Z.backup.partial").write_text("left by a crash")
            nightly.back_up(NIGHT + dt.timedelta(days=day))
        last = NIGHT + dt.timedelta(days=24)
        kept = names(folder)
        assert len(kept) == 21
        assert "mine.backup" in kept
        assert "undersigned-20261218T020500Z.backup" in kept
        assert "undersigned-20261128T020500Z.backup" not in kept
        keys = names(folder / "keys")
        assert len(keys) == 14
        assert keys[0] == "undersigned-20261205T020500Z.backup.keys"
        assert any("can be read from them until 2027-01-01" in words for words in said(app, last))
        # Also while no backup succeeds: until when a destroyed key can be read is a promise.
        nightly.clear(app.extensions["config"].backups, last + dt.timedelta(days=30))
        assert names(folder / "keys") == []


@pytest.mark.each_database
def test_a_failure_is_told_and_tried_again(make_app: MakeApp, tmp_path: Path) -> None:
    """A folder that cannot be written: the task survives, the doctor says why, an hour later it is tried again."""
    place = tmp_path / "place"
    place.write_text("a file where the folder should be")
    app = make_app(BACKUP_DIR=str(place), BACKUP_KEYS_DIR=str(tmp_path / "keys"))
    with app.app_context(), time_machine.travel(NIGHT, tick=False) as traveller:
        fill()
        tasks.back_up()
        row = db.session.scalars(sa.select(BackupRun)).one()
        assert (row.attempts, row.finished_at) == (1, None)
        assert str(place) in row.problem
        assert any(words.startswith("BAD the last try failed (1 today)") for words in said(app, clock.now()))
        place.unlink()
        traveller.shift(dt.timedelta(minutes=59))
        tasks.back_up()
        assert names(place) == []
        traveller.shift(dt.timedelta(minutes=1))
        tasks.back_up()
        assert len(names(place)) == 1
        assert not any(words.startswith("BAD") for words in said(app, clock.now()))


def test_a_killed_attempt_is_made_good(app: Flask, instance: Path) -> None:
    """Who died with the claim holds up the night's backup for half an hour, no longer."""
    with app.app_context():
        fill()
        with transaction():
            assert nightly.claim(NIGHT)
        assert nightly.back_up(NIGHT + dt.timedelta(minutes=29)) is None
        assert nightly.back_up(NIGHT + dt.timedelta(minutes=31)) is not None


def test_the_doctor_notices(make_app: MakeApp, app: Flask, instance: Path) -> None:
    """None yet is a note at first and BAD later; so is an old one, a folder that is gone, and being switched off."""
    with app.app_context():
        with time_machine.travel(NIGHT, tick=False):
            fill()
        assert said(app, NIGHT + dt.timedelta(hours=1))[0].startswith("note none yet")
        assert said(app, NIGHT + dt.timedelta(hours=37))[0].startswith("BAD none yet")
        with time_machine.travel(NIGHT, tick=False):
            nightly.back_up(NIGHT)
        (first, *_) = said(app, NIGHT + dt.timedelta(hours=7))
        assert first.startswith("good the last one 7 hours ago")
        assert "not encrypted; 1 are kept" in first
        assert said(app, NIGHT + dt.timedelta(hours=40))[0].startswith("BAD the last one 40 hours ago")
        for path in (instance / "backups").glob("*.backup"):
            path.unlink()
        assert any("there is none in" in words for words in said(app, NIGHT))
    off = make_app(BACKUP_KEEP="0")
    with off.app_context():
        assert said(off, NIGHT) == ["note switched off by BACKUP_KEEP=0; see that something else makes them"]
        assert nightly.back_up(NIGHT) is None
        with pytest.raises(Refusal, match="switched off"):
            nightly.back_up(NIGHT, at_once=True)


@pytest.mark.each_database
@pytest.mark.parametrize("another", ["sqlite", "postgresql"], indirect=True)
def test_the_drill(app: Flask, another: Flask, instance: Path) -> None:
    """Backed up at night during writes, restored into an empty instance: whole, equal to what was written, silent."""
    stop, begun = threading.Event(), threading.Event()
    with app.app_context():
        fill()

    def write() -> None:
        number = 0
        with app.app_context():
            while not stop.is_set():
                number += 1
                with transaction():
                    db.session.add(Company(slug=f"c{number}", name=f"C {number}", created_at=clock.now()))
                if number == 10:
                    begun.set()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert begun.wait(30)
        with app.app_context():
            nightly.back_up(NIGHT)
    finally:
        stop.set()
        writer.join(30)
    (file,) = (instance / "backups").glob("*.backup")
    with another.app_context():
        restore.restore(file, replace=False, without_keys=False)  # finds the keys in their own folder
        expected = archive.read_manifest(file, "main").tables
        found = contents(another)
        assert {name: found[name] for name in found} == {name: expected[name] for name in found}
        assert found["company"].rows >= 12
        assert "Restored from a backup" in (setting(SENDING_PAUSED) or "")
        assert storage.backups(another.extensions["config"], NIGHT), "the restored copy has no history of backups"
        assert nightly.last_run() is None


def test_older_rows_open_with_a_later_copy_of_the_keys(app: Flask, another: Flask, instance: Path) -> None:
    """An old backup whose keys are gone is restored with last night's copy of them, not with an earlier one."""
    folder = instance / "backups"
    with app.app_context():
        fill()
        for day in (0, 1, 2):
            nightly.back_up(NIGHT + dt.timedelta(days=day))
    middle = folder / "undersigned-20261125T020500Z.backup"
    keys = sorted((folder / "keys").iterdir())
    with another.app_context():
        with pytest.raises(Refusal, match="belongs to another backup"):
            restore.restore(middle, replace=False, without_keys=False, keys_path=keys[0])
        restore.restore(middle, replace=False, without_keys=False, keys_path=keys[2])
    assert contents(another) == contents(app)
