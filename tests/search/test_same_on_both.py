"""The same corpus and the same question give the same answer on SQLite and on PostgreSQL: the same ids, the same order.

And the answer is right: it is compared with a search that reads every record one after another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import astuple
from pathlib import Path
from typing import Any, TypeVar

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from tests.search.corpus import WORDS, Readers, fill
from tests.search.reading import TODAY, has, kept_out, named_from_above, readable_by
from tests.support.databases import PostgresqlTemplate, SqliteTemplate
from tracker.accounts.models import Account
from tracker.app import create_app
from tracker.campaigns.models import Campaign, CampaignKind, Stage
from tracker.campaigns.queries import readable_campaigns
from tracker.config import Config
from tracker.db import db
from tracker.finding.documents import _with_all, _with_any, find_documents
from tracker.finding.lists import find
from tracker.finding.seen import documents_seen_by
from tracker.finding.wanted import Wanted
from tracker.outcomes.models import OutcomeStatus
from tracker.outcomes.queries import current_outcomes
from tracker.search.asking import read
from tracker.search.models import SearchDocument
from tracker.timeline.queries import entries_visible_to

Answer = TypeVar("Answer")


class Pair:
    """The same records on both databases."""

    def __init__(self, sqlite: Flask, postgresql: Flask, readers: Readers) -> None:
        self.apps = {"SQLite": sqlite, "PostgreSQL": postgresql}
        self.readers = [readers.administrator, readers.member, readers.viewer]

    def ask(self, reader: int, question: Callable[[Account], Answer]) -> Answer:
        """The one answer of both."""
        answers = {}
        for name, app in self.apps.items():
            with app.app_context():
                answers[name] = question(db.session.get_one(Account, self.readers[reader]))
        assert answers["SQLite"] == answers["PostgreSQL"]
        return answers["SQLite"]


@pytest.fixture(scope="module")
def pair(
    sqlite_template: SqliteTemplate, postgresql_template: PostgresqlTemplate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    with ExitStack() as stack:
        folder: Path = tmp_path_factory.mktemp("pair")
        made, readers = [], []
        for database in (sqlite_template.copy(folder), stack.enter_context(postgresql_template.clone())):
            app = create_app(Config.from_environ({"TRACKER_INSTANCE": str(folder), **database.environ}))
            readers.append(fill(app, seed=7))
            made.append(app)
        assert astuple(readers[0]) == astuple(readers[1])
        yield Pair(made[0], made[1], readers[0])
        for app in made:
            with app.app_context():
                db.session.remove()
                for engine in db.engines.values():
                    engine.dispose()


_word = st.sampled_from(WORDS)
_begun = st.builds(lambda word, cut: word[: max(2, len(word) - cut)], _word, st.integers(0, 3))
_mistyped = st.builds(
    lambda word: word[:2] + "x" + word[3:], st.sampled_from(["palantir", "moratorium", "rekognition"])
)
_phrase = st.builds(lambda words: '"' + " ".join(words) + '"', st.lists(_word, min_size=1, max_size=3))
_part = st.one_of(_word, _begun, _mistyped, _phrase)
_query = st.builds(
    lambda parts, out: " ".join([*parts, *(f"-{one}" for one in out)]),
    st.lists(_part, min_size=1, max_size=3),
    st.lists(st.one_of(_word, _phrase), max_size=1),
)
_anything = st.text(max_size=30)
_few = settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


# What people ask, each of which finds something in this corpus: phrases, exclusions, typing mistakes, letters without
# their marks, scripts without spaces, and names with a sign in them.
ASKED = (
    '"facial recognition"',
    '"facial recognition" -vote',
    'rekognition -"the board"',
    "rekognition -company -votes",
    "palxntir",
    "moratoriun",
    "zizek",
    "lodz",
    "strasse",
    "loreal",
    "L'Oréal",
    "final",
    "亚马逊员工",
    "马逊",
    '"逊员"',
    "-员工 亚马逊",
    "الامازون",
    "쿠팡",
    "हिन्दी",
    "S&",
    "S&P",
    "AT&T",
    "us",
    "14a-8",
    "27.5",
    "1000",
    "cofiler",
    "proposal",
)


@pytest.mark.parametrize("query", ASKED)
def test_what_people_ask(pair: Pair, query: str) -> None:
    """The same on both for every reader and in every order, and not by finding nothing on both."""
    for reader in range(3):
        for sort in ("best", "newest", "oldest"):
            _instead, _asked, _counts, hits = pair.ask(reader, found_for(query, sort))
            assert hits, (query, reader, sort)


@pytest.mark.parametrize(
    ("typed", "meant"), [("palxntir", "palantir"), ("moratoriun", "moratorium"), ("Zizec", "zizek")]
)
def test_a_typing_mistake_is_said_and_mended(pair: Pair, typed: str, meant: str) -> None:
    """Both say what was found instead of what was typed, and find what the right word finds."""
    instead, asked, _counts, hits = pair.ask(0, found_for(typed, "best"))
    assert (instead, asked) == (typed, meant)
    assert [hit[:2] for hit in hits] == [hit[:2] for hit in pair.ask(0, found_for(meant, "best"))[3]]


@_few
@given(query=st.one_of(_query, _anything), reader=st.integers(0, 2), sort=st.sampled_from(["best", "newest", "oldest"]))
def test_the_same_is_found_in_the_same_order(pair: Pair, query: str, reader: int, sort: str) -> None:
    """Hits with their weights and their order, counts by kind, and what was asked instead."""
    _instead, _asked, counts, hits = pair.ask(reader, found_for(query, sort))
    assert sum(counts.values()) == len(hits)


def found_for(query: str, sort: str) -> Callable[[Account], Any]:
    """All that a search answers."""

    def question(account: Account) -> Any:
        found = find_documents(query, account, today=TODAY, kind="", sort=sort, page=1, per_page=400)
        return found.instead_of, found.query, dict(found.counts), [astuple(hit) for hit in found.hits]

    return question


_wanted = st.fixed_dictionaries(
    {
        "q": st.one_of(st.just(""), _query),
        "kind": st.lists(st.sampled_from([*CampaignKind, "x"]), max_size=2),
        "stage": st.lists(st.sampled_from(list(Stage)), max_size=2),
        "company": st.lists(st.sampled_from([f"company-{n}" for n in range(7)]), max_size=2),
        "issue": st.lists(st.sampled_from([f"issue-{n}" for n in range(5)]), max_size=1),
        "outcome": st.lists(st.sampled_from(list(OutcomeStatus)), max_size=2),
        "year": st.lists(st.sampled_from(["2018", "2019", "x"]), max_size=2),
        "sort": st.sampled_from(["changed", "began"]),
    }
)


@_few
@given(wanted=_wanted, reader=st.integers(0, 2))
def test_the_same_campaigns_and_counts(pair: Pair, wanted: dict[str, Any], reader: int) -> None:
    """The list with all its facets; and a ticked value's count is what ticking it alone would leave."""
    asked = Wanted.from_query(MultiDict(wanted))

    def question(account: Account) -> Any:
        found = find(asked, account, today=TODAY, per_page=100)
        return found.instead_of, [one.id for one in found.campaigns], found.facets

    instead, ids, facets = pair.ask(reader, question)
    assert facets.total == len(ids) == len(set(ids))
    with pair.apps["SQLite"].app_context():
        account = db.session.get_one(Account, pair.readers[reader])
        for name, counts in (("kind", facets.kinds), ("outcome", facets.outcomes)):
            for value, count in list(counts.items())[:1]:
                alone = Wanted(**{**vars(asked.without(name)), name: (value,)})
                assert instead or count == find(alone, account, today=TODAY, per_page=1).facets.total


