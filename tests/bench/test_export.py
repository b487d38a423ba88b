"""The benchmark of exports goes through every line with a handful of people; what it would measure is not judged."""

from __future__ import annotations

from bench import export


def test_every_kind_of_file_is_made_beside_a_bare_one() -> None:
    """In a process of its own each, small and large, and a protected campaign; five limits stand."""
    answer = export.run(quick=True, kinds=["sqlite"])
    (table,) = answer.tables
    ways = ["bare", "csv", "xlsx", "json"]
    assert [row[:2] for row in table.rows] == [
        *([way, "30"] for way in ways),
        *([f"{way}, sealed", "5"] for way in ("bare", "csv")),
        *([way, "60"] for way in ways),
    ]
    assert [limit.limit for limit in answer.limits] == [0.25, 1.2, 1.2, 0.25, 1.2]
    assert all(limit.ratio > 0 for limit in answer.limits)
