"""The benchmark of imports goes through every line with a handful of people; what it would measure is not judged."""

from __future__ import annotations

import importlib


def test_lists_are_brought_in_and_loaded_bare() -> None:
    """In a process of its own each: everybody comes, the same rows are loaded bare, and three limits stand."""
    script = importlib.import_module("bench.import")
    answer = script.run(quick=True, kinds=["sqlite"])
    (table,) = answer.tables
    assert [row[:2] for row in table.rows] == [[what, "30"] for what in ("names", "contacts", "protected")]
    assert [limit.limit for limit in answer.limits] == [3, 5, 1.2]
    assert all(limit.ratio > 0 for limit in answer.limits)
