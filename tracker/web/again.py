"""Two press the same at once: who comes second looks once more, at what the first one left.

with a form: `found = again(lambda: own.withdraw(…))`; the verb loads all that it changes itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from tracker.db import transaction

T = TypeVar("T")


def again(verb: Callable[[], T]) -> T:
    """Do it in a transaction. Where another one wrote the same rows meanwhile (a version that moved on, a key that is
    taken now), it is done once more and answers as it would have a moment later: done already, or refused in words.

    Raises what the second try raises.
    """
    try:
        with transaction():
            return verb()
    except (StaleDataError, IntegrityError):
        with transaction():
            return verb()
