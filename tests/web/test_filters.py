"""How dates and numbers look."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace

import pytest
from flask import Flask, g
from flask_babel import refresh

from tracker.db import Precision
from tracker.web import filters
from tracker.web.language import choose_zone

NOON = dt.datetime(2018, 6, 21, 22, 5, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("precision", "words", "machine"),
    [
        (Precision.DAY, "21 June 2018", "2018-06-21"),
        (Precision.MONTH, "June 2018", "2018-06"),
        (Precision.YEAR, "2018", "2018"),
        (None, "21 June 2018", "2018-06-21"),
    ],
)
def test_a_date_is_no_more_exact_than_known(precision: Precision | None, words: str, machine: str) -> None:
    """A date known to the month shows no day, to people and to machines."""
    date = dt.date(2018, 6, 21)
    assert filters.uncertain(date, precision) == words
    assert filters.iso(date, precision) == machine


def test_a_moment_names_its_zone(app: Flask) -> None:
    """A time is the reader's, with the zone beside it; UTC for whoever has none."""
    assert filters.moment(NOON) == "21 June 2018, 22:05 UTC"
    app.login_manager = SimpleNamespace(_load_user=lambda: None)  # type: ignore[attr-defined]
    for zone, words in (
        ("Europe/Berlin", "22 June 2018, 00:05 CEST"),
        ("America/Sao_Paulo", "21 June 2018, 19:05 UTC-03"),
        ("Mars/Olympus", "21 June 2018, 22:05 UTC"),
    ):
        g._login_user = SimpleNamespace(is_authenticated=True, zone=zone)
        refresh()
        assert choose_zone() in (zone, "UTC")
        assert filters.moment(NOON) == words


def test_numbers_have_thousands_and_percentages_no_invented_digits() -> None:
    """A published percentage is printed as published."""
    assert filters.number(12450) == "12,450"
    assert filters.percent(27.5) == "27.5\N{NO-BREAK SPACE}%"
    assert filters.percent(Decimal("28.22")) == "28.22\N{NO-BREAK SPACE}%"
    assert filters.percent(37) == "37\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    ("qualifier", "words"),
    [
        ("exactly", "1,450"),
        (None, "1,450"),
        ("more_than", "more than 1,450"),
        ("at least", "at least 1,450"),
        ("about", "about 1,450"),
        ("fewer-than", "fewer than 1,450"),
    ],
)
def test_a_claim_keeps_its_qualifier(qualifier: str | None, words: str) -> None:
    """A size as reported is never shown barer than it was claimed."""
    assert filters.qualified(1450, qualifier) == words


def test_an_unknown_qualifier_is_a_defect() -> None:
    """A qualifier without words fails instead of vanishing."""
    with pytest.raises(ValueError, match="roughly"):
        filters.qualified(1, "roughly")


@pytest.mark.parametrize(
    ("days", "words"), [(0, "today"), (1, "tomorrow"), (9, "in 9 days"), (-1, "yesterday"), (-3, "3 days ago")]
)
def test_how_far_off(days: int, words: str) -> None:
    """A due date says how far off it is."""
    today = dt.date(2018, 6, 21)
    assert filters.due(today + dt.timedelta(days), today) == words


def test_an_address_breaks_between_its_parts() -> None:
    """Not in a word; what somebody typed stays text."""
    assert filters.mailbox("ada.king@mail.example.org") == (
        "<span>ada<wbr>.king@<wbr>mail<wbr>.example<wbr>.org</span>"
    )
    assert (
        filters.mailbox('"<b>"@x') == "<span>&#34;&lt;b&gt;&#34;@<wbr>x</span>"
        and filters.mailbox(None) == "<span></span>"
    )
