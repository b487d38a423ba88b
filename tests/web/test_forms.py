"""What every form does with what people type."""

import enum
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict
from wtforms import PasswordField, SelectChoice, StringField

from tests.web.sample import SampleForm
from tracker.db import Precision
from tracker.web.dates import UncertainDate, read_uncertain_date
from tracker.web.forms import BaseForm, choices_from


class NameForm(BaseForm):
    name = StringField("Name", filters=[lambda text: text and text.upper()])
    password = PasswordField("Password")


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context(method="POST"):
        yield


def test_names_are_trimmed_and_otherwise_left_alone() -> None:
    """Invisible ends go, the inside of a name stays, a password is not touched."""
    typed = " \u00a0\u200bDr. Ána  María O\u2019Neil-李\u200b\ufeff\n"
    form = NameForm(MultiDict({"name": typed, "password": "  two spaces  "}))
    assert form.name.data == "DR. ÁNA  MARÍA O\u2019NEIL-李"
    assert form.password.data == "  two spaces  "


@pytest.mark.parametrize(("sent", "number"), [("7", 7), ("", None), ("x", None), ("-1", None)])
def test_the_version_travels(sent: str, number: int | None) -> None:
    """The version the reader saw comes back as a number, or as nothing."""
    assert NameForm(MultiDict({"version": sent})).version_number == number


def test_a_date_goes_in_and_out() -> None:
    """A stored date is shown as it is known, and an unreadable one stays in the field."""
    stored = SampleForm(formdata=None, began=read_uncertain_date("2018-06"))
    assert stored.began._value() == "2018-06"
    assert SampleForm(MultiDict({"began": "June 2018"})).began.data == UncertainDate(
        stored.began.data.date, Precision.MONTH
    )
    wrong = SampleForm(MultiDict({"began": "some time ago"}))
    assert not wrong.validate()
    assert wrong.began._value() == "some time ago"
    assert "21 June 2018" in wrong.began.errors[0]
    empty = SampleForm(MultiDict({"began": " "}))
    empty.validate()
    assert empty.began.data is None
    assert not empty.began.errors


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "//evil.example", "www.example.org", "https://", "https://a b"]
)
def test_only_whole_web_addresses_are_taken(address: str) -> None:
    """A source's address begins with http:// or https://."""
    form = SampleForm(MultiDict({"source": address}))
    form.validate()
    assert form.source.errors


def test_a_services_refusal_stands_beside_its_field() -> None:
    """An error with a field goes there, any other above the form."""

    class Refused(Exception):
        field = "name"

    form = NameForm(MultiDict({"name": "x"}))
    form.validate()
    form.fail(Refused("Taken already."))
    form.fail(ValueError("Not today."))
    assert list(form.name.errors) == ["Taken already."]
    assert form.form_errors == ["Not today."]
    assert form.errors["name"] == ["Taken already."]


class Colour(enum.StrEnum):
    DEEP_RED = "deep_red"
    BLUE = "blue"


def test_choices_come_from_the_words_of_the_field() -> None:
    """An enum's members become choices, worded, with an empty one on top if wished."""
    assert choices_from(Colour) == [SelectChoice("deep_red", "Deep red"), SelectChoice("blue", "Blue")]
    assert choices_from([Colour.BLUE], {Colour.BLUE: "Ink"}, blank="Any") == [
        SelectChoice("", "Any"),
        SelectChoice("blue", "Ink"),
    ]
