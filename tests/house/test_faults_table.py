"""The table of faults (tests/faults/__init__.py) names tests that exist."""

from __future__ import annotations

import fnmatch
import re

from tests import faults
from tests.house.laws import ROOT

NAMED = re.compile(r"((?:[a-z_]+/)test_[a-z_]+)(?:: ((?:[\w*]+(?:,\s+(?!\w+/))?)+))?")


def test_each_fault_names_a_test() -> None:
    """A test that is renamed or taken out leaves its line here, or this says which."""
    named = NAMED.findall(faults.__doc__ or "")
    assert len(named) > 60, "the table is not read rightly"
    missing = []
    for file, names in named:
        path = ROOT / "tests" / f"{file}.py"
        known = re.findall(r"^def test_(\w+)|^    def test_(\w+)|^(?:def|class) (\w+)", path.read_text(), re.MULTILINE)
        tests = [name for found in known for name in found if name]
        wanted = re.split(r",\s+", names) if names else ["*"]
        missing += [f"{file}: {one}" for one in wanted if one and not fnmatch.filter(tests, one)]
    assert missing == []
