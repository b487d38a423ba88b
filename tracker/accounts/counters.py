"""Where tries are counted: in the broker's Redis, and in this process's memory while Redis is away.

Nobody who sends a form waits for a dead Redis: the first to find out waits `Durations.counters_wait`, and from then on
everybody counts in memory at once, while a thread of its own looks whether it is back. Counts of the two are not
added up: a limit may let a few more through around such a moment.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from limits.storage import MemoryStorage, RedisStorage, Storage
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

T = TypeVar("T")
AWAY = (RedisError, OSError)

logger = logging.getLogger("tracker.accounts")


class Counters(Storage):
    """A storage of the library `limits`, which finds it by its scheme. Raises nothing of Redis's."""

    STORAGE_SCHEME = ["counters"]

    def __init__(self, _uri: str, *, redis_url: str, wait: timedelta, look_after: timedelta) -> None:
        super().__init__()
        seconds = wait.total_seconds()
        pool = ConnectionPool.from_url(
            redis_url, socket_connect_timeout=seconds, socket_timeout=seconds, retry=Retry(NoBackoff(), 0)
        )
        self._redis = RedisStorage(redis_url, connection_pool=pool)
        self._memory = MemoryStorage()
        self._look_after = look_after.total_seconds()
        self._lock = threading.Lock()
        self._away = False
        self._looked = 0.0
        self._looking: threading.Thread | None = None

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        return AWAY

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        return self._counted(lambda storage: storage.incr(key, expiry, amount))

    def get(self, key: str) -> int:
        return self._counted(lambda storage: storage.get(key))

    def get_expiry(self, key: str) -> float:
        return self._counted(lambda storage: storage.get_expiry(key))

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        return self._counted(lambda storage: storage.reset())

    def clear(self, key: str) -> None:
        self._counted(lambda storage: storage.clear(key))

    def _counted(self, action: Callable[[Storage], T]) -> T:
        """Do it in Redis, or in memory while Redis is away."""
        if self._away:
            self._look()
        else:
            try:
                return action(self._redis)
            except AWAY as error:
                self._leave(error)
        return action(self._memory)

    def _leave(self, error: Exception) -> None:
        with self._lock:
            if not self._away:
                logger.warning("tries are counted in memory, the broker is away: %s", type(error).__name__)
            self._away, self._looked = True, time.monotonic()

    def _look(self) -> None:
        """See whether Redis is back, in a thread, and not more often than each `look_after`."""
        with self._lock:
            if self._looking is not None or time.monotonic() < self._looked + self._look_after:
                return
            self._looking = threading.Thread(target=self._ask, name="counters", daemon=True)
        self._looking.start()

    def _ask(self) -> None:
        back = self._redis.check()
        with self._lock:
            if back:
                logger.info("tries are counted in the broker again")
            self._away, self._looked, self._looking = not back, time.monotonic(), None
