"""`tracker demo`: two campaigns from the field, told from facts with a grade each."""

from __future__ import annotations

import datetime as dt
import json
import re

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support.instances import Instance
from tracker.campaigns.models import Campaign, CampaignKind, SubjectRole, Visibility
from tracker.campaigns.queries import demands_of
from tracker.clock import now
from tracker.db import Precision, db, transaction
from tracker.operations.demo import load
from tracker.operations.demonstration.facts import FOLDER, fact
from tracker.outcomes.models import Attribution, OutcomeStatus
from tracker.outcomes.queries import current_outcomes, scoreboard
from tracker.resolutions.models import Denominator, Resolution, Vote
from tracker.signatures.queries import headline_size
from tracker.timeline.models import EntryKind, TimelineEntry

FACTS = json.loads((FOLDER / "facts.json").read_text())["facts"]


@pytest.fixture
def demo(app: Flask) -> Flask:
    """An app with the demonstration in it."""
    with app.app_context(), transaction():
        assert load(now=now())
    return app


def campaign_of(kind: CampaignKind) -> Campaign:
    """The one campaign of this kind."""
    return db.session.scalars(sa.select(Campaign).where(Campaign.kind == kind)).one()


def entries_of(campaign: Campaign) -> list[TimelineEntry]:
    """Its entries, oldest first."""
    found = sa.select(TimelineEntry).where(TimelineEntry.campaign_id == campaign.id)
    return list(db.session.scalars(found.order_by(TimelineEntry.occurred_on, TimelineEntry.id)))


@pytest.mark.each_database
def test_twice_is_once(demo: Flask) -> None:
    """Loading the demonstration a second time changes nothing and says so."""
    with demo.app_context():
        before = db.session.scalar(sa.select(sa.func.count()).select_from(TimelineEntry))
        with transaction():
            assert not load(now=now())
        assert db.session.scalar(sa.select(sa.func.count()).select_from(TimelineEntry)) == before


def test_the_employees_campaign(demo: Flask) -> None:
    """Three demands, three reported sizes at the precision they have, one demand partly met and two unanswered."""
    with demo.app_context():
        campaign = campaign_of(CampaignKind.EMPLOYEE)
        assert campaign.visibility is Visibility.PUBLIC
        assert {(s.role, s.company.name) for s in campaign.subjects if s.company} == {
            (SubjectRole.ASKED, "Amazon"),
            (SubjectRole.ABOUT, "Palantir Technologies"),
        }
        stop, palantir, oversight = demands_of(campaign)
        outcomes = current_outcomes([campaign.id])
        assert outcomes[stop.id].status is OutcomeStatus.PARTLY_MET
        assert outcomes[stop.id].attribution is Attribution.NOT_CLAIMED
        # The pause was extended in 2021: partly met since the pause.
        assert scoreboard(campaign)[0].since == dt.date(2020, 6, 10)
        assert palantir.id not in outcomes
        assert oversight.id not in outcomes
        sizes = [entry for entry in entries_of(campaign) if entry.kind is EntryKind.REPORTED_COUNT]
        assert [entry.headline for entry in sizes] == [
            "More than 100 employees, June 2018",
            "More than 450 employees, October 2018",
            "About 500 employees, July 2019",
        ]
        assert {entry.occurred_precision for entry in sizes} == {Precision.MONTH}
        size = headline_size(campaign)
        assert size is not None
        assert size.value == 500


def test_one_vote_has_three_shares(demo: Flask) -> None:
    """27.5, 28.22 and 37 per cent stand side by side, each with its denominator and its source."""
    with demo.app_context():
        votes = db.session.scalars(sa.select(Vote).join(Vote.resolution).where(Resolution.item_number == "7"))
        shares = {float(p.value): p for p in votes.one().percentages}
        assert {value: p.denominator for value, p in shares.items()} == {
            27.5: Denominator.WITH_ABSTENTIONS,
            28.22: Denominator.FOR_AND_AGAINST,
            37: Denominator.INDEPENDENT,
        }
        assert [p.source.publisher for p in shares.values() if p.source] == [
            "Reuters",
            "Harrington Investments",
            "Open MIC",
        ]


def test_nothing_is_stated_that_was_not_found() -> None:
    """A fact that was found in no page cannot be stated, not even by mistake."""
    missing = [each["id"] for each in FACTS if each["status"] == "U"]
    assert missing
    for name in missing:
        with pytest.raises(LookupError):
            fact(name)


def test_every_fact_that_was_found_is_told(demo: Flask) -> None:
    """Each percentage, count and sum of the facts is in an entry, and each source is cited."""
    with demo.app_context():
        told = " ".join(
            f"{entry.headline} {entry.words}"
            for kind in (CampaignKind.EMPLOYEE, CampaignKind.SHAREHOLDER)
            for entry in entries_of(campaign_of(kind))
        )
        cited = {source.citation for entry in db.session.scalars(sa.select(TimelineEntry)) for source in entry.sources}
        citations = json.loads((FOLDER / "sources.json").read_text())
    numbers = set(re.findall(r"\d+(?:\.\d+)?", told))
    for each in FACTS:
        if each["status"] == "U":
            continue
        assert {citations[name]["citation"] for name in each["sources"]} <= cited, each["id"]
        if "value" in each and each["id"] not in ("holdings", "five-filers"):
            assert f"{each['value']:g}" in numbers, each["id"]
    assert "USD 1.32 billion, as reported by Business Insider" in told
    assert "4 co-filers" in told


def test_every_entry_has_its_evidence_and_floods_no_digest(demo: Flask) -> None:
    """Whatever the demonstration tells has a source, can be read by everybody, and is announced to nobody."""
    with demo.app_context():
        entries = db.session.scalars(sa.select(TimelineEntry)).all()
        assert len(entries) > 40
        for entry in entries:
            assert entry.sources, entry.headline
            assert not entry.announce, entry.headline
            assert entry.occurred_on < dt.date(2025, 1, 1)


def test_the_command_says_what_it_did() -> None:
    """`tracker demo` loads both campaigns once; the second time it says that nothing was changed."""
    instance = Instance()
    instance.tracker("migrate")
    assert "Two campaigns are here" in instance.tracker("demo")
    assert "nothing was changed" in instance.tracker("demo")
