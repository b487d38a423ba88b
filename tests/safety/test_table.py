"""The table of the rules of safety names tests that are there, for each rule and each part of it."""

from __future__ import annotations

import re

import tests.safety
from tests.support.tables import gone_from, named_in


def test_each_rule_is_shown() -> None:
    """A test that is renamed takes its line along, and no rule, or part of one, is left without."""
    table = tests.safety.__doc__ or ""
    gone = gone_from(table)
    assert not gone, f"mend the table in tests/safety/__init__.py: {gone}"
    assert re.findall(r"^(\d+)\. ", table, re.M) == [str(number) for number in range(1, 14)]
    parts = re.split(r"^(?=\d+\. |   \S)", table, flags=re.M)[1:]
    assert len(parts) > 30
    assert not [part for part in parts if not named_in(part)], "a rule that no test shows"