@_few
@given(
    query=st.builds(
        lambda part, out: f"{part} {out}".strip(),
        _part,
        st.one_of(st.just(""), _word.map("-{}".format), _phrase.map("-{}".format)),
    ),
    reader=st.integers(0, 2),
)
@example(query="S&", reader=0)
@example(query="S&P", reader=0)
@example(query='rekognition -"the board"', reader=0)
@example(query="亚马逊 -员工", reader=0)
@example(query="resolution -votes", reader=1)
def test_what_is_found_is_what_is_there(pair: Pair, query: str, reader: int) -> None:
    """For one word or phrase, without another: exactly the records that the reader may read and in which it would be
    marked, less those in which the other would be."""
    asked = read(query)
    terms = asked.terms

    def found(account: Account) -> set[tuple[str, int]]:
        hits = find_documents(query, account, today=TODAY, kind="", sort="best", page=1, per_page=1000)
        return set() if hits.instead_of else {(hit.record_type, hit.record_id) for hit in hits.hits}

    if len(terms) == 1:
        with pair.apps["SQLite"].app_context():
            account = db.session.get_one(Account, pair.readers[reader])
            expected = {
                key
                for key, document in readable_by(account).items()
                if has(document, terms[0]) and not any(has(document, one) for one in kept_out(asked))
            }
        assert pair.ask(reader, found) == expected


