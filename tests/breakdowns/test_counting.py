"""The daily count: who is in it, when it is replaced, and what stays in the database of it."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import sqlalchemy as sa

from tests.signatures.conftest import account, campaign
from tracker.accounts.models import Account
from tracker.breakdowns import queries
from tracker.breakdowns.models import Breakdown, Dimension
from tracker.breakdowns.queries import Nothing, PublicBreakdown
from tracker.breakdowns.service import BreakdownError, choose_public, count_groups
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.sealing import destroy_campaign_keys
from tracker.signatures import service
from tracker.signatures.models import Appearance, Signatory, SignatoryKind
from tracker.signatures.people import Person
from tracker.signatures.service import own
from tracker.signatures.service.saving import new_signatory, save_people, sign
from tracker.timeline.models import Revision

BEGAN = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def come(letter: Campaign, by: Account, now: dt.datetime, number: int, **words: str) -> list[int]:
    """So many sign, who say this of themselves."""
    with transaction():
        people = [(new_signatory(letter, SignatoryKind.PERSON, now), Person(f"P {n}", **words)) for n in range(number)]
        numbers = save_people(letter, people, now)
        sign(letter, numbers, Appearance.COUNTED, None, actor=by, now=now)
    return numbers


def told(letter: Campaign, now: dt.datetime) -> PublicBreakdown:
    """What outsiders read of the teams after the day's count."""
    count_groups(now=now)
    (found,) = queries.public_breakdowns(letter)
    return found


@pytest.fixture
def letter(context: object, request: pytest.FixtureRequest) -> Campaign:
    """Whose teams are public. Its zone is eight hours behind: there the day begins at 08:00 UTC."""
    with transaction():
        by = account("lead")
        made = campaign(protected=getattr(request, "param", False), zone="America/Los_Angeles")
        db.session.flush()
        choose_public(made, [Dimension.TEAM], actor=by, now=BEGAN)
    return made


def lead() -> Account:
    """Who leads it."""
    return db.session.scalars(sa.select(Account).where(Account.email == "lead@example.org")).one()


@pytest.mark.each_database
@pytest.mark.parametrize("letter", [False, True], indirect=True, ids=["plain", "protected"])
def test_counted_once_a_day_at_its_midnight(letter: Campaign) -> None:
    """Who signed today is in tomorrow's numbers; a second count of one day changes nothing, and none is exact."""
    assert queries.public_breakdowns(letter)[0].nothing is Nothing.NOT_YET
    come(letter, lead(), BEGAN, 13, team="Night Shift")
    come(letter, lead(), BEGAN, 9, team="night  shift ")
    come(letter, lead(), BEGAN, 3, team="Rare-Team-Planted")
    come(letter, lead(), BEGAN, 12)
    assert told(letter, BEGAN + dt.timedelta(hours=2)).nothing is Nothing.FEW_SIGNED, "yesterday nobody had"
    assert told(letter, BEGAN + DAY).groups == (("Night Shift", 20),)
    come(letter, lead(), BEGAN + DAY, 30, team="Kitchen")
    after = told(letter, BEGAN + DAY + dt.timedelta(hours=20))
    assert (after.groups, after.at_least, after.on) == ((("Night Shift", 20),), 30, dt.date(2026, 3, 2))
    assert told(letter, BEGAN + 2 * DAY).groups == (("Kitchen", 30), ("Night Shift", 20))


@pytest.mark.parametrize("letter", [True], indirect=True)
def test_what_is_stored_betrays_nobody(letter: Campaign) -> None:
    """Of a protected campaign the row has the groups that are shown, in tens, and neither another name nor number."""
    come(letter, lead(), BEGAN, 24, team="Night Shift")
    come(letter, lead(), BEGAN, 4, team="Rare-Team-Planted")
    come(letter, lead(), BEGAN, 13)
    assert told(letter, BEGAN + DAY).groups
    row = db.session.scalars(sa.select(Breakdown)).one()
    assert json.loads(row.groups) == [["Night Shift", 20]] and row.people == 41
    stored = repr(db.session.execute(sa.select(Breakdown.__table__)).one())
    assert "Rare-Team-Planted" not in stored and "24" not in stored.replace("2026", "")
    assert {one.team for one in db.session.scalars(sa.select(Signatory))} == {""}


