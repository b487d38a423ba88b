"""The process that reads one file from a stranger: `python -m tracker.files.child KIND LIMITS`, file in, file out.

It writes one line of JSON, then the clean bytes. It may use so much time and memory and open nothing; whatever else
goes wrong in it is a broken file.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
from pathlib import Path

from tracker.file_limits import FileLimits
from tracker.files import kinds
from tracker.files.kinds import FileKind
from tracker.files.refusal import Refused, Why


def clean(kind: FileKind, content: bytes, limits: FileLimits) -> tuple[bytes, list[str]]:
    """The same without metadata, and what was found. Raises Refused, or anything when the file is broken."""
    kinds.check(kind, content)
    # Each cleaner brings a library with it; only the one that is needed is loaded.
    if kind in kinds.PICTURES:
        from tracker.files import pictures

        return pictures.clean(kind, content, limits)
    if kind is FileKind.PDF:
        from tracker.files import pdf

        return pdf.clean(content)
    if kind in kinds.ZIPPED:
        from tracker.files import office

        return office.clean(kind, content, limits)
    return content, []


def _bound(limits: FileLimits) -> None:
    # Where memory ends, it is this process that goes, not the server (Linux).
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    resource.setrlimit(resource.RLIMIT_CPU, (limits.seconds, limits.seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # macOS counts otherwise and refuses; the limit on time stays.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (limits.memory_bytes, limits.memory_bytes))


def main() -> None:
    """Read, clean, write."""
    limits = FileLimits(**json.loads(sys.argv[2]))
    content = sys.stdin.buffer.read()
    _bound(limits)
    kept = b""
    try:
        kept, notes = clean(FileKind(sys.argv[1]), content, limits)
        answer: dict[str, object] = {"notes": notes}
    except Refused as refused:
        answer = {"refused": refused.why.value}
    except (MemoryError, RecursionError):
        answer = {"refused": Why.TOO_MUCH_WORK.value}
    except Exception:  # a library met bytes that it does not understand; which, is nobody's business
        answer = {"refused": Why.BROKEN.value}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + kept)


if __name__ == "__main__":
    main()
