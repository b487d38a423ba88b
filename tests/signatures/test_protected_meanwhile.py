"""A campaign becomes protected in the very moment in which somebody signs, is added, or comes with a list: no name
stays in the open (safety.md, 2)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.importing.lists import brought
from tests.signatures.signing import ADDRESS, NAME, lead, letter, open_letter, sign
from tracker import clock
from tracker.campaigns.service import CampaignError
from tracker.db import db, transaction
from tracker.importing import running
from tracker.importing import service as importing
from tracker.signatures import service
from tracker.signatures.models import Appearance, Signatory
from tracker.signatures.people import Person, keys_of, read_name
from tracker.signatures.protection import protect, unprotect
from tracker.signatures.signings import SigningRequest


def signs() -> None:
    with transaction():
        request = db.session.scalars(sa.select(SigningRequest)).one()
        service.confirm_signature(request, locale="en", now=clock.now())


def is_added() -> None:
    with transaction():
        place, actor = letter(), lead()
        service.add_signatory(place, Person(NAME), appearance=Appearance.NAMED, actor=actor, now=clock.now())


def comes_with_a_list() -> None:
    running.work()


@pytest.mark.each_database
@pytest.mark.parametrize("how", [signs, is_added, comes_with_a_list])
def test_no_name_stays_in_the_open(app: Flask, client: FlaskClient, how: Callable[[], None]) -> None:
    """Whoever began before it was protected, and writes after."""
    open_letter(app)
    if how is signs:
        sign(client, app)
    problems: list[BaseException] = []

    def meanwhile() -> None:
        try:
            with app.app_context():
                how()
        except BaseException as problem:
            problems.append(problem)

    with app.app_context():
        if how is comes_with_a_list:
            row = brought(letter(), lead(), f"name\n{NAME}\n".encode())
            with transaction():
                importing.start(row, now=clock.now())
        with transaction():
            protect(letter(), actor=lead(), now=clock.now())
            other = threading.Thread(target=meanwhile)
            other.start()
            time.sleep(0.5)  # it has read the campaign as it was, and waits to write
        other.join(30)
        assert not problems and not other.is_alive()
        found = db.session.scalars(sa.select(Signatory)).one()
        assert (found.name, found.sort_text) == ("", "")
        assert read_name(found, keys_of(found.campaign, now=clock.now())).name == NAME


def test_what_was_promised_holds(app: Flask, client: FlaskClient) -> None:
    """Who was told that names are sealed, and is still to confirm, keeps the campaign protected."""
    open_letter(app, protected=True)
    sign(client, app, email=ADDRESS)
    with app.app_context(), pytest.raises(CampaignError, match="stay sealed"), transaction():
        unprotect(letter(), actor=lead(), now=clock.now())
