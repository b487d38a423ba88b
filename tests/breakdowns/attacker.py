"""Somebody who reads the page each day and subtracts (reliability.md, promise 21).

They know more than the page says: the exact number behind each "at least", how many signed at each moment, everybody
whom the page names with all their groups, and each hidden group but one. What they find out about fewer than ten
people whom nothing names is a leak.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

FLOOR = 10
# Everybody of the first belongs to the second: whoever showed an address at some domain did show one.
INSIDE = (("domain", "at work"),)


@dataclass(frozen=True)
class Signer:
    """One who signed: what they wrote, by dimension, and whether the page names them."""

    number: int
    wrote: tuple[tuple[str, str], ...]
    is_named: bool = False

    def group(self, dimension: str) -> str:
        """In which group they are, spelling apart; "" for none."""
        return " ".join(dict(self.wrote).get(dimension, "").casefold().split())


@dataclass(frozen=True)
class Reading:
    """What was read one day, and the truth at the moment it is of."""

    signers: frozenset[Signer]
    shown: Mapping[str, Mapping[str, int]]  # by dimension: a group's folded name, at least so many


def leaks(readings: Sequence[Reading]) -> list[str]:
    """In words, each group of one to nine that somebody works out."""
    found = [leak for number, reading in enumerate(readings) for leak in _of_one(f"reading {number}", reading)]
    for number, (before, after) in enumerate(pairwise(readings)):
        found += _between(f"readings {number} and {number + 1}", before, after)
    return found


def _of_one(where: str, reading: Reading) -> Iterator[str]:
    """Each group by itself; the whole without what is shown, also without one hidden group; two dimensions at once."""
    every = reading.signers
    unnamed = {signer for signer in every if not signer.is_named}
    parts: dict[str, list[set[Signer]]] = {}
    for dimension, shown in reading.shown.items():
        if not shown:
            continue  # then it says nothing that the number of all who signed does not say
        groups = {name: {one for one in every if one.group(dimension) == name} for name in _names(every, dimension)}
        for name, at_least in shown.items():
            if not at_least <= len(groups.get(name, ())):
                yield f"{where}: {name} is said to be larger than it is"
        rest = {one for one in every if one.group(dimension) not in shown}
        parts[dimension] = [*(groups.get(name, set()) for name in shown), rest]
        known = [set(), *(group for name, group in groups.items() if name and name not in shown)]
        for part in (*parts[dimension], *(rest - hidden for hidden in known)):
            for people in (part, part & unnamed):
                if 0 < len(people) < FLOOR:
                    yield f"{where}: {len(people)} people by {dimension}"
    for inner, outer in INSIDE:
        if inner in parts and outer in parts:
            *told, hidden = parts[inner]
            whole = set().union(*parts[outer][:-1])
            for people in (whole & hidden, whole & hidden & unnamed, *(whole - one for one in told)):
                if 0 < len(people) < FLOOR:
                    yield f"{where}: {len(people)} people by {outer} without {inner}"
    for one, other in combinations(parts, 2):
        for here in parts[one]:
            for there in parts[other]:
                yield from _at_once(where, len(every), len(here), len(there))
                yield from _at_once(where, len(unnamed), len(here & unnamed), len(there & unnamed))


def _at_once(where: str, every: int, here: int, there: int) -> Iterator[str]:
    """What two numbers of one whole say of who is in both, or in one and not the other (Fréchet's bounds)."""
    both = (max(0, here + there - every), min(here, there))
    one_only = (max(0, here - there), min(here, every - there))
    for least, most in (both, one_only):
        if least > 0 and most < FLOOR:
            yield f"{where}: between {least} and {most} people in two dimensions"


def _between(where: str, before: Reading, after: Reading) -> Iterator[str]:
    """What two readings say of who came, went or moved: what they are about must be ten or more, or nothing new."""
    changed = {one.number for one in before.signers ^ after.signers if not one.is_named}
    for dimension in before.shown.keys() & after.shown.keys():
        if before.shown[dimension] != after.shown[dimension] and 0 < len(changed) < FLOOR:
            yield f"{where}: what {len(changed)} people did by {dimension}"
        for name in before.shown[dimension].keys() & after.shown[dimension].keys():
            if 0 < abs(before.shown[dimension][name] - after.shown[dimension][name]) < FLOOR:
                yield f"{where}: {name} differs by fewer than ten"


def _names(signers: frozenset[Signer], dimension: str) -> set[str]:
    return {one.group(dimension) for one in signers}
