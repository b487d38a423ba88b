"""What `tracker doctor` looks at; each question is one small function that answers in plain words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import redis
import sqlalchemy as sa

from tracker.config import Config, Durations
from tracker.db import KEYS, db
from tracker.digests import watching
from tracker.instance import SENDING_PAUSED, Heartbeat, setting
from tracker.jobs import BROKER_OPTIONS, QUEUE
from tracker.mail.models import Email, EmailState
from tracker.operations import holding, keys, mail_probe, memory, migrate, storage
from tracker.operations.finding import BAD, GOOD, NOTE, SILENT_AFTER, Finding, ago, megabytes
from tracker.search import rebuilding
from tracker.signatures.service.reconciling import last_counted

MEMORY_LIMIT = 400 * 1024 * 1024


def look(config: Config, *, now: dt.datetime) -> Iterator[Finding]:
    """Everything, causes before effects. Leaves out what is in the database when that cannot be used."""
    yield from configuration(config)
    try:
        yield from databases(config)
        usable = set(migrate.found().values()) == {migrate.wanted()}  # else what it asks for may not be there
    except Exception as error:  # the doctor says what is wrong instead of failing too
        usable = False
        yield Finding(BAD, "database", getattr(error, "message", None) or f"cannot be used: {error}")
    yield from broker(config)
    questions: list[Callable[[], Iterator[Finding]]] = [lambda: storage.disk(config), lambda: used_memory(config)]
    if usable:
        stored = [data_key, searching, lambda: counting(now), lambda: storage.backups(config, now)]
        questions = [lambda: heartbeats(now), lambda: mail(config), lambda: lateness(now), *stored, *questions]
    for question in questions:
        yield from question()
    db.session.rollback()


def configuration(config: Config) -> Iterator[Finding]:
    """Where and as what it runs."""
    yield Finding(GOOD, "configuration", f"{config.environment}, {config.public_base_url}, instance {config.instance}")
    if config.instance.stat().st_mode & 0o077:
        yield Finding(BAD, "configuration", f"others may look into {config.instance}; chmod 700 it.")


def databases(config: Config) -> Iterator[Finding]:
    """Reachable, of this program's schema, and sound."""
    head, found = migrate.wanted(), migrate.found()
    with db.engines[None].connect() as connection:
        if connection.dialect.name == "sqlite":
            version = connection.scalar(sa.text("SELECT sqlite_version()"))
            sound = connection.scalar(sa.text("PRAGMA quick_check"))
            size = Path(str(connection.engine.url.database)).stat().st_size
            yield Finding(
                GOOD if sound == "ok" else BAD,
                "database",
                f"SQLite {version}, {megabytes(size)}, " + ("sound" if sound == "ok" else f"damaged: {sound}"),
            )
        else:
            version = str(connection.scalar(sa.text("SHOW server_version"))).split()[0]
            size = connection.scalar(sa.text("SELECT pg_database_size(current_database())"))
            yield Finding(GOOD, "database", f"PostgreSQL {version}, {megabytes(size)}")
    for name, revision in found.items():
        if revision == head:
            yield Finding(GOOD, "migrations", f"{name} has schema {revision}")
        elif revision in migrate.known():
            yield Finding(BAD, "migrations", f"{name}: {migrate.OLDER.format(found=revision, known=head)}")
        else:
            words = migrate.OLDER if revision == migrate.NEVER else migrate.NEWER
            yield Finding(BAD, "migrations", f"{name}: {words.format(found=revision, known=head)}")


def broker(config: Config) -> Iterator[Finding]:
    """Whether the workers can be woken up."""
    name = "Redis" if config.redis_url else "the private Valkey"
    try:
        client = broker_client(config)
        client.ping()
        waiting = client.llen(f"{BROKER_OPTIONS['global_keyprefix']}{QUEUE}")
    except redis.RedisError as error:
        hint = "look at REDIS_URL and at the server" if config.redis_url else "start it with `tracker up`"
        yield Finding(BAD, "broker", f"{name} does not answer ({type(error).__name__}); {hint}.")
        return
    yield Finding(GOOD, "broker", f"{name} answers; {waiting} wake-up calls wait")


def broker_client(config: Config) -> redis.Redis:
    """A client that gives up soon."""
    if config.redis_url is None:
        return redis.Redis(unix_socket_path=str(config.valkey_socket), socket_timeout=2)
    return redis.Redis.from_url(config.redis_url, socket_connect_timeout=2, socket_timeout=2)


