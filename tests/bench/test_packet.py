"""The benchmark of packets goes through every line with a handful of people; what it would measure is not judged."""

from __future__ import annotations

from bench import packet


def test_a_packet_is_printed_in_parts() -> None:
    """Every name that is shown is in one of the parts, and the memory of several is compared with that of one."""
    answer = packet.run(quick=True, kinds=["sqlite"])
    (table,) = answer.tables
    assert [row[:4] for row in table.rows] == [["SQLite", "30", "20", "1"], ["SQLite", "60", "40", "2"]]
    (limit,) = answer.limits
    assert limit.limit == 1.2 and limit.ratio > 0
