"""Uncertain dates: what people type, and what they read back."""

import datetime as dt

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from tracker.db import Precision
from tracker.web.dates import EARLIEST, LATEST, UncertainDate, UnreadableDate, read_uncertain_date
from tracker.web.filters import uncertain

FIRST = {Precision.DAY: {}, Precision.MONTH: {"day": 1}, Precision.YEAR: {"day": 1, "month": 1}}
uncertain_dates = st.builds(
    lambda date, precision: UncertainDate(date.replace(**FIRST[precision]), precision),
    st.dates(dt.date(EARLIEST, 1, 1), dt.date(LATEST, 12, 31)),
    st.sampled_from(Precision),
)


@given(uncertain_dates)
def test_a_date_survives_its_short_form(date: UncertainDate) -> None:
    """What the form shows again is read as the same date with the same precision."""
    assert read_uncertain_date(date.iso) == date


@given(date=uncertain_dates, short=st.booleans())
def test_a_date_survives_its_words(date: UncertainDate, short: bool) -> None:
    """What a page shows can be typed back and means the same."""
    app = Flask(__name__)
    from flask_babel import Babel

    Babel(app)
    with app.test_request_context():
        assert read_uncertain_date(uncertain(date, short=short)) == date


@given(st.text(max_size=40))
def test_anything_else_is_refused_with_a_reason(text: str) -> None:
    """No text makes the reader fail in another way than by saying why."""
    try:
        found = read_uncertain_date(text)
    except UnreadableDate as error:
        assert error.reason in {"form", "month", "day", "year"}
    else:
        assert EARLIEST <= found.date.year <= LATEST


@pytest.mark.parametrize(
    ("typed", "iso"),
    [
        ("2018", "2018"),
        ("2018-06", "2018-06"),
        ("2018-6-1", "2018-06-01"),
        ("June 2018", "2018-06"),
        ("sept. 2018", "2018-09"),
        ("21 June 2018", "2018-06-21"),
        ("21st june, 2018", "2018-06-21"),
        ("June 21, 2018", "2018-06-21"),
        ("  21\u00a0June\t2018 ", "2018-06-21"),
        ("29 February 2020", "2020-02-29"),
    ],
)
def test_the_usual_ways_to_write_a_date(typed: str, iso: str) -> None:
    """Dates are understood as people write them."""
    assert read_uncertain_date(typed).iso == iso


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("06/07/2018", "form"),
        ("summer 2018", "form"),
        ("18-06-21", "form"),
        ("", "form"),
        ("2018-13", "month"),
        ("30 February 2018", "day"),
        ("2018-02-30", "day"),
        ("0 June 2018", "day"),
        ("1492", "year"),
    ],
)
def test_nothing_is_guessed(typed: str, reason: str) -> None:
    """What could mean two days, or none, is refused."""
    with pytest.raises(UnreadableDate) as refused:
        read_uncertain_date(typed)
    assert refused.value.reason == reason
