"""What many digests of one batch ask alike is asked once: how many signed a campaign, how a vote went.

Kept for the length of one transaction, within which the answers are the same, and never as rows of the session.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

from sqlalchemy.orm import SessionTransaction

from tracker.db import db

Answer = TypeVar("Answer")

_kept: WeakKeyDictionary[SessionTransaction, dict[Any, dict[int, Any]]] = WeakKeyDictionary()


def asked_once(
    question: object, ids: Iterable[int], ask: Callable[[set[int]], Mapping[int, Answer]], none: Answer
) -> dict[int, Answer]:
    """The answer to a question for each id; `ask` gets those that nobody asked about in this transaction. `none` is
    the answer for an id that it leaves out."""
    wanted = set(ids)
    transaction = db.session().get_transaction()
    known: dict[int, Answer] = {} if transaction is None else _kept.setdefault(transaction, {}).setdefault(question, {})
    if missing := wanted - known.keys():
        answers = ask(missing)
        known.update((one, answers.get(one, none)) for one in missing)
    return {one: known[one] for one in wanted}
