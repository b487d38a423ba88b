"""The benchmark of digests goes through every line with a handful of readers; what it would measure is not judged."""

from __future__ import annotations

from bench import digests


def test_two_workers_and_the_bare_loops_send_to_the_sink() -> None:
    """All of it happens in processes of their own: composed, sent, sent again without us, confirmations in between."""
    answer = digests.run(quick=True, kinds=["sqlite"])
    (table,) = answer.tables
    assert [row[0] for row in table.rows] == [f"{number}" for number in digests.QUICK]
    assert all("at most" in str(row[-1]) for row in table.rows), "no confirmation came"
    assert [limit.at_least for limit in answer.limits] == [True, False]
    assert all(limit.ratio > 0 for limit in answer.limits)
