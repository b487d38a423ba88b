"""Which names are perhaps one person's, and that looking for them does not grow with the square of their number."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence

import pytest

from tracker.companies.names import core
from tracker.signatures import likeness
from tracker.signatures.likeness import Found, Named, compare, keys_of, named, pairs_in
from tracker.signatures.pairs import Evidence


def found(people: Sequence[Named]) -> list[Found]:
    """Every pair, as the search finds them."""
    blocks: defaultdict[str, list[Named]] = defaultdict(list)
    for one in people:
        for key in keys_of(one):
            blocks[key].append(one)
    return sorted({each for block in blocks.values() for each in pairs_in(block)}, key=lambda each: each.one)


def evidence(one: tuple[str, str, str, str], other: tuple[str, str, str, str]) -> Evidence | None:
    """Why two people of a campaign are perhaps one: (name, organisation, role, way) each."""
    pairs = found([named(1, *one), named(2, *other)])
    assert len(pairs) < 2
    return pairs[0].evidence if pairs else None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada Lovelace", "ada  LOVELACE"),
        ("Ada Lovelace", "Lovelace, Ada"),
        ("Ada Lovelace", "A. Lovelace"),
        ("Ada Lovelace", "Ada M. Lovelace"),
        ("Zoë Žižek", "Zoe Zizek"),
        ("Katherine Jonsson", "Katherine Jonson"),
        ("अदा लवलेस", "अदा लवलेस"),
        ("heron_77", "heron_77"),
    ],
)
def test_names_alike_in_one_organisation_are_proposed(one: str, other: str) -> None:
    """However they are written; and never without the organisation."""
    assert evidence((one, "Google, Inc.", "", "list"), (other, "Google", "", "list")) is Evidence.ORGANISATION
    assert evidence((one, "Google", "", "list"), (other, "Amazon", "", "list")) is None
    assert evidence((one, "", "", "list"), (other, "", "", "list")) is None
    assert evidence((one, "Google", "", "list"), (other, "", "", "list")) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("Ada Lovelace", "Ada Byron"), ("Anna Berg", "Hanna Borg"), ("Li Wei", "Li Mei"), ("A B", "A C"), ("", "")],
)
def test_other_names_are_not(one: str, other: str) -> None:
    """Not even in one organisation and one role."""
    assert evidence((one, "Google", "engineer", "list"), (other, "Google", "engineer", "mail")) is None


def test_a_role_or_two_ways_of_signing_speak_for_it_too() -> None:
    """The same name with the same role; or a name that only these two have, one by a slip and one by mail."""
    ada = "Ada Lovelace"
    assert evidence((ada, "", "Nurse", "mail"), (ada, "", "nurse", "mail")) is Evidence.ROLE
    assert evidence((ada, "", "Nurse", "mail"), (ada, "", "Driver", "mail")) is None
    assert evidence((ada, "Google", "Nurse", "slip"), (ada, "Amazon", "Nurse", "mail")) is None
    assert evidence((ada, "", "", "slip"), (ada, "", "", "mail")) is Evidence.WAYS
    assert evidence(("Ada", "", "", "slip"), ("Ada", "", "", "mail")) is None
    three = [named(1, ada, "", "", "slip"), named(2, ada, "", "", "mail"), named(3, ada, "", "", "list")]
    assert found(three) == []


def test_institutions_as_people_write_them() -> None:
    """The form of a company says nothing about which one it is, unless there is nothing else."""
    assert {core(name) for name in ("Google Inc.", "Google, Inc.", "Google", "THE GOOGLE COMPANY", "Google S.A.")} == {
        "google"
    }
    assert core("Acme Europe B.V.") == "acme europe"
    assert core("Limited") == "limited" and core("") == ""
    assert core("Google Cloud") != core("Google")


def test_work_grows_with_the_number_of_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight times the people of one company, with few names between them, are at most eight times the comparisons."""
    compared = 0

    def counting(one: Named, other: Named, *, are_rare: bool) -> Found | None:
        nonlocal compared
        compared += 1
        return compare(one, other, are_rare=are_rare)

    monkeypatch.setattr(likeness, "compare", counting)
    numbers = []
    for number in (500, 4_000):
        compared, chance = 0, random.Random(1)
        people = [
            named(each, f"{chance.choice('ABCDEF')}a {chance.choice(['Smith', 'Garcia', 'Li'])}", "Google", "", "list")
            for each in range(number)
        ]
        found(people)
        numbers.append(compared)
    assert numbers[0] < numbers[1] < numbers[0] * 8
