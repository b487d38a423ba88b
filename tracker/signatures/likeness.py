"""Whether two names are perhaps one person's: which are compared at all, and how alike they are.

Nobody is compared with everybody. Names fall into blocks by keys that like names share, and only within a block two are
compared; of a large block only neighbours. So the work grows with the number of names and not with its square.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz import fuzz

from tracker.companies.names import core
from tracker.signatures.names import searched_words
from tracker.signatures.pairs import Evidence

ALIKE = 88  # of 100: "Katherine Johnson" and "Catherine Johnson" are, "Anna Berg" and "Anna Berger" are
SURE_OF_NAME = 95  # a role is weaker evidence than an organisation, so the names must be closer
ORGANISATIONS_ALIKE = 92
LARGE_BLOCK, NEIGHBOURS = 60, 8


@dataclass(frozen=True, slots=True)
class Named:
    """A signatory as it is compared. Lives in memory alone."""

    number: int
    words: tuple[str, ...]
    organisation: str  # its core: without "Inc."
    role: str
    way: str  # how the signature came: by a slip, by mail, from a list

    @property
    def sorted_words(self) -> str:
        """Equal for `Ada Lovelace` and `LOVELACE, Ada`."""
        return " ".join(sorted(self.words))


@dataclass(frozen=True, slots=True)
class Found:
    """Two that are perhaps one, the lower number first."""

    one: int
    other: int
    evidence: Evidence
    likeness: int


def named(number: int, name: str, organisation: str, role: str, way: str) -> Named:
    """A signatory with the words that are compared."""
    return Named(number, tuple(searched_words(name)), core(organisation), " ".join(searched_words(role)), way)


def keys_of(one: Named) -> Iterator[str]:
    """The blocks that a name falls into; like names share at least one."""
    words = one.words
    if not words:
        return
    yield f"w|{one.sorted_words}"
    beside = one.organisation or one.role
    if not beside:
        return  # nothing but a name: only the very same one is looked at
    if len(words) == 1:
        yield f"s|{words[0][:4]}|{beside[:4]}"
        return
    first, last = words[0], words[-1]
    yield f"l|{last}|{first[:1]}"
    yield f"f|{first}|{last[:2]}"
    yield f"o|{last}|{beside.split()[0]}"


def pairs_in(block: Sequence[Named]) -> Iterator[Found]:
    """Who in a block is perhaps one with whom."""
    are_rare = len(block) == 2 and block[0].sorted_words == block[1].sorted_words
    for one, other in _compared(block):
        found = compare(one, other, are_rare=are_rare)
        if found is not None:
            yield found


def compare(one: Named, other: Named, *, are_rare: bool) -> Found | None:
    """Whether two are perhaps one, and why. `are_rare`: nobody else of the campaign has their name.

    Names alike and organisations that contradict each other are two people. Names alike and nothing else is nothing.
    """
    likeness = names_alike(one.words, other.words)
    if likeness < ALIKE:
        return None
    evidence: Evidence | None = None
    if one.organisation and other.organisation:
        if not organisations_alike(one.organisation, other.organisation):
            return None
        evidence = Evidence.ORGANISATION
    elif likeness >= SURE_OF_NAME and one.role and fuzz.ratio(one.role, other.role) >= SURE_OF_NAME:
        evidence = Evidence.ROLE
    elif are_rare and len(one.words) > 1 and one.way != other.way:
        evidence = Evidence.WAYS
    if evidence is None:
        return None
    low, high = sorted((one.number, other.number))
    return Found(low, high, evidence, int(likeness))


def names_alike(one: Sequence[str], other: Sequence[str]) -> float:
    """How alike two names are, of 100: whatever the order, with an initial for a word, with a slip of the pen."""
    if sorted(one) == sorted(other):
        return 100
    if len(one) > 1 and len(other) > 1 and one[-1] == other[-1] and _fit(one[:-1], other[:-1]):
        return 90
    if min(sum(map(len, one)), sum(map(len, other))) < 6:
        return 0  # of three letters one is too many
    return fuzz.ratio(" ".join(sorted(one)), " ".join(sorted(other)))


def organisations_alike(one: str, other: str) -> bool:
    """Whether two cores are perhaps one organisation's, as people write it: one may say more than the other."""
    return one == other or fuzz.token_set_ratio(one, other) >= ORGANISATIONS_ALIKE


def _fit(one: Sequence[str], other: Sequence[str]) -> bool:
    """`a` fits `ada`, `ada m` fits `ada`: an initial stands for a word, a middle name may be missing."""
    return all(a == b or (1 in (len(a), len(b)) and a[0] == b[0]) for a, b in zip(one, other, strict=False))


def _compared(block: Sequence[Named]) -> Iterator[tuple[Named, Named]]:
    if len(block) <= LARGE_BLOCK:
        yield from combinations(block, 2)
        return
    ordered = sorted(block, key=lambda each: (each.organisation, each.sorted_words, each.role, each.number))
    for at, one in enumerate(ordered):
        for other in ordered[at + 1 : at + 1 + NEIGHBOURS]:
            yield one, other
