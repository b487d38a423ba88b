"""The longest tests first: who takes a minute at the end leaves the other workers, and a core, without work.

Workers of pytest-xdist begin with an equal share each, in this order, and take from each other's ends. So one of them
has the tests that mostly wait for processes and leases, while the others keep the cores busy.
"""

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


def longest_first(items: list[pytest.Item]) -> None:
    """Sort the tests; those that are not named here stay as they are."""
    items.sort(key=lambda item: next((n for n, name in enumerate(LONGEST) if item.nodeid.startswith(name)), 99))
