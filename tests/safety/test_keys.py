"""What is kept of an address says nothing elsewhere, and what workers are told says nothing at all."""

from __future__ import annotations

import inspect

import sqlalchemy as sa
from celery import Celery
from flask import Flask

import worker.tasks  # noqa: F401 - registers them
from tests.signatures.conftest import account, add, campaign
from tracker.db import db, transaction
from tracker.signatures.models import Signatory, SignatoryToken
from worker.schedule import SCHEDULE


def test_one_address_is_another_hash_in_another_campaign(context: Flask) -> None:
    """Nobody who holds the database can tell that two campaigns were signed by one person: neither by the address, nor
    by the words of a name, nor by what is sealed."""
    with transaction():
        by = account("lead")
        letters = [campaign(slug, protected=True) for slug in ("first", "second")]
    for letter in letters:
        add(letter, by, "Ada Lovelace", office="Engineer", address="ada@example.org")
    rows = db.session.scalars(sa.select(Signatory)).all()
    assert len(rows) == 2 and all(row.address_hash for row in rows)
    for column in ("address_hash", "address_sealed", "name_sealed", "office_sealed"):
        assert len({getattr(row, column) for row in rows}) == 2, column
    tokens = list(db.session.scalars(sa.select(SignatoryToken.token)))
    assert len(tokens) == len(set(tokens)) == 4


def test_no_task_takes_a_word() -> None:
    """A task's arguments lie in the broker and in logs: none takes any, whoever calls it; the database says what to
    do."""
    celery = Celery("safety", set_as_current=False)
    celery.finalize()
    ours = {name: task for name, task in celery.tasks.items() if not name.startswith("celery.")}
    assert len(ours) > 10
    takes = {name: list(inspect.signature(task.run).parameters) for name, task in ours.items()}
    assert {name: taken for name, taken in takes.items() if taken} == {}
    assert not [name for name, entry in SCHEDULE.items() if entry.get("args") or entry.get("kwargs")]
