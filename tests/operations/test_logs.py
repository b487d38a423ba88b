"""A log tells what went wrong and where in the code, and nothing about people."""

from __future__ import annotations

import logging
import sys

import pytest
import sqlalchemy as sa
from flask import Flask

from tracker import clock
from tracker.accounts.access import public
from tracker.accounts.models import Account
from tracker.db import db, transaction
from tracker.logs import Discreet

SECRET = "q8J2kD0mZ1xYw7Vt5RrNnA"


def logged(message: str, *arguments: object, error: BaseException | None = None) -> str:
    """What would stand in the log file."""
    information = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord("tracker", logging.ERROR, __file__, 1, message, arguments, information)
    return Discreet().format(record)


@pytest.mark.each_database
def test_a_broken_constraint_tells_no_value(context: Flask) -> None:
    """The database's own words repeat the address that was there already; the log does not."""
    address = "ada.example@example.org"

    def add(number: int) -> None:
        with transaction():
            db.session.add(Account(email=address, fs_uniquifier=f"u{number}", created_at=clock.now()))

    add(1)
    with pytest.raises(sa.exc.IntegrityError) as caught:
        add(2)
    text = logged("Exception", error=caught.value)
    assert "IntegrityError" in text
    assert "test_logs.py" in text
    assert address not in text
    assert "ada" not in text


def test_addresses_and_tokens_stay_out() -> None:
    """Whatever a library logs of a request or a mail: no address of a person, no token out of a link."""
    text = logged("Error handling request /setup/%s for <%s>", SECRET, "grace@mail.example.org")
    assert SECRET not in text
    assert "grace" not in text
    assert "/setup/…" in text


def test_an_error_in_a_page_names_the_view(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """An unforeseen error is logged with its view and its traceback, without the address that was asked for."""

    @app.get("/fails/<token>")
    @public
    def fails(token: str) -> str:
        raise RuntimeError("unforeseen")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert app.test_client().get(f"/fails/{SECRET}").status_code == 500
    (record,) = [record for record in caplog.records if record.exc_info]
    text = Discreet().format(record)
    assert "Exception in GET fails" in text
    assert "unforeseen" in text
    assert SECRET not in text


def test_paths_of_files_survive() -> None:
    """A traceback still says which file it was, however long its name."""
    try:
        sys.intern(1)  # type: ignore[arg-type]
    except TypeError as error:
        text = logged("x", error=error)
    assert __file__ in text
