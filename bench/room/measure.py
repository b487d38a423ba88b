"""Measuring by turns: whatever is compared is called in the same rounds, so that noise hits all alike."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

ENOUGH = 10


@dataclass
class Samples:
    """How long each call took, in seconds."""

    seconds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Half took no longer."""
        return percentile(self.seconds, 50)

    @property
    def p95(self) -> float:
        """Nineteen in twenty took no longer."""
        return percentile(self.seconds, 95)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so many per cent of the values do not exceed (nearest rank). Raises on no values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share / 100) - 1)]


def by_turns(
    calls: Mapping[str, Callable[[], object]], *, rounds: int, warm_up: int = 3, seconds: float = 60.0, seed: int = 1
) -> dict[str, Samples]:
    """Call each once a round, in a new order each round, and say how long each took.

    The first `warm_up` rounds count for nothing: connections are opened, templates compiled, caches filled. After
    `seconds` no further round begins, if there were ten: what is very slow need not be measured for an hour.
    """
    order, names = random.Random(seed), list(calls)
    found = {name: Samples() for name in names}
    start = time.perf_counter()
    for number in range(warm_up + rounds):
        if number >= warm_up + ENOUGH and time.perf_counter() - start > seconds:
            break
        order.shuffle(names)
        for name in names:
            began = time.perf_counter()
            calls[name]()
            took = time.perf_counter() - began
            if number >= warm_up:
                found[name].seconds.append(took)
    return found
