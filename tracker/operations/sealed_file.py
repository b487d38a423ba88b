"""A file encrypted in pieces, written once from front to back and read anywhere: what a backup is on request.

The pieces (64 kB) are AES-256-GCM, numbered, the last one marked, so that one that was cut, reordered or put together
from two files does not open (the STREAM construction that age uses). The key is made from a passphrase by scrypt with
a salt of the file's own; no key is ever in the file. Memory stays flat whatever the size.
"""

from __future__ import annotations

import contextlib
import functools
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

MAGIC = b"UNDERSIGNED-SB1\n"
SALT = 16
HEADER = len(MAGIC) + SALT
PIECE = 64 * 1024
TAG = 16
SHORTEST_PASSPHRASE = 16

NO_PASSPHRASE = "it is encrypted; name the file with its passphrase in BACKUP_PASSPHRASE_FILE"
WRONG = "it does not open with the passphrase in BACKUP_PASSPHRASE_FILE, or its first part was altered"
CUT = "it was cut or altered: its last part does not open"
ALTERED = "it was altered: part {number} does not open"


class Unopenable(Exception):
    """The file cannot be read as it should; the message is half a sentence that says why."""


def passphrase_in(path: Path) -> bytes:
    """The words in a file. Raises Unopenable when there are none, or too few to protect anything."""
    try:
        words = path.read_bytes().strip()
    except OSError as error:
        raise Unopenable(f"BACKUP_PASSPHRASE_FILE: {path} cannot be read: {error.strerror}") from None
    if len(words) < SHORTEST_PASSPHRASE:
        raise Unopenable(f"BACKUP_PASSPHRASE_FILE: {path} must hold at least {SHORTEST_PASSPHRASE} characters")
    return words


@functools.lru_cache(maxsize=8)
def _key(passphrase: bytes, salt: bytes) -> AESGCM:
    # 32 MB and a tenth of a second: bearable on a machine with 1 GB, dear for whoever guesses.
    return AESGCM(Scrypt(salt=salt, length=32, n=2**15, r=8, p=1).derive(passphrase))


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


class Writer(io.RawIOBase):
    """Seals what is written to it; whole only after `close`."""

    def __init__(self, out: IO[bytes], passphrase: bytes) -> None:
        self._out = out
        salt = os.urandom(SALT)
        self._header = MAGIC + salt
        self._aead = _key(passphrase, salt)
        self._waiting = bytearray()
        self._number = 0
        out.write(self._header)

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        """Keep at least one byte back: only the end knows which piece is the last."""
        self._waiting += data
        while len(self._waiting) > PIECE:
            self._seal(bytes(self._waiting[:PIECE]), last=False)
            del self._waiting[:PIECE]
        return len(data)

    def _seal(self, piece: bytes, *, last: bool) -> None:
        self._out.write(self._aead.encrypt(_nonce(self._number, last), piece, self._header))
        self._number += 1

    def close(self) -> None:
        if not self.closed:
            self._seal(bytes(self._waiting), last=True)
            self._out.close()
        super().close()


class Reader(io.RawIOBase):
    """Opens pieces as they are asked for. Raises Unopenable at once when the file is not whole."""

    def __init__(self, file: IO[bytes], passphrase: bytes) -> None:
        self._file = file
        self._header = file.read(HEADER)
        body = file.seek(0, io.SEEK_END) - HEADER
        self._pieces = max(1, -(-body // (PIECE + TAG)))
        self._size = body - self._pieces * TAG
        self._at = 0
        self._aead = _key(passphrase, self._header[len(MAGIC) :])
        self._held: tuple[int, bytes] | None = None
        self._refuse_unless_whole()

    def _refuse_unless_whole(self) -> None:
        if self._open(0, last=self._pieces == 1) is None:
            # A file cut down to one whole piece still has a first piece that opens.
            raise Unopenable(CUT if self._open(0, last=False) is not None else WRONG)
        if self._open(self._pieces - 1, last=True) is None:
            raise Unopenable(CUT)

    def _open(self, number: int, *, last: bool) -> bytes | None:
        self._file.seek(HEADER + number * (PIECE + TAG))
        try:
            return self._aead.decrypt(_nonce(number, last), self._file.read(PIECE + TAG), self._header)
        except (InvalidTag, ValueError):
            return None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        number, within = divmod(self._at, PIECE)
        if self._at >= self._size:
            return 0
        if self._held is None or self._held[0] != number:
            piece = self._open(number, last=number == self._pieces - 1)
            if piece is None:
                raise Unopenable(ALTERED.format(number=number + 1))
            self._held = (number, piece)
        found = self._held[1][within : within + len(buffer)]
        buffer[: len(found)] = found
        self._at += len(found)
        return len(found)

    def close(self) -> None:
        self._file.close()
        super().close()


def create(path: Path, passphrase_file: Path | None) -> IO[bytes]:
    """A file to write from front to back; sealed when there is a passphrase. Raises Unopenable, OSError."""
    if passphrase_file is None:
        return path.open("wb")
    passphrase = passphrase_in(passphrase_file)
    writer: Any = Writer(path.open("wb"), passphrase)
    return writer  # type: ignore[no-any-return]


@contextlib.contextmanager
def opened(path: Path, passphrase_file: Path | None) -> Iterator[IO[bytes]]:
    """The plain content of a file, sealed or not. Raises Unopenable, OSError."""
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            file.seek(0)
            yield file
            return
        if passphrase_file is None:
            raise Unopenable(NO_PASSPHRASE)
        file.seek(0)
        reader: Any = Reader(file, passphrase_in(passphrase_file))
        with io.BufferedReader(reader, PIECE) as plain:
            yield plain


def is_sealed(path: Path) -> bool:
    """Whether a file is encrypted in this way."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC
