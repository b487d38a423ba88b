"""`tracker restore FILE`: a backup into an empty instance, checked row by row, and silent until somebody says so."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import sqlalchemy as sa

from tracker import clock
from tracker.accounts import append_only
from tracker.db import KEYS, db, forget_deleted, transaction
from tracker.instance import SENDING_PAUSED, Setting
from tracker.operations import archive, key_union, keys, migrate
from tracker.operations.archive import ArchiveError, Manifest
from tracker.operations.backup import keys_file
from tracker.operations.edge import Refusal, configuration
from tracker.operations.ended_since import Endings
from tracker.operations.holding import hold
from tracker.postgresql import checked_by_one_plan
from tracker.retention.forgetting import forget_again
from tracker.sealing import SealError, keyring
from tracker.search.rebuilding import rebuild
from tracker.settings import config

# What every instance writes by itself at its first start.
OWN_TABLES = ("setting", "heartbeat", "backup_run")

PAUSED = "Restored from a backup of {made_at}: mails of that time may have gone out since."
FOREIGN_KEY = (
    "This backup was sealed with another DATA_KEY. Give this instance the one of the instance it came from (copy that "
    "one's file data_key to {path}, or set DATA_KEY), then restore again."
)


class Restored(NamedTuple):
    """What came back, and what of the time since was kept."""

    manifest: Manifest
    redacted: int  # redactions that were applied again
    ended: int  # endings of subscriptions, and addresses not to write to, that the backup did not know


def restore(path: Path, *, replace: bool, without_keys: bool, keys_path: Path | None = None) -> Restored:
    """Load and check both files. What was redacted, ended or erased since stays so.

    ``keys_path`` may also be of a later backup than ``path``: it has every key that the earlier rows need, but those
    that were destroyed meanwhile. Nothing is changed when it raises Refusal: each database changes in one transaction.
    """
    found = keys_path or beside(path)
    try:
        main = archive.read_manifest(path, "main")
        kept = None if without_keys else archive.read_manifest(found, "keys")
    except ArchiveError as error:
        raise Refusal(str(error)) from None
    if kept and kept.pair != main.pair and not (keys_path and kept.made_at >= main.made_at):
        raise Refusal(f"{found} belongs to another backup than {path}.")
    _refuse_foreign_key(path)
    _make_room(main.schema, replace=replace)
    if kept:
        with loading(db.engines[KEYS]) as connection:
            key_union.merge(connection, found)
    with loading(db.engines[None]) as connection:
        endings = Endings.known_to(connection)
        load(connection, path, main)
        ended = endings.apply(connection)
        _pause(connection, main)
    migrate.upgrade()
    with transaction():
        again = key_union.redact_again(now=clock.now())
    forget_again(clock.now())
    rebuild(now=clock.now())
    forget_deleted()
    return Restored(main, again, ended)


def beside(path: Path) -> Path:
    """Where the keys of a backup usually lie: beside it, or in the folder of the nightly ones."""
    places = [keys_file(path), keys_file(path, path.parent / "keys"), keys_file(path, config().backups.keys_folder)]
    return next((place for place in places if place.exists()), places[0])


def _pause(connection: sa.Connection, manifest: Manifest) -> None:
    """In the transaction that brings the rows: no moment in which the restored copy could mail."""
    table = next(table for table in archive.reflect(connection) if table.name == Setting.__tablename__)
    reason = PAUSED.format(made_at=manifest.made_at[:16].replace("T", " ") + " UTC")
    kind = table.columns.changed_at.type
    now = archive.from_json(kind, clock.now().isoformat(), sqlite=connection.dialect.name == "sqlite")
    connection.execute(sa.delete(table).where(table.columns.name == SENDING_PAUSED))
    connection.execute(sa.insert(table).values(name=SENDING_PAUSED, value=reason, changed_at=now))


def _refuse_foreign_key(path: Path) -> None:
    """The probe inside the backup tells whether our DATA_KEY is the one it was made with."""
    metadata = sa.MetaData()
    table = sa.Table("setting", metadata, sa.Column("name", sa.String), sa.Column("value", sa.Text))
    table.append_column(sa.Column("changed_at", sa.DateTime))
    for rows in archive.read_rows(path, table, sqlite=True):
        for row in rows:
            if row["name"] == keys.PROBE:
                try:
                    keyring().open(row["value"], keys.PLACE)
                except SealError:
                    raise Refusal(FOREIGN_KEY.format(path=config().instance / "data_key")) from None


def _make_room(schema: str, *, replace: bool) -> None:
    """See that there are tables of the backup's schema, and nothing that would be lost."""
    if schema not in migrate.known():
        raise Refusal(migrate.NEWER.format(found=schema, known=migrate.wanted()))
    found = migrate.found()["main"]
    if found == migrate.NEVER:
        migrate.alembic().upgrade(revision=schema)
        return
    migrate.upgrade()
    if not is_empty():
        if not replace:
            raise Refusal("This instance is not empty. Restore into a new one, or say --replace to lose what is here.")
        if schema != migrate.wanted():
            raise Refusal("This backup is of an older version; restore it into a new instance, which is then upgraded.")
    elif schema != migrate.wanted():
        migrate.alembic().downgrade(revision="base")
        migrate.alembic().upgrade(revision=schema)


