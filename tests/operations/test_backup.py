"""A backup is whole, of one moment, private, and fits either database."""

from __future__ import annotations

import os
import threading
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.operations.filled import DATA_KEY, NAME, contents, fill
from tests.support.instances import Instance
from tracker import clock, sealing
from tracker.accounts.models import SignIn
from tracker.companies.models import Company
from tracker.db import db, transaction
from tracker.instance import SENDING_PAUSED, Setting, remember, setting
from tracker.mail.models import Suppression
from tracker.operations import backup, restore
from tracker.operations.edge import Refusal
from tracker.timeline import attached
from tracker.timeline.models import Attachment, AttachmentChunk

BOTH = ["sqlite", "postgresql"]


@pytest.fixture
def environ() -> dict[str, str]:
    return {"DATA_KEY": DATA_KEY}


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
        file = db.session.scalars(sa.select(Attachment)).one()
        assert attached.content_of(file, now=clock.now()) == ("paper.txt", bytes(range(256)) * 2000)
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


def test_memory_stays_flat_with_large_files(app: Flask, another: Flask, tmp_path: Path) -> None:
    """Backup and restore hold a few parts of files at a time, however many there are."""
    # The schema, which a restore reads as it is, takes some 20 MB; what all files take must stand out from that.
    file, part = tmp_path / "b.backup", 512 * 1024
    with app.app_context():
        fill()
        with transaction():
            paper = db.session.scalars(sa.select(Attachment)).one()
            rows = [{"attachment_id": paper.id, "number": n, "sealed": os.urandom(part)} for n in range(100, 180)]
            db.session.execute(sa.insert(AttachmentChunk), rows)
            del rows
        tracemalloc.start()
        try:
            backup.make(file, now=clock.now())
            with another.app_context():
                restore.restore(file, replace=False, without_keys=False)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert file.stat().st_size > 80 * part
    assert peak < 64 * part, f"{peak / 1024**2:.0f} MB for {80 * part / 1024**2:.0f} MB of files"


def test_a_place_that_cannot_be_written_is_said(app: Flask) -> None:
    """A backup that cannot be kept fails with a sentence, not silently."""
    with app.app_context(), pytest.raises(Refusal, match="cannot be written"):
        backup.make(Path("/proc/b.backup"), now=clock.now())


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
