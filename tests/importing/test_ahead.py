"""How a list is read beside the writing: what a worker froze for good stays so."""

import gc
from collections.abc import Iterator

import pytest

from tracker.importing.ahead import seldom_tidied


@pytest.fixture
def thawed() -> Iterator[None]:
    """A process that froze nothing; afterwards it is as it was."""
    gc.unfreeze()
    yield
    gc.freeze()


def test_what_was_frozen_stays(thawed: None) -> None:
    """A worker keeps what it shares with its children; a command goes back to where it was."""
    with seldom_tidied():
        assert gc.get_freeze_count() and not gc.isenabled()
    assert not gc.get_freeze_count() and gc.isenabled()
    gc.freeze()
    with seldom_tidied():
        assert not gc.isenabled()
    assert gc.get_freeze_count() and gc.isenabled()
