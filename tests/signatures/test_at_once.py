"""Two press at once: the second sees what the first one did, in words, and never an error of the server."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.signatures.conftest import HERE
from tests.signatures.signing import SLUG, lead, letter, open_letter, rows, sign, signed
from tests.support.accounts import SignedIn, forget_tries
from tests.support.mails import outbox
from tests.support.pages import submit, visit
from tests.support.processes import wait_until
from tracker import clock
from tracker.db import db, transaction
from tracker.signatures import service
from tracker.signatures.models import Signatory, Signature
from tracker.signatures.queries import counts

pytestmark = pytest.mark.postgresql  # SQLite has one writer, so that nobody is overtaken there


@contextmanager
def held(app: Flask) -> Iterator[sa.Connection]:
    """Another connection, in a transaction that is committed at the end: what it wrote, others wait for."""
    with app.app_context():
        engine = db.engine
    with engine.begin() as connection:
        yield connection


def pressed_meanwhile(app: Flask, press: Callable[[], TestResponse], first: Callable[[sa.Connection], None]) -> int:
    """Have `first` done in another connection, `press` while that is not committed, and commit; the status of what was
    pressed."""
    answers: list[TestResponse] = []
    thread = threading.Thread(target=lambda: answers.append(press()))
    with held(app) as connection:
        first(connection)
        thread.start()
        waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        with app.app_context():
            engine = db.engine
        with engine.connect() as other:
            wait_until(lambda: other.scalar(waiting), "somebody who waits for the first one")
    thread.join(20)
    return answers[0].status_code


def move_on(connection: sa.Connection) -> None:
    """Somebody else saved the same signature, whatever they changed."""
    connection.execute(sa.update(Signature).values(version=Signature.version + 1))


@pytest.mark.parametrize(
    ("verb", "typed", "left"),
    [
        ("withdraw", {}, [("withdrawn", "named")]),
        ("appearance", {"appearance": "counted"}, [("confirmed", "counted")]),
        ("erase", {"sure": "y"}, [("invalidated", "named")]),
    ],
)
def test_a_nervous_signer(
    app: Flask, client: FlaskClient, verb: str, typed: dict[str, str], left: list[tuple[str, str]]
) -> None:
    """Pressed while the same signature is being saved, it is done once that is."""
    open_letter(app)
    receipt = signed(client, app)
    forget_tries()
    status = pressed_meanwhile(app, lambda: app.test_client().post(f"{receipt}/{verb}", data=typed), move_on)
    assert status in (200, 303)
    assert [row[:2] for row in rows(app)] == left


def test_two_organisers_at_once(app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]) -> None:
    """One finds it invalid while the other does: the second is told so."""
    open_letter(app)
    signed(client, app)
    with app.app_context():
        number, public_id = lead().id, db.session.scalars(sa.select(Signatory.public_id)).one()
    team = signed_in(account_id=number)
    form = visit(team, f"{HERE}/{public_id}").form("form[action$=invalidate]") | {"invalidate-reason": "forged"}

    def first(connection: sa.Connection) -> None:
        connection.execute(sa.update(Signature).values(version=Signature.version + 1, status="invalidated"))

    path = f"{HERE}/{public_id}/invalidate"
    assert pressed_meanwhile(app, lambda: team.post(path, data=form), first) == 422
    assert [row[0] for row in rows(app)] == ["invalidated"]


def test_one_organisation_confirmed_twice_at_once(
    app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]
) -> None:
    """Two signed for the same organisation, and both are confirmed at once: it counts once, and the second is told."""
    open_letter(app, takes_organisations=True)
    for address in ("one@example.org", "two@example.org"):
        sign(client, app, kind="organisation", name="A. Lovelace", affiliation="Engines Cooperative", email=address)
        submit(client, outbox(app, address)[-1].path("confirm"))
    with app.app_context():
        number = lead().id
        one, two = db.session.execute(sa.select(Signatory.id, Signatory.public_id).order_by(Signatory.id)).all()
    team = signed_in(account_id=number)
    form = visit(team, f"{HERE}/{two.public_id}").form("form[action$=confirm]")
    is_done, may_commit = threading.Event(), threading.Event()

    def confirm_first() -> None:
        with app.app_context(), transaction():
            first = db.session.get_one(Signatory, one.id)
            service.confirm_organisation(first.signatures[0], actor=lead(), now=clock.now())
            db.session.flush()
            is_done.set()
            may_commit.wait(20)

    other = threading.Thread(target=confirm_first)
    other.start()
    assert is_done.wait(20)
    answers: list[TestResponse] = []
    path = f"{HERE}/{two.public_id}/confirm"
    presser = threading.Thread(target=lambda: answers.append(team.post(path, data=form)))
    presser.start()
    with app.app_context():
        engine = db.engine
    with engine.connect() as connection:
        waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        wait_until(lambda: connection.scalar(waiting), "the second confirmation")
    may_commit.set()
    for thread in (other, presser):
        thread.join(20)
    assert answers[0].status_code == 302
    assert "among the signatories already" in visit(team, f"{HERE}/{two.public_id}").soup.get_text()
    with app.app_context():
        assert counts(letter()).here == 1
    assert SLUG in path