@pytest.mark.parametrize("way", ["erased", "withdrew", "moved"])
def test_who_goes_is_counted_no_more(letter: Campaign, way: str) -> None:
    """The next morning nothing is told that counts them, and nothing tells who it was; ten others bring it back."""
    numbers = come(letter, lead(), BEGAN, 10, team="Night Shift")
    come(letter, lead(), BEGAN, 40, team="Kitchen")
    come(letter, lead(), BEGAN, 25)
    assert told(letter, BEGAN + DAY).groups == (("Kitchen", 40), ("Night Shift", 10))
    later = BEGAN + DAY + dt.timedelta(hours=1)
    with transaction():
        one = db.session.get_one(Signatory, numbers[0])
        if way == "erased":
            service.erase(one, actor=None, now=later)
        elif way == "withdrew":
            service.withdraw_signature(one.signatures[0], reason="", actor=None, now=later)
        else:
            own.change_words(one, {"team": ""}, now=later)
    held = told(letter, BEGAN + 2 * DAY)
    assert held.nothing is Nothing.HELD and not held.groups and not held.at_least
    assert db.session.scalars(sa.select(Breakdown.groups)).one() == ""
    come(letter, lead(), BEGAN + 2 * DAY, 9)
    back = told(letter, BEGAN + 3 * DAY)
    assert back.groups == (("Kitchen", 40),), "nine others and the one who went are ten; nine are hidden"


def test_a_list_taken_back_is_seen(letter: Campaign) -> None:
    """Rows that vanish leave no date; by their number it is known that they went."""
    numbers = come(letter, lead(), BEGAN, 12, team="Night Shift")
    come(letter, lead(), BEGAN, 30)
    assert told(letter, BEGAN + DAY).groups
    with transaction():
        db.session.get_one(Signatory, numbers[0]).merged_into_id = numbers[1]
    assert told(letter, BEGAN + 2 * DAY).nothing is Nothing.HELD


def test_off_and_on_again_is_no_sooner_replaced(letter: Campaign) -> None:
    """Turned off, nothing is read; turned on, what was there is: else whoever turns it could see each signer come."""
    come(letter, lead(), BEGAN, 14, team="Night Shift")
    come(letter, lead(), BEGAN, 5, team="Kitchen")
    come(letter, lead(), BEGAN, 20)
    before = told(letter, BEGAN + DAY)
    come(letter, lead(), BEGAN + DAY, 5, team="Kitchen")
    for wanted in ([], [Dimension.TEAM]):
        with transaction():
            choose_public(letter, wanted, actor=lead(), now=BEGAN + DAY)
        assert len(queries.public_breakdowns(letter)) == len(wanted)
    assert told(letter, BEGAN + 2 * DAY) == before
    said = db.session.execute(sa.select(Revision.field, Revision.new_value).where(Revision.record_type == "breakdown"))
    assert said.all() == [("team", "yes"), ("team", "no"), ("team", "yes")]


def test_who_is_forgotten_is_counted_no_more(letter: Campaign) -> None:
    """Once a campaign's people are forgotten nothing new is made public, in words; what was counted may be."""
    come(letter, lead(), BEGAN, 14, team="Night Shift")
    come(letter, lead(), BEGAN, 20)
    before = told(letter, BEGAN + DAY)
    with transaction():
        letter.people_forgotten_at = BEGAN + DAY
    for wanted in ([], [Dimension.TEAM]):
        with transaction():
            choose_public(letter, wanted, actor=lead(), now=BEGAN + DAY)
    with pytest.raises(BreakdownError, match="forgotten"), transaction():
        choose_public(letter, [Dimension.CITY, Dimension.TEAM], actor=lead(), now=BEGAN + DAY)
    come(letter, lead(), BEGAN + DAY, 30, team="Kitchen")
    assert told(letter, BEGAN + 2 * DAY) == before


@pytest.mark.parametrize("letter", [True], indirect=True)
def test_what_was_told_stays_when_the_keys_are_gone(letter: Campaign) -> None:
    """Only counts remain (safety.md, 8): there is nothing left to open, and what was read may still be read."""
    come(letter, lead(), BEGAN, 14, team="Night Shift")
    come(letter, lead(), BEGAN, 20)
    before = told(letter, BEGAN + DAY)
    destroy_campaign_keys(letter.public_id, now=BEGAN + DAY)
    come_late = BEGAN + 2 * DAY
    assert before.groups and told(letter, come_late) == before
