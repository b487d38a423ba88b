"""The table of journeys names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

import tests.journeys

ROOT = Path(__file__).parent.parent.parent


def test_each_journey_is_there() -> None:
    """A journey that is renamed takes its line along."""
    named = re.findall(r"^    (tests/\S+)::(\S+)$", tests.journeys.__doc__ or "", re.M)
    assert len(named) > 30
    gone = [f"{path}::{name}" for path, name in named if f"\ndef {name}(" not in (ROOT / path).read_text()]
    assert not gone, f"mend the table in tests/journeys/__init__.py: {gone}"
