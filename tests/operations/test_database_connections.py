"""Connections to PostgreSQL: what they keep from one transaction to the next, and how a dead one is met."""

from __future__ import annotations

import sqlite3
from urllib.parse import urlsplit

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support.databases import Database
from tracker import postgresql
from tracker.db import KEYS, db, reading, transaction
from tracker.mail.models import Suppression
from tracker.sealing.models import CampaignKey

NAMED = sa.select(Suppression.reason).where(Suppression.recipient_hash == sa.bindparam("name", type_=sa.String))


def prepared() -> int:
    """How many statements this connection has prepared."""
    return db.session.scalar(sa.text("SELECT count(*) FROM pg_prepared_statements")) or 0


@pytest.mark.postgresql
def test_what_is_prepared_outlives_a_page(app: Flask) -> None:
    """Pages end their transaction by rolling back, which would make psycopg forget; a failed one starts anew."""
    with app.app_context():
        for _page in range(8):
            db.session.execute(NAMED, {"name": "a"}).all()
            db.session.rollback()
        assert prepared() > 0
        with pytest.raises(sa.exc.DBAPIError):
            db.session.execute(sa.text("SELECT 1 / 0"))
        db.session.rollback()
        assert db.session.execute(NAMED, {"name": "a"}).all() == []


@pytest.mark.postgresql
def test_what_was_written_is_rolled_back(app: Flask) -> None:
    """Whatever ends a transaction early, its rows are gone and the next one works."""
    row = {"recipient_hash": "a", "reason": "told", "recorded_at": sa.func.now()}
    with app.app_context():
        for broken in (ValueError, sa.exc.IntegrityError):
            with pytest.raises(broken), transaction():
                db.session.execute(sa.insert(Suppression).values(**row))
                if broken is ValueError:
                    raise ValueError
                db.session.execute(sa.insert(Suppression).values(**row))
            assert db.session.execute(NAMED, {"name": "a"}).all() == []
            db.session.rollback()


@pytest.mark.postgresql
def test_a_connection_that_died_while_it_rested(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found out before anything is asked, and another one takes its place: the page does not notice."""
    monkeypatch.setattr(postgresql, "TRUSTED_SECONDS", 0.0)
    with app.app_context():
        number = db.session.scalar(sa.text("SELECT pg_backend_pid()"))
        db.session.remove()
        with psycopg.connect(database.url.replace("+psycopg", ""), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", [number])
        assert db.session.scalar(sa.text("SELECT pg_backend_pid()")) != number


@pytest.mark.each_database
def test_reading_beside_a_transaction(app: Flask, database: Database) -> None:
    """Sees what others committed, not what is being written, and waits for no writer of the other store."""
    row = {"recipient_hash": "a", "reason": "told", "recorded_at": sa.func.now()}
    other = None
    if database.kind == "sqlite":
        other = sqlite3.connect(urlsplit(database.keys_url).path, timeout=0, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    with app.app_context():
        with transaction():
            db.session.execute(sa.insert(Suppression).values(**row))
            with reading() as connection:
                assert connection.execute(NAMED, {"name": "a"}).all() == []
            with reading(KEYS) as connection:
                assert connection.execute(sa.select(CampaignKey.campaign)).all() == []
        with reading() as connection:
            assert connection.execute(NAMED, {"name": "a"}).all() == [("told",)]
    if other is not None:
        other.close()
