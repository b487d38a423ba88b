"""A restore loses nothing by mistake, refuses what does not fit, and forgets what was to be forgotten."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.conftest import MakeApp
from tests.operations.filled import DATA_KEY, HEADLINE, contents, fill
from tests.support.smtp import SmtpSink
from tracker import clock, sealing
from tracker.companies.models import Company
from tracker.db import db, transaction
from tracker.digests import running
from tracker.instance import SENDING_PAUSED, remember, setting
from tracker.mail.models import EmailKind
from tracker.mail.outbox import put
from tracker.mail.render import render
from tracker.operations import backup, restore
from tracker.operations.demo import load
from tracker.operations.edge import Refusal
from tracker.timeline.models import TimelineEntry
from tracker.timeline.service import redact_entry

OTHER_KEY = "7e3t7e3t7e3t7e3t7e3t7e3t7e3t7e3t7e3t7e3t7e0="


@pytest.fixture
def environ() -> dict[str, str]:
    return {"DATA_KEY": DATA_KEY}


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
        again = restore.restore(file, replace=True, without_keys=False).redacted
        assert again == 1
        restored = db.session.scalar(sa.select(TimelineEntry))
        assert restored is not None
        assert HEADLINE not in restored.headline
        assert restored.redacted_at is not None
        sealed = setting("sealed")
        assert sealed is not None
        with pytest.raises(sealing.SealError):
            sealing.campaign_keys(campaign, now=clock.now()).open(sealed, "here")


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


@pytest.mark.parametrize("another", ["sqlite", "postgresql"], indirect=True)
def test_the_demo_survives(app: Flask, another: Flask, tmp_path: Path) -> None:
    """Two whole campaigns with all that hangs on them arrive row by row as they were."""
    file = tmp_path / "b.backup"
    with app.app_context():
        with transaction():
            load(now=clock.now())
        backup.make(file, now=clock.now())
    with another.app_context():
        restore.restore(file, replace=False, without_keys=False)
    assert contents(another) == contents(app)
    assert sum(table.rows > 0 for table in contents(another).values()) > 20


def test_a_restored_copy_is_silent(make_app: MakeApp, smtp_sink: SmtpSink, tmp_path: Path) -> None:
    """A mail that waited when the backup was made does not leave the restored copy, until somebody lets it."""
    app = make_app(MAIL_URL=smtp_sink.url, MAIL_ALLOW="*")
    file = tmp_path / "b.backup"
    with app.app_context():
        with transaction():
            put(render("no_account"), to="grace@example.org", kind=EmailKind.ACCOUNT_NOTICE, now=clock.now())
        backup.make(file, now=clock.now())
        restore.restore(file, replace=True, without_keys=False)
        running.send()
        assert smtp_sink.received == []
        with transaction():
            remember(SENDING_PAUSED, None, now=clock.now())
        running.send()
        running.send()
    assert len(smtp_sink.to("grace@example.org")) == 1
