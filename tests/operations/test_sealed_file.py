"""A sealed file opens whole or not at all, in flat memory."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import MakeApp
from tests.operations.filled import DATA_KEY, NAME, contents, fill
from tracker import clock, sealing
from tracker.instance import setting
from tracker.operations import backup, restore, sealed_file
from tracker.operations.edge import Refusal
from tracker.operations.sealed_file import HEADER, MAGIC, PIECE, TAG, Unopenable

WORDS = "correct horse battery staple"


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    file = tmp_path / "passphrase"
    file.write_text(WORDS + "\n")
    return file


def written(path: Path, passphrase: Path, data: bytes) -> Path:
    """A sealed file with this content, written in uneven parts."""
    with sealed_file.create(path, passphrase) as out:
        for start in range(0, len(data), 10_007):
            out.write(data[start : start + 10_007])
    return path


def read(path: Path, passphrase: Path | None) -> bytes:
    """The whole content."""
    with sealed_file.opened(path, passphrase) as file:
        return file.read()


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 3 * PIECE + 17])
def test_what_was_written_is_read(tmp_path: Path, passphrase: Path, size: int) -> None:
    """Every length around the size of a piece comes back, also from the middle."""
    data = bytes(number % 251 for number in range(size))
    path = written(tmp_path / "sealed", passphrase, data)
    assert read(path, passphrase) == data
    assert path.read_bytes().startswith(MAGIC)
    with sealed_file.opened(path, passphrase) as file:
        file.seek(size // 2)
        assert file.read(100) == data[size // 2 : size // 2 + 100]
    assert path.stat().st_size == HEADER + size + TAG * max(1, -(-size // PIECE))


@pytest.mark.parametrize("left", [HEADER, HEADER + 5, HEADER + PIECE + TAG, HEADER + 2 * (PIECE + TAG), -1])
def test_a_cut_file_does_not_open(tmp_path: Path, passphrase: Path, left: int) -> None:
    """Cut anywhere, between pieces too, it is refused before a byte is given out."""
    path = written(tmp_path / "sealed", passphrase, b"x" * (3 * PIECE))
    path.write_bytes(path.read_bytes()[:left])
    with pytest.raises(Unopenable, match="cut" if left > HEADER + PIECE or left < 0 else "cut|altered"):
        read(path, passphrase)


def test_altered_reordered_or_lengthened_does_not_open(tmp_path: Path, passphrase: Path) -> None:
    """A changed byte, two swapped pieces or something added at the end is found."""
    path = written(tmp_path / "sealed", passphrase, bytes(range(256)) * (3 * PIECE // 256) + b"end")
    whole, size = path.read_bytes(), PIECE + TAG
    pieces = [whole[HEADER + at * size : HEADER + (at + 1) * size] for at in range(4)]
    changed = bytearray(whole)
    changed[HEADER + size + 9] ^= 1
    harmed = (
        bytes(changed),
        whole[:HEADER] + pieces[0] + pieces[2] + pieces[1] + pieces[3],
        whole + b"more",
    )
    for data in harmed:
        path.write_bytes(data)
        with pytest.raises(Unopenable, match="altered"):
            read(path, passphrase)


def test_a_wrong_passphrase_is_said(tmp_path: Path, passphrase: Path) -> None:
    """Another passphrase, none, a missing file and a short one: each has its sentence."""
    path = written(tmp_path / "sealed", passphrase, b"something")
    other = tmp_path / "other"
    other.write_text("another passphrase altogether")
    with pytest.raises(Unopenable, match="does not open with the passphrase"):
        read(path, other)
    with pytest.raises(Unopenable, match="it is encrypted; name the file"):
        read(path, None)
    with pytest.raises(Unopenable, match="cannot be read"):
        read(path, tmp_path / "missing")
    other.write_text("short")
    with pytest.raises(Unopenable, match="at least 16 characters"):
        sealed_file.create(tmp_path / "new", other)


def test_memory_stays_flat(tmp_path: Path, passphrase: Path) -> None:
    """Forty times the size takes no more memory, writing and reading."""
    peaks = []
    for pieces in (10, 400):
        tracemalloc.start()
        with sealed_file.create(tmp_path / "sealed", passphrase) as out:
            for _ in range(pieces):
                out.write(b"x" * PIECE)
        with sealed_file.opened(tmp_path / "sealed", passphrase) as file:
            while file.read(PIECE):
                pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] * 1.1 + PIECE, peaks


@pytest.mark.parametrize("another", ["sqlite", "postgresql"], indirect=True)
def test_an_encrypted_backup_is_restored(make_app: MakeApp, another: Flask, tmp_path: Path, passphrase: Path) -> None:
    """Both files are sealed, tell nothing without the passphrase and hold no key; with it every row comes back."""
    file = tmp_path / "b.backup"
    app = make_app(DATA_KEY=DATA_KEY, BACKUP_PASSPHRASE_FILE=str(passphrase))
    with app.app_context():
        campaign = fill()
        backup.make(file, now=clock.now())
    for path in (file, backup.keys_file(file)):
        assert path.stat().st_mode & 0o777 == 0o600
        data = path.read_bytes()
        for secret in (WORDS, DATA_KEY, "manifest.json", "ada@example.org"):
            assert secret.encode() not in data
        assert not zipfile.is_zipfile(path)
    with another.app_context():
        with pytest.raises(Refusal, match="it is encrypted; name the file"):
            restore.restore(file, replace=False, without_keys=False)
        assert restore.is_empty()
        with_passphrase(another, passphrase)
        restore.restore(file, replace=False, without_keys=False)
        assert sealing.campaign_keys(campaign, now=clock.now()).open(setting("sealed") or "", "here") == NAME
    assert contents(another) == contents(app)


def with_passphrase(app: Flask, passphrase: Path) -> None:
    """As if the instance had been started with BACKUP_PASSPHRASE_FILE."""
    from dataclasses import replace

    config = app.extensions["config"]
    app.extensions["config"] = replace(config, backups=replace(config.backups, passphrase_file=passphrase))
