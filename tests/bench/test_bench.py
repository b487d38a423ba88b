"""The benchmarks go through every line with tiny worlds; what they would measure is not judged here."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask

from bench import pages
from bench.__main__ import names
from bench.room.answer import Answer, Limit, Table, with_section
from bench.room.databases import on
from bench.room.measure import Samples, by_turns, percentile
from bench.room.world import Filled, Size, fill
from tests.conftest import MakeApp
from tests.support.accounts import SignedIn, sign_in
from tests.support.pages import visit
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.pages.history import PER_PAGE
from tracker.signatures.models import Signatory, Signature
from tracker.timeline.models import TimelineEntry

TINY = Size(campaigns=8, entries=15, signatures=9)


@pytest.fixture
def world(app: Flask) -> Filled:
    """A tiny world in the database of this test."""
    with app.app_context():
        return fill(TINY)


@pytest.mark.each_database
def test_a_world_has_what_was_asked_for(app: Flask, world: Filled) -> None:
    """So many campaigns, entries and signatures; names are sealed in the one and lie open in the other."""
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Campaign)) == TINY.campaigns
        for slug, is_sealed in ((world.slug, False), (world.sealed_slug, True)):
            campaign = db.session.scalars(sa.select(Campaign).where(Campaign.slug == slug)).one()
            of_it = sa.select(Signatory).where(Signatory.campaign_id == campaign.id)
            people = db.session.scalars(of_it).all()
            assert len(people) == TINY.signatures
            assert all((person.name == "") is is_sealed for person in people)
            assert all((person.name_sealed is not None) is is_sealed for person in people)
        measured = sa.select(Campaign.id).where(Campaign.slug == world.slug)
        entries = sa.select(sa.func.count()).where(TimelineEntry.campaign_id.in_(measured))
        assert db.session.scalar(entries) == TINY.entries


@pytest.mark.each_database
def test_rows_can_be_added_to_a_world(app: Flask, world: Filled) -> None:
    """The database goes on counting where the world ends."""
    with app.app_context():
        last = db.session.scalar(sa.select(sa.func.max(Signature.id))) or 0
        row = db.session.scalars(sa.select(Signature).where(Signature.id == last)).one()
        copied = {
            column.name: getattr(row, column.name)
            for column in Signature.__table__.columns
            if column.name not in ("id", "public_id", "text_id")
        }
        added = Signature(**copied)
        db.session.add(added)
        db.session.flush()
        assert added.id == last + 1
        db.session.rollback()


def test_two_worlds_of_one_size_are_alike(make_app: MakeApp, world: Filled, app: Flask) -> None:
    """The same seed tells the same histories, so that two runs compare."""
    with app.app_context():
        told = db.session.scalars(sa.select(TimelineEntry.headline).order_by(TimelineEntry.id)).all()
    with on("sqlite") as databases:
        other = databases.instance().app()
        with other.app_context():
            fill(TINY)
            again = db.session.scalars(sa.select(TimelineEntry.headline).order_by(TimelineEntry.id)).all()
            for engine in db.engines.values():
                engine.dispose()
    assert told == again


def test_every_measured_page_is_a_page(app: Flask, world: Filled) -> None:
    """What is measured answers 200 and is whole, and what the reader leads shows its rows."""
    client = SignedIn(app, app.response_class, use_cookies=True)
    sign_in(client, world.account_id)
    for page in pages.PAGES:
        visit(client, page.path(world, TINY))
    history = visit(client, f"/campaigns/{world.slug}/history")
    assert 10 <= len(history.select(".timeline-entry, [id^=entry-]")) <= PER_PAGE


def test_the_real_server_is_measured() -> None:
    """Both worlds are served, each page takes its turns with the empty one, and its queries are counted."""
    with on("sqlite") as databases:
        (found,) = pages.measure(databases, TINY, TINY, rounds=3, pages=pages.PAGES[:1])
    assert [len(side.seconds) for side in (found.small, found.large, found.empty)] == [3, 3, 6]
    assert found.queries[0] == found.queries[1] > 3
    assert found.empty.median < found.small.median
    assert len(found.row(Limit("List", found.ratio, 1.5))) == len(pages.COLUMNS)


def test_calls_take_turns() -> None:
    """Each is called once a round, the first rounds count for nothing, and the order changes."""
    called: list[str] = []
    calls = {name: (lambda name=name: called.append(name)) for name in "abc"}
    found = by_turns(calls, rounds=5, warm_up=2)
    assert [len(samples.seconds) for samples in found.values()] == [5, 5, 5]
    rounds = ["".join(called[at : at + 3]) for at in range(0, len(called), 3)]
    assert all(sorted(one) == ["a", "b", "c"] for one in rounds) and len(rounds) == 7
    assert len(set(rounds)) > 1


def test_percentiles() -> None:
    """By nearest rank: a value that was measured, never one between two."""
    assert percentile([5, 1, 4, 2, 3], 50) == 3
    assert percentile(list(range(1, 21)), 95) == 19
    assert percentile([7], 95) == 7
    assert Samples([2.0, 1.0]).median == 1.0


def test_limits_decide() -> None:
    """Exactly the limit is kept; more is over; where more is better, less is under."""
    assert Limit("a", 1.5, 1.5).is_kept and Limit("a", 1.5, 1.5).word == "within"
    assert not Limit("a", 1.51, 1.5).is_kept and Limit("a", 1.51, 1.5).word == "**over**"
    assert Limit("a", 0.8, 0.5, at_least=True).is_kept
    assert Limit("a", 0.4, 0.5, at_least=True).word == "**under**"


def answer(question: str, ratio: float = 1.0) -> Answer:
    """An answer with one table and one limit."""
    return Answer(question, "How to read it.", [Table(("page", "ratio"), [("a|b", 1.2)])], [Limit("A:", ratio, 1.5)])


def test_an_answer_is_written_with_its_machine_and_verdict() -> None:
    """The section names the day and the machine, says what was missed, and its table is one of Markdown."""
    section = answer("Is it quick?", 2.0).markdown("a", on=dt.date(2026, 11, 4), machine="Two cores", load=0.25)
    assert "## Is it quick?" in section
    assert "Measured on 4 November 2026 by `make bench ONLY=a`: Two cores; load 0.2" in section
    assert "0 of 1 limits are kept. Missed: A: 2.00 (limit 1.5)." in section
    assert "| page | ratio |\n| --- | ---: |\n| a\\|b | 1.2 |" in section
    assert not answer("", 2.0).is_good and answer("").is_good


def test_a_section_is_replaced_and_the_others_stay() -> None:
    """Running one script writes its section anew, leaves those of others, and drops those whose script is gone."""
    facts = {"on": dt.date(2026, 11, 4), "machine": "m", "load": 0.0}
    document = with_section("", "b", answer("B?").markdown("b", **facts), ["a", "b", "c"])
    document = with_section(document, "a", answer("A?").markdown("a", **facts), ["a", "b", "c"])
    assert document.startswith("# Benchmarks\n")
    assert document.index("## A?") < document.index("## B?")
    document = with_section(document, "a", answer("Another?").markdown("a", **facts), ["a", "b", "c"])
    assert "## A?" not in document and document.count("## ") == 2
    document = with_section(document, "a", answer("Another?").markdown("a", **facts), ["a"])
    assert "## B?" not in document


def test_scripts_are_found() -> None:
    """Every module of bench/ is a script with a question and a way to run it."""
    assert "pages" in names()
    import importlib

    for name in names():
        script = importlib.import_module(f"bench.{name}")
        assert script.__doc__ and callable(script.run)
