"""`tracker alive PART`: is it? For health checks, so it loads little and says one line."""

from __future__ import annotations

import http.client
from urllib.parse import urlsplit

import click

from tracker import clock
from tracker.operations.edge import Refusal, configuration


@click.command("alive")
@click.argument("part", type=click.Choice(["web", "worker", "beat"]))
@click.option("--port", type=int, help="The web's port, instead of PORT.")
def command(part: str, port: int | None) -> None:
    """Status 0 when PART of this instance lives: pages are served, or its sign of life is fresh."""
    config = configuration()
    if part == "web":
        _web(port or config.port, urlsplit(config.public_base_url).netloc)
    else:
        _heart(config.database_url, part)
    click.echo(f"The {part} lives.")


def _web(port: int, host: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        raise Refusal(f"Port {port} does not answer ({type(error).__name__}).") from None
    finally:
        connection.close()
    if status != 200:
        raise Refusal(f"/healthz answers {status}.")


def _heart(url: str, part: str) -> None:
    import sqlalchemy as sa

    from tracker.db import engine_options
    from tracker.instance import Heartbeat
    from tracker.operations.finding import SILENT_AFTER

    engine = sa.create_engine(url, **engine_options(url))
    try:
        with engine.connect() as connection:
            beaten_at = connection.scalar(sa.select(Heartbeat.beaten_at).where(Heartbeat.part == part))
    except sa.exc.DBAPIError as error:
        raise Refusal(f"The database cannot be asked ({type(error.orig).__name__}).") from None
    finally:
        engine.dispose()
    if beaten_at is None or clock.now() - beaten_at > SILENT_AFTER:
        raise Refusal(f"The {part} has given no sign of life for {SILENT_AFTER.total_seconds():g} s.")
