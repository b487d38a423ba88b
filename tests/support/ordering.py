"""The longest tests first: who takes a minute at the end leaves the other workers, and a core, without work.

Workers of pytest-xdist begin with an equal share each, one after another of what was collected, and take from each
other's ends. Most of the longest tests mostly wait, for processes and leases: each worker begins with some of them.
"""

import itertools

import pytest

# By how long one of their tests takes, the longest first; who takes less than some seconds need not be here.
LONGEST = (
    "tests/journeys/test_two_workers.py",
    "tests/operations/test_upgrade.py::test_an_operator_upgrades",
    "tests/journeys/test_main_job.py",
    "tests/bench/test_digests.py",
    "tests/faults/test_broker.py",
    "tests/bench/test_export.py",
    "tests/signatures/test_every_page_as_everybody.py",
    "tests/faults/test_machine.py::test_any_story",
    "tests/faults/test_every_step.py",
    "tests/faults/test_storm.py",
    "tests/faults/test_workers.py",
    "tests/faults/test_databases.py",
    "tests/operations/test_processes.py",
    "tests/operations/test_up.py",
    "tests/retention/test_processes_forget.py",
    "tests/outcomes/test_kept_fates.py",
    "tests/operations/test_backup.py::test_an_operator_backs_up_and_restores",
    "tests/operations/test_demo.py",
    "tests/bench",
    "tests/pages/test_search.py::test_nothing_leaks",
    "tests/faults",
    "tests/importing/test_killed.py",
    "tests/journeys",
    "tests/operations",
)


def longest_first(items: list[pytest.Item], workers: int) -> None:
    """Sort the tests for so many workers; those that are not named here stay as they are."""
    rank = {item: next((n for n, name in enumerate(LONGEST) if item.nodeid.startswith(name)), None) for item in items}
    long = sorted((item for item in items if rank[item] is not None), key=lambda item: rank[item] or 0)
    short = iter([item for item in items if rank[item] is None])
    shares: list[pytest.Item] = []
    for worker in range(workers):
        size = (len(items) - len(shares)) // (workers - worker)
        mine = long[worker::workers]
        shares += [*mine, *itertools.islice(short, max(0, size - len(mine)))]
    items[:] = [*shares, *short]
