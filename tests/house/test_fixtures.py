"""The ground the other tests stand on holds."""

from datetime import timedelta

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser
from psycopg import sql

from tests.conftest import LiveServer, MakeApp
from tests.house.laws import ROOT
from tests.support.browser import Watch
from tests.support.databases import PostgresqlTemplate
from tests.support.emptying import connect
from tests.support.ordering import LONGEST
from tests.support.postgresql import PostgreSQL
from tests.support.smtp import SmtpSink
from tests.support.valkey import Valkey
from tracker.clock import now
from tracker.config import Durations
from tracker.db import KEYS, db, transaction
from tracker.instance import remember, setting


@pytest.mark.each_database
@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_database_of_its_own(app: Flask, turn: int, database_kind: str) -> None:
    """A row written by one test is not there in the next, on either database."""
    with app.app_context():
        assert db.engines[None].dialect.name == db.engines[KEYS].dialect.name == database_kind
        assert setting("turn") is None
        with transaction():
            remember("turn", str(turn), now=now())
        assert setting("turn") == str(turn)


def test_the_longest_tests_are_there() -> None:
    """Whatever is to begin first exists by this name, so that a test that was renamed is not left to the end."""
    for name in LONGEST:
        path, _, function = name.partition("::")
        assert (ROOT / path).exists(), name
        assert not function or f"def {function}(" in (ROOT / path).read_text(), name


def test_variables_and_durations_reach_the_app(make_app: MakeApp) -> None:
    """A test may set any variable and scale any duration."""
    app = make_app(MAIL_FROM="a@example.org", durations=Durations(claim_lease=timedelta(seconds=1)))
    config = app.extensions["config"]
    assert (config.mail.sender, config.durations.claim_lease) == ("a@example.org", timedelta(seconds=1))


def test_postgresql_survives_a_crash(postgresql: PostgreSQL) -> None:
    """The test server can be stopped like a machine without power, and started again."""
    url = postgresql.create("crash")
    postgresql.crash()
    postgresql.start()
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SHOW server_version")).startswith("18")
    engine.dispose()
    postgresql.drop("crash")


def test_valkey_can_be_killed(valkey: Valkey) -> None:
    """The test broker comes back, on its old port, without its memory."""
    valkey.client().set("a", "1")
    valkey.kill()
    valkey.start()
    assert valkey.client().get("a") is None


def test_smtp_sink_refuses_as_told(smtp_sink: SmtpSink) -> None:
    """What was refused is not received."""
    import smtplib

    smtp_sink.answer_rcpt = lambda address: "550 5.1.1 nobody" if address.startswith("gone") else "250 OK"
    with smtplib.SMTP("127.0.0.1", smtp_sink.port) as peer:
        refused = peer.sendmail("a@example.org", ["gone@example.org", "b@example.org"], b"Subject: x\r\n\r\nhi\r\n")
    assert list(refused) == ["gone@example.org"]
    assert smtp_sink.to("b@example.org")[0].message["Subject"] == "x"
    assert not smtp_sink.to("gone@example.org")


def test_browser_sees_what_goes_wrong_in_a_page(chromium: Browser, live_server: LiveServer) -> None:
    """A request to another site and a script that fails are noticed, though nobody would see them."""
    page = chromium.new_page()
    watch = Watch(page, live_server.url)
    page.goto(live_server.url + "/no-such-page")
    assert watch.problems == []
    page.evaluate("fetch('http://localhost:9/elsewhere').catch(() => 0)")
    page.evaluate("setTimeout(() => { throw new Error('broken') })")
    for _try in range(100):
        page.wait_for_timeout(50)  # Playwright hears of what happens while it waits
        if len(watch.problems) > 1:
            break
    page.close()
    assert any("http://localhost:9/elsewhere" in problem for problem in watch.problems)
    assert any("broken" in problem for problem in watch.problems)


@pytest.mark.postgresql
def test_a_database_is_emptied_or_thrown_away(postgresql_template: PostgresqlTemplate) -> None:
    """A row in each table and a number from each sequence: the next test gets that database as the template is. One
    whose schema, settings or statistics changed in any way, or that somebody still writes to, nobody gets again."""
    with postgresql_template.clone() as database:
        urls = (database.url, database.keys_url)
        for url in urls:
            assert set(contents(url).values()) == {0}
            with connect(url) as connection:
                connection.execute(WRITE_EVERYWHERE)
            assert set(contents(url).values()) == {1}, "something was written into everything"
    with postgresql_template.clone() as database:
        assert (database.url, database.keys_url) == urls, "used again"
        for url in urls:
            assert set(contents(url).values()) == {0}
    for change in (
        "CREATE TABLE more (id integer)",
        "ALTER TABLE setting ADD COLUMN more integer",
        "ALTER TABLE access_record DISABLE TRIGGER access_record_row",
        "ALTER TABLE signature DISABLE TRIGGER USER",
        "DROP INDEX ix_timeline_entry_recorded_at",
        "CREATE FUNCTION more() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "ANALYZE alembic_version",
        "UPDATE alembic_version SET version_num = '0001'",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem = 1024', current_database()); END $$",
    ):
        with postgresql_template.clone() as database, connect(database.url) as connection:
            connection.execute(change)
        with postgresql_template.clone() as another:
            assert another.url != database.url, change
    with postgresql_template.clone() as database:
        holding = connect(database.url)
        holding.execute("BEGIN; LOCK TABLE setting IN ACCESS EXCLUSIVE MODE")
    with pytest.raises(psycopg.OperationalError):
        holding.execute("SELECT 1")
    holding.close()


def contents(url: str) -> dict[str, int]:
    """How many rows each table has, and the last number of each sequence."""
    with connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        counts = sql.SQL(" UNION ALL ").join(
            sql.SQL("SELECT {}, count(*) FROM {}").format(name, sql.Identifier(name))
            for (name,) in tables
            if name != "alembic_version"
        )
        numbers = "SELECT sequencename::text, coalesce(last_value, 0) FROM pg_sequences"
        return dict([*connection.execute(counts).fetchall(), *connection.execute(numbers).fetchall()])


# Triggers and foreign keys do not ask here; each column that must have a value, or that a constraint wants, gets some.
WRITE_EVERYWHERE = """
SET session_replication_role = replica;
DO $$ DECLARE found record; BEGIN
  FOR found IN
    SELECT attrelid::regclass AS name, string_agg(quote_ident(attname), ', ') AS columns,
      string_agg(CASE
        WHEN pg_get_serial_sequence(attrelid::regclass::text, attname) IS NOT NULL THEN format('nextval(%L)',
          pg_get_serial_sequence(attrelid::regclass::text, attname))
        WHEN attname IN ('into_id', 'to_id') THEN '2'
        ELSE format('%L::%s', CASE format_type(atttypid, NULL)
          WHEN 'boolean' THEN 'true' WHEN 'json' THEN '{}' WHEN 'bytea' THEN ''
          WHEN 'date' THEN '2026-01-01' WHEN 'timestamp with time zone' THEN '2026-01-01' ELSE '1' END,
          format_type(atttypid, NULL)) END, ', ') AS values
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
      AND attnum > 0 AND NOT attisdropped AND attgenerated = '' AND (attnotnull
        OR (relname, attname) IN (('subscriber', 'account_id'), ('campaign_subject', 'company_id')))
    GROUP BY attrelid
  LOOP EXECUTE format('INSERT INTO %s (%s) VALUES (%s)', found.name, found.columns, found.values); END LOOP;
END $$
"""