@_few
@given(first=_word, second=_part, reader=st.integers(0, 2))
@example(first="board", second="vote", reader=1)
def test_two_words_are_found_together(pair: Pair, first: str, second: str, reader: int) -> None:
    """Where one of them stands, and the other stands there too or names the campaign from above."""
    terms = read(f"{first} {second}").terms
    with pair.apps["SQLite"].app_context():
        readable = readable_by(db.session.get_one(Account, pair.readers[reader]))
        named = {term: named_from_above(term) for term in terms}
        expected = {
            key
            for key, document in readable.items()
            if any(has(document, term) for term in terms)
            and all(has(document, term) or document.campaign_id in named[term] for term in terms)
        }

    def found(account: Account) -> set[tuple[str, int]]:
        hits = find_documents(f"{first} {second}", account, today=TODAY, kind="", sort="best", page=1, per_page=1000)
        return set() if hits.instead_of else {(hit.record_type, hit.record_id) for hit in hits.hits}

    assert pair.ask(reader, found) == expected


@_few
@given(first=_word, second=_part, reader=st.integers(0, 2))
@example(first="resolutions", second='"the board"', reader=1)
def test_the_short_way_weighs_as_the_long_one(pair: Pair, first: str, second: str, reader: int) -> None:
    """Where no campaign is named from above, documents with every word are looked up first and weighed then."""
    terms = read(f"{first} {second}").terms

    def rows(account: Account, way: Callable[..., Any], *named: Any) -> list[Any]:
        return sorted(map(tuple, db.session.execute(way(terms, *named, *documents_seen_by(account, TODAY)))), key=str)

    if len(terms) > 1:
        long = pair.ask(reader, lambda one: rows(one, _with_any, [()] * len(terms)))
        assert pair.ask(reader, lambda one: rows(one, _with_all)) == long


@pytest.mark.parametrize("reader", [0, 1, 2])
def test_outcomes_are_those_of_the_scoreboard(pair: Pair, reader: int) -> None:
    """The facet counts what `current_outcomes`, which every other page asks, says of each demand."""
    for app in pair.apps.values():
        with app.app_context():
            account = db.session.get_one(Account, pair.readers[reader])
            facets = find(Wanted(), account, today=TODAY, per_page=1).facets
            campaigns = db.session.scalars(readable_campaigns(account)).all()
            now = current_outcomes([one.id for one in campaigns], entries_visible_to(account, today=TODAY))
            expected: dict[str, set[int]] = {}
            for campaign in campaigns:
                for demand in campaign.demands:
                    status = now[demand.id].status if demand.id in now else OutcomeStatus.UNANSWERED
                    expected.setdefault(status.value, set()).add(campaign.id)
            assert facets.outcomes == {status: len(ids) for status, ids in expected.items()}


def test_the_corpus_is_worth_asking(pair: Pair) -> None:
    """It has documents of every kind, campaigns nobody may read but some, and entries told in confidence."""
    with pair.apps["SQLite"].app_context():
        kinds = set(db.session.scalars(sa.select(SearchDocument.kind)))
        assert len(kinds) == 9
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Campaign)) == 24
