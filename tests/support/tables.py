"""Tables of promises in docstrings: under each promise, indented, the tests that show it."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def named_in(table: str | None) -> list[tuple[str, str]]:
    """The tests that a table names: (file, function)."""
    return re.findall(r"^    (tests/\S+)::(\S+)$", table or "", re.M)


def gone_from(table: str | None) -> list[str]:
    """Those that are not there any more."""
    return [f"{path}::{name}" for path, name in named_in(table) if f"\ndef {name}(" not in _text(path)]


@cache
def _text(path: str) -> str:
    file = ROOT / path
    return file.read_text() if file.exists() else ""
