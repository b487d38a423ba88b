"""How many signed with a work address tells of nobody alone, beside all other numbers (safety.md, 3 and 6)."""

from __future__ import annotations

import pytest

from tests.breakdowns.attacker import FLOOR, Reading, Signer, leaks
from tests.breakdowns.test_counting import BEGAN, DAY, come, lead, letter
from tests.breakdowns.test_suppressing import grouped
from tracker.breakdowns import queries
from tracker.breakdowns.service import count_domains, count_groups
from tracker.breakdowns.suppressing import tens
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.signatures import service
from tracker.signatures.models import Appearance, Signatory

__all__ = ["letter"]  # a fixture
# Each day: how many come by domain ("" with a code on paper), whether the page names them, how many go.
DAYS = (
    ({"a.example": 19, "b.example": 7, "": 1}, False, 0),
    ({"": 30}, False, 0),
    ({"a.example": 1}, False, 0),
    ({"a.example": 8, "b.example": 3}, False, 0),
    ({"b.example": 20, "c.example": 4}, True, 0),
    ({}, False, 2),
    ({"a.example": 40, "": 12}, False, 1),
)


def crowd(**numbers: int) -> frozenset[Signer]:
    """So many by domain; whoever has one is at work too."""
    found: list[Signer] = []
    for name, number in numbers.items():
        at_work = "" if name == "none" else "yes"
        wrote = (("domain", "" if name == "none" else name), ("at work", at_work))
        found += [Signer(len(found) + each, wrote) for each in range(number)]
    return frozenset(found)


def exact_with_a_sum(signers: frozenset[Signer]) -> Reading:
    """What was told before: each domain of ten or more, and in tens how many there are at all domains together."""
    by_domain = {key: one.people for key, one in grouped(signers, "domain").items() if key and one.people >= FLOOR}
    together = grouped(signers, "at work")["yes"].people
    told = tens(min(together, len(signers) - FLOOR))
    return Reading(signers, {"domain": by_domain, "at work": {"yes": told} if told >= FLOOR else {}})


def test_a_sum_gives_a_small_domain_away() -> None:
    """Thirteen at one, and at least twenty in all: nine or fewer are at the other, and that is seven. By the day, the
    sixteenth at a domain is whoever signed that day."""
    assert leaks([exact_with_a_sum(crowd(a=13, b=7, none=30))])
    assert leaks([exact_with_a_sum(crowd(a=15, none=30)), exact_with_a_sum(crowd(a=16, none=30))])


@pytest.mark.each_database
@pytest.mark.parametrize("letter", [True], indirect=True)
def test_read_day_by_day_nobody_is_found(letter: Campaign) -> None:
    """Who signs with codes of three domains, on paper, named or not, and goes again: what the team and outsiders read
    each morning tells of no one to nine, whatever else is known; and once there are many, something is told."""
    with transaction():
        count_domains(letter)
    signers: dict[int, Signer] = {}
    readings: list[Reading] = []
    for day, (numbers, named, go) in enumerate(DAYS):
        now = BEGAN + day * DAY
        for domain, number in numbers.items():
            for each in come(letter, lead(), now, number):
                with transaction():
                    row = db.session.get_one(Signatory, each)
                    row.work_domain = domain or None
                    if named:
                        row.shown_as = Appearance.NAMED
                signers[each] = Signer(each, (("domain", domain), ("at work", "yes" if domain else "")), bool(named))
        for each in list(signers)[:go]:
            with transaction():
                service.erase(db.session.get_one(Signatory, each), actor=None, now=now)
            del signers[each]
        count_groups(now=now + DAY)
        told = queries.by_domain(letter)
        assert told is not None and queries.at_work(letter) == sum(number for _name, number in told.groups)
        if told.groups and told.on == now.date():
            readings.append(Reading(frozenset(signers.values()), {"domain": dict(told.groups)}))
        elif told.groups:
            assert dict(told.groups) == readings[-1].shown["domain"], "what stays is what was read before"
    assert len(readings) >= 3 and leaks(readings) == []
    assert readings[-1].shown["domain"] == {"a.example": 60, "b.example": 30}
