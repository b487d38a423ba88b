"""Reading ahead: while the database takes some rows, the next are read and understood in a thread beside it."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")
_LOOK = 0.2  # seconds between two looks whether anybody still wants more
_ITEMS = 4  # between two looks for what only points at itself


@contextmanager
def seldom_tidied() -> Generator[None]:
    """Python looks seldom for objects that only point at each other: rows do not, and each look goes through all of the
    app, a third of the time that rows are read in. `tidied` is where it looks meanwhile."""
    was_enabled, is_frozen = gc.isenabled(), gc.get_freeze_count() > 0  # a worker froze what it had loaded for good
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        if not is_frozen:
            gc.unfreeze()
        if was_enabled:
            gc.enable()


def tidied(items: Iterator[T]) -> Generator[T]:
    """The same items; memory stays flat under `seldom_tidied`."""
    for number, item in enumerate(items, 1):
        yield item
        del item  # it is not waited for beside the next
        if number % _ITEMS == 0:
            gc.collect()


def read_ahead(items: Iterator[T], *, most: int = 1) -> Generator[T]:
    """The same items in the same order, so many of them made before they are asked for; what `items` raises is raised.

    `items` runs in another thread: it may use neither the session nor the app context of this one.
    """
    ready: Queue[tuple[str, T | BaseException | None]] = Queue(most)
    enough = Event()

    def hand_over(kind: str, item: T | BaseException | None) -> bool:
        while not enough.is_set():
            try:
                ready.put((kind, item), timeout=_LOOK)
            except Full:
                continue
            return True
        return False

    def work() -> None:
        try:
            for item in items:
                if not hand_over("item", item):
                    return
        except BaseException as error:
            hand_over("error", error)
        else:
            hand_over("end", None)

    thread = Thread(target=work, name="reading a list", daemon=True)
    thread.start()
    try:
        while True:
            kind, item = ready.get()
            if kind == "end":
                return
            if isinstance(item, BaseException):
                raise item
            yield item  # type: ignore[misc]
            item = None
    finally:
        enough.set()
        while thread.is_alive():
            try:
                ready.get(timeout=_LOOK)
            except Empty:
                thread.join(_LOOK)
