"""Which groups may be told: none below the floor, and none that give another away (safety.md, 6).

What is assumed of whoever reads: they know at each moment how many signed, everybody whom the page names, and how this
file works. Two sizes of each group count, therefore: all of it, and those of it whom nothing names.
"""

from __future__ import annotations

import enum
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

FLOOR = 10  # safety.md, 6
STEP = 10  # what is told is rounded down to full tens, so that a step stands for 1 to 19 people


@dataclass
class Group:
    """People who wrote the same, however they spelt it."""

    people: int = 0
    unnamed: int = 0  # those of them who are shown to nobody outside
    spellings: Counter[str] = field(default_factory=Counter)

    def add(self, written: str, *, is_named: bool) -> None:
        """One more person, who wrote it so."""
        self.people += 1
        self.unnamed += not is_named
        if written:
            self.spellings[written] += 1

    @property
    def name(self) -> str:
        """As most of them write it; of equally many the first by the alphabet."""
        return min(self.spellings, key=lambda written: (-self.spellings[written], written))

    @property
    def sizes(self) -> tuple[int, int]:
        """Both of them."""
        return self.people, self.unnamed


def folded(written: str) -> str:
    """Equal for spellings of one group: `BERLIN `, `Berlin` and `berlin` are one. "" for who wrote nothing."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", written).casefold()).split())


def tens(number: int) -> int:
    """Rounded down to what may be told."""
    return number - number % STEP


def groups_to_show(groups: dict[str, Group]) -> list[tuple[str, int]]:
    """The names of the groups that may be told, each with "at least so many"; the largest first, then by name.

    `groups` by `folded`; under "" stand those who wrote nothing, who are never shown. A group below the floor is
    hidden; so are then, from the smallest on, as many others as it takes that nothing can be subtracted.
    """
    silent = groups.get("", Group())
    told = sorted((key for key in groups if key and _is_safe(groups[key])), key=lambda key: (groups[key].people, key))
    while told and not _is_covered((groups[key] for key in groups if key and key not in told), silent):
        told.pop(0)
    shown = [(groups[key].name, tens(groups[key].people)) for key in told]
    return sorted(shown, key=lambda one: (-one[1], one[0]))


def _is_safe(group: Group) -> bool:
    """Whether it may be told by itself: large, also without those whom everybody can take away from it."""
    return group.people >= FLOOR and (group.unnamed == 0 or group.unnamed >= FLOOR)


def _is_covered(hidden: Iterable[Group], silent: Group) -> bool:
    """Whether what is left of the whole, once all that is told is taken away, tells of no small group: it is nothing,
    or large enough even for who knows any one hidden group by heart and takes it away as well."""
    hidden = list(hidden)
    for each in (0, 1):
        sizes = [group.sizes[each] for group in hidden]
        rest = sum(sizes) + silent.sizes[each]
        if rest and rest - max(sizes, default=0) < FLOOR:
            return False
    return True


@dataclass(frozen=True)
class Changes:
    """What became of those who count since the last batch. Who came and went between is no change."""

    came: int = 0
    went: int = 0
    moved: int = 0  # stayed, but somebody edited what they are counted by
    unnamed: int = 0  # of all of these, those who are shown to nobody outside
    left_a_group: int = 0  # of those who moved: by their own hand

    @property
    def are_enough(self) -> bool:
        """Whether numbers may be replaced: ten or more have changed, also without those whom everybody can name."""
        return self.came + self.went + self.moved >= FLOOR and (self.unnamed == 0 or self.unnamed >= FLOOR)

    @property
    def must_be_held(self) -> bool:
        """Whether the numbers count somebody who wishes to be counted there no more."""
        return bool(self.went or self.left_a_group)


class Verdict(enum.StrEnum):
    """What becomes today of what is published."""

    STAYS = "stays"  # with the day on it that it is of
    COUNTED = "counted"  # replaced by a new batch
    HELD = "held"  # nothing is shown until it may be replaced


def verdict(people: int, since: Changes | None) -> Verdict:
    """`people`: how many count; `since`: what changed since the last batch, None before the first one.

    Before ten have signed there is no batch: that they are few is all that is told of them.
    """
    if since is None:
        return Verdict.COUNTED if people >= FLOOR else Verdict.STAYS
    if since.are_enough:
        return Verdict.COUNTED
    return Verdict.HELD if since.must_be_held else Verdict.STAYS