def heartbeats(now: dt.datetime) -> Iterator[Finding]:
    """When worker and beat were last alive."""
    for part in ("worker", "beat"):
        row = db.session.get(Heartbeat, part)
        if row is None:
            yield Finding(BAD, part, f"has never run; `tracker up` or `tracker {part}` starts it.")
            continue
        since = now - row.beaten_at
        words = f"last sign of life {ago(since)} ago"
        if since > SILENT_AFTER:
            yield Finding(BAD, part, f"{words}; `tracker up` or `tracker {part}` starts it.")
        else:
            yield Finding(GOOD, part, f"{words}, running for {ago(now - row.started_at)}")


def mail(config: Config) -> Iterator[Finding]:
    """How mail leaves, whom it may reach, and what waits."""
    if config.mail.is_folder:
        yield Finding(GOOD, "mail", f"written to {config.mail.folder}, delivered to nobody")
    else:
        yield from mail_probe.look(config)
        whom = ", ".join(config.mail.allow) or "nobody (set MAIL_ALLOW to addresses, domains or *)"
        yield Finding(GOOD if config.mail.allow else BAD, "mail", f"may reach {whom}")
    if reason := setting(SENDING_PAUSED):
        yield Finding(NOTE, "mail", f"sending is paused: {reason} `tracker sending resume` ends it.")
    by_state = db.session.execute(sa.select(Email.state, sa.func.count()).group_by(Email.state))
    counts = dict(by_state.all())
    waiting = sum(counts.get(state, 0) for state in (EmailState.PENDING, EmailState.CLAIMED, EmailState.TRANSMIT))
    unknown, failed = counts.get(EmailState.UNKNOWN, 0), counts.get(EmailState.FAILED, 0)
    yield Finding(
        NOTE if unknown else GOOD,
        "mail",
        f"{waiting} wait, {counts.get(EmailState.SENT, 0)} delivered to the mail server, {failed} failed, "
        f"{unknown} perhaps delivered",
    )


def lateness(now: dt.datetime) -> Iterator[Finding]:
    """Whether mails and digests are late. Silent parts and a pause were said already."""
    said = {"worker", "beat", "sending"}
    found = [one for one in watching.concerns(watching.standing(now)) if one.about not in said]
    for one in found:
        yield Finding(BAD if one.is_bad else NOTE, "digests", f"{one.words} docs/digests.md says what to do.")
    if not any(one.is_bad for one in found):
        yield Finding(GOOD, "digests", "nothing is overdue")


def data_key() -> Iterator[Finding]:
    """Whether DATA_KEY is this instance's."""
    problem = keys.wrong(setting(keys.PROBE))
    with db.engines[KEYS].connect() as connection:
        count = connection.scalar(sa.text("SELECT count(*) FROM campaign_key"))
    yield Finding(BAD, "keys", problem) if problem else Finding(GOOD, "keys", f"DATA_KEY opens {count} campaigns' keys")


def searching() -> Iterator[Finding]:
    """Whether what is recorded can be found."""
    if not rebuilding.is_current():
        yield Finding(BAD, "search", "the index was made by another version; run `tracker reindex`.")
    elif wrong := rebuilding.untrue():
        yield Finding(BAD, "search", f"the index does not tell the truth of {wrong} records; run `tracker reindex`.")
    else:
        yield Finding(GOOD, "search", "the index tells what is recorded")


def counting(now: dt.datetime) -> Iterator[Finding]:
    """Whether the kept numbers of signatories are those of the rows."""
    last = last_counted()
    if last is None:
        yield Finding(NOTE, "counts", "were never compared with the rows; a worker does it once a day.")
        return
    when = f"compared with {last.signatories} signatories {ago(now - last.at)} ago"
    if last.is_off:
        yield Finding(
            NOTE,
            "counts",
            f"{when}: {last.numbers_off} off in {last.campaigns_off} campaigns, {last.rows_off} rows; put right. "
            "Nothing of ours writes so: who else writes into this database?",
        )
    elif now - last.at > 2 * Durations().counts_every:
        yield Finding(NOTE, "counts", f"{when}; a worker should do it once a day.")
    else:
        yield Finding(GOOD, "counts", when)


def used_memory(config: Config) -> Iterator[Finding]:
    """What all processes under `tracker up` use together."""
    running = holding.holder(config.instance)
    if running is None:
        yield Finding(NOTE, "memory", "`tracker up` is not running here")
        return
    shares = memory.of_tree(running[0])
    if shares is None:
        yield Finding(NOTE, "memory", "this system does not tell how much is shared")
        return
    total = sum(shares.values())
    words = f"{megabytes(total)} in {len(shares)} processes (limit when idle: {megabytes(MEMORY_LIMIT)})"
    yield Finding(GOOD if total <= MEMORY_LIMIT else NOTE, "memory", words)