def is_empty() -> bool:
    """Whether the main database holds nothing but what an instance writes by itself."""
    with db.engines[None].connect() as connection:
        return not any(
            connection.scalar(sa.select(sa.exists(sa.select(sa.literal(1)).select_from(table))))
            for table in archive.reflect(connection)
            if table.name not in OWN_TABLES
        )


@contextlib.contextmanager
def loading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """One transaction in which references may dangle until its end, when all are checked."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
            references = _references(connection)
            for table, name in references:
                _alter(connection, table, name, "DEFERRABLE INITIALLY DEFERRED")
            yield connection
            with checked_by_one_plan(connection):
                connection.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
            for table, name in references:
                _alter(connection, table, name, "NOT DEFERRABLE")
        else:
            connection.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
            yield connection
            broken = connection.execute(sa.text("PRAGMA foreign_key_check")).all()
            if broken:
                raise Refusal(f"The backup does not fit together: {len(broken)} references lead nowhere.")


def _references(connection: sa.Connection) -> list[tuple[str, str]]:
    found = sa.inspect(connection).get_multi_foreign_keys()
    return [(table, str(one["name"])) for (_schema, table), constraints in found.items() for one in constraints]


def _alter(connection: sa.Connection, table: str, name: str, how: str) -> None:
    quote = connection.dialect.identifier_preparer.quote
    connection.execute(sa.text(f"ALTER TABLE {quote(table)} ALTER CONSTRAINT {quote(name)} {how}"))


def load(connection: sa.Connection, path: Path, manifest: Manifest) -> None:
    """Replace all rows by the backup's and compare what is there with the manifest."""
    sqlite = connection.dialect.name == "sqlite"
    tables = {table.name: table for table in archive.reflect(connection)}
    missing = manifest.tables.keys() - tables.keys()
    if missing:
        raise Refusal(f"The backup has tables that this program does not know: {', '.join(sorted(missing))}.")
    with append_only.lifted(connection):
        for table in tables.values():
            connection.execute(sa.delete(table))
    for name, expected in manifest.tables.items():
        table = tables[name]
        connection.execute(
            sa.delete(table)
        )  # what the database itself made of the rows before: the tally of signatories
        for rows in archive.read_rows(path, table, sqlite=sqlite):
            connection.execute(sa.insert(table), rows)
        if archive.content(connection, table) != expected:
            raise Refusal(f"The table {name} did not arrive as it was written; nothing was restored.")
        _continue_numbers(connection, table)
    if "demand" in manifest.tables:
        # What became of asks is kept by triggers (ADR 031), which saw outcomes before the entries that tell of them.
        demand = tables["demand"]
        connection.execute(sa.update(demand).values(campaign_id=demand.c.campaign_id))


def _continue_numbers(connection: sa.Connection, table: sa.Table) -> None:
    """On PostgreSQL new rows must be numbered after the restored ones; SQLite counts by itself."""
    key = list(table.primary_key)
    if connection.dialect.name != "postgresql" or len(key) != 1 or not isinstance(key[0].type, sa.Integer):
        return
    sequence = connection.scalar(sa.select(sa.func.pg_get_serial_sequence(table.name, key[0].name)))
    if sequence:
        highest = connection.scalar(sa.select(sa.func.max(key[0])))
        connection.execute(sa.select(sa.func.setval(sequence, highest or 1, highest is not None)))


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="Lose what is in this instance now.")
@click.option(
    "--keys",
    "keys_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The copy of the keys, when it lies elsewhere; one made later than FILE will do.",
)
@click.option("--without-keys", is_flag=True, help="FILE.keys is gone: what was sealed with its keys stays unreadable.")
def command(file: Path, replace: bool, keys_path: Path | None, without_keys: bool) -> None:
    """Restore FILE and FILE.keys into this instance. Sending rests afterwards; nobody stays signed in."""
    from tracker.app import create_app

    settings = configuration()
    lock = hold(settings.instance)
    if lock is None:
        raise Refusal("This instance is running; stop `tracker up` first, then restore.")
    app = create_app(settings)
    with lock, app.app_context():
        manifest, redacted, ended = restore(file, replace=replace, without_keys=without_keys, keys_path=keys_path)
    click.echo(f"{manifest.rows} rows of {manifest.made_at[:16].replace('T', ' ')} UTC are restored and checked.")
    if redacted:
        click.echo(f"{redacted} redactions made since were applied again.")
    if ended:
        click.echo(f"{ended} subscriptions, addresses and signatures that ended since stay ended.")
    click.echo("Sending is paused. When you are sure that nobody gets a mail twice: tracker sending resume")
