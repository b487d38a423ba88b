"""A file as it was sent, cleaned by a process of its own: what a hostile one breaks is that process alone."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tracker.file_limits import FileLimits
from tracker.files.kinds import FileKind, kind_by_name
from tracker.files.names import clean_name
from tracker.files.refusal import Refused, Why

COMMAND = ("-m", "tracker.files.child")
ROOT = Path(__file__).parent.parent.parent
# One at a time in each process: two large pictures at once would need twice the memory.
_one = threading.BoundedSemaphore(1)


@dataclass(frozen=True)
class CleanFile:
    """What may be kept of a file, and in single words (see `words.py`) what was taken out or could not be."""

    name: str
    kind: FileKind
    content: bytes
    notes: tuple[str, ...] = ()


def clean(name: str, content: bytes, limits: FileLimits) -> CleanFile:
    """The file without metadata, as what its name and its content say that it is. Raises Refused."""
    kind = kind_by_name(name)
    if not content:
        raise Refused(Why.EMPTY)
    if len(content) > limits.file_bytes:
        raise Refused(Why.TOO_LARGE)
    if not _one.acquire(timeout=2 * limits.seconds):
        raise Refused(Why.BUSY)
    try:
        answer, kept = _ask(kind, content, limits)
    finally:
        _one.release()
    if "refused" in answer:
        raise Refused(Why(answer["refused"]))
    if len(kept) > limits.file_bytes:
        raise Refused(Why.TOO_LARGE)
    return CleanFile(clean_name(name, kind), kind, kept, tuple(answer["notes"]))


def _ask(kind: FileKind, content: bytes, limits: FileLimits) -> tuple[dict[str, Any], bytes]:
    command = [sys.executable, *COMMAND, kind.value, json.dumps(asdict(limits))]
    try:
        # An empty environment: no secret of ours is where a stranger's file is read.
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=2 * limits.seconds, cwd=ROOT, env={}, check=False
        )
    except subprocess.TimeoutExpired:
        raise Refused(Why.TOO_MUCH_WORK) from None
    if done.returncode:
        raise Refused(Why.TOO_MUCH_WORK)
    head, _line, kept = done.stdout.partition(b"\n")
    return json.loads(head), kept
