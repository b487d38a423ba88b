"""Nothing that is published lets a group of one to nine be worked out (safety.md, 6), whatever people write and do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.breakdowns.attacker import FLOOR, Reading, Signer, leaks
from tracker.breakdowns import suppressing
from tracker.breakdowns.suppressing import Changes, Group, Verdict, folded, groups_to_show, verdict

DIMENSIONS = ("team", "city", "role", "domain")
Show = Callable[[dict[str, Group]], list[tuple[str, int]]]


def grouped(signers: frozenset[Signer], dimension: str) -> dict[str, Group]:
    """As the daily count groups them."""
    found: dict[str, Group] = {}
    for one in signers:
        written = dict(one.wrote).get(dimension, "")
        found.setdefault(folded(written), Group()).add(written, is_named=one.is_named)
    return found


def reading(signers: frozenset[Signer], show: Show = groups_to_show) -> Reading:
    """What the page shows of these people."""
    shown = {name: {folded(group): least for group, least in show(grouped(signers, name))} for name in DIMENSIONS}
    return Reading(signers, shown)


def changes(before: frozenset[Signer], after: frozenset[Signer], dimension: str) -> Changes:
    """What became of those whom the last batch counted."""
    old, new = ({one.number: one for one in signers} for signers in (before, after))
    came, went = new.keys() - old.keys(), old.keys() - new.keys()
    moved = {number for number in old.keys() & new.keys() if old[number].wrote != new[number].wrote}
    changed = [*(new[number] for number in came | moved), *(old[number] for number in went)]
    return Changes(len(came), len(went), len(moved), sum(not one.is_named for one in changed))


# Few spellings of few groups, so that many are of nearly the same size.
WORDS = st.sampled_from(["", "North", "NORTH ", "South", "south", "East", "W"])
DOMAINS = st.sampled_from(["", "a.example", "b.example", "c.example"])
PEOPLE = st.tuples(WORDS, WORDS, WORDS, DOMAINS, st.booleans(), st.integers(1, 14))
CROWDS = st.lists(PEOPLE, max_size=7)
Kind = tuple[str, str, str, str, bool, int]  # what they wrote, where they work, whether they are named, how many


def crowd(kinds: list[Kind], start: int = 0) -> frozenset[Signer]:
    """So many of each kind."""
    found = []
    for team, city, role, domain, is_named, number in kinds:
        wrote = (("team", team), ("city", city), ("role", role), ("domain", domain))
        found += [Signer(start + len(found) + each, wrote, is_named) for each in range(number)]
    return frozenset(found)


@given(CROWDS)
@settings(max_examples=200, deadline=None)
@example([("North", "A", "", "", False, 10), ("South", "A", "", "", False, 3), ("East", "A", "", "", False, 12)])
@example([("North", "", "", "", False, 12), ("South", "", "", "", True, 30), ("South", "", "", "", False, 2)])
def test_one_reading_tells_of_no_small_group(kinds: list[Kind]) -> None:
    """Totals without what is shown, dimensions against each other, what is named taken away: ten or nobody."""
    assert leaks([reading(crowd(kinds))]) == []


@given(CROWDS, st.lists(st.tuples(CROWDS, st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=6), st.data())
@settings(max_examples=80, deadline=None)
def test_no_two_days_tell_of_a_small_group(kinds: list, days: list, data: st.DataObject) -> None:  # type: ignore[type-arg]
    """People come, go and move; each morning the batch is replaced, held or left. No two readings tell of fewer."""
    signers, readings, base = crowd(kinds), [], None
    for number, (come, go, move) in enumerate(days, start=1):
        signers = _later(signers, crowd(come, start=number * 1000), go, move, data)
        since = changes(base.signers, signers, "team") if base else None
        decided = verdict(len(signers), since)
        if decided is Verdict.COUNTED:
            base = reading(signers)
            readings.append(base)
        elif decided is Verdict.HELD:
            assert since is not None and since.went
        elif since is not None:
            assert not since.went, "who went is counted no more"
    assert leaks(readings) == []


def _later(signers: frozenset[Signer], come: frozenset[Signer], go: int, move: int, data: st.DataObject) -> frozenset:  # type: ignore[type-arg]
    order = data.draw(st.permutations(sorted(signers, key=lambda one: one.number)))
    gone, moved = order[:go], order[go : go + move]
    elsewhere = {Signer(one.number, (("team", "East"), *one.wrote[1:]), one.is_named) for one in moved}
    return frozenset((signers - set(gone) - set(moved)) | elsewhere | come)


def with_a_floor(groups: dict[str, Group]) -> list[tuple[str, int]]:
    """What others do: nothing below the floor, and no thought of subtraction."""
    return [(one.name, suppressing.tens(one.people)) for key, one in groups.items() if key and one.people >= FLOOR]


def without_one(groups: dict[str, Group]) -> list[tuple[str, int]]:
    """Every number."""
    return [(one.name, one.people) for key, one in groups.items() if key]


NAIVE: dict[str, tuple[list[Kind], Show]] = {
    "only the floor": ([("North", "", "", "", False, 12), ("South", "", "", "", False, 3)], with_a_floor),
    "no floor": ([("North", "", "", "", False, 3)], without_one),
    "those who are named": (
        [("North", "", "", "", True, 30), ("North", "", "", "", False, 4), ("", "", "", "", False, 20)], with_a_floor,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NAIVE)
def test_the_attacker_is_not_blind(name: str) -> None:
    """What others publish is found out: the floor alone, no floor, and groups most of whom are named anyway."""
    kinds, show = NAIVE[name]
    assert leaks([reading(crowd(kinds), show)])
    assert leaks([reading(crowd(kinds))]) == []


def test_the_attacker_sees_two_days() -> None:
    """The tenth of a group comes, or one of ten goes: read on two days, one person is found out. So it is not told."""
    nine = crowd([("North", "", "", "", False, 9), ("South", "", "", "", False, 40)])
    ten = nine | crowd([("North", "", "", "", False, 1)], start=900)
    others = frozenset(crowd([("", "", "", "", False, 20)], start=2000))
    for before, after in ((nine | others, ten | others), (ten | others, nine | others)):
        assert leaks([reading(before), reading(after)])
        since = changes(before, after, "team")
        assert verdict(len(after), since) is (Verdict.HELD if since.went else Verdict.STAYS)


def test_a_step_that_one_named_signer_hides_behind() -> None:
    """Ten came, nine of whom the page names: the tenth would be found out by what the numbers do. So they stay."""
    assert not Changes(came=10, unnamed=1).are_enough
    assert Changes(came=10, unnamed=10).are_enough and Changes(came=10, unnamed=0).are_enough
    assert not Changes(came=9, unnamed=9).are_enough


def test_spellings_are_one_group() -> None:
    """Capitals, blanks and the way a letter is composed make no other group; most write the name that is shown."""
    group: dict[str, Group] = {}
    for written in ["Zürich"] * 6 + ["ZÜRICH", "zu\u0308rich", "  Zürich  ", "Zürich\u00a0"] + [""] * 12:
        group.setdefault(folded(written), Group()).add(written.strip(), is_named=False)
    assert groups_to_show(group) == [("Zürich", 10)]


def test_what_is_hidden_beside_a_small_group() -> None:
    """The smallest of the others goes with it; those who wrote nothing are cover enough where they are many."""
    sizes = {"a": 50, "b": 14, "c": 11, "d": 3}
    groups = {name: Group(number, number, suppressing.Counter({name: number})) for name, number in sizes.items()}
    assert groups_to_show(groups) == [("a", 50)]
    groups[""] = Group(30, 30)
    assert groups_to_show(groups) == [("a", 50), ("b", 10), ("c", 10)]
