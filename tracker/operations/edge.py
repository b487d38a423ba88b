"""How a command begins: its configuration, its app, and how it says what is wrong."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import IO, Any
from urllib.parse import urlsplit

import click

from tracker.config import Config, ConfigError, from_process
from tracker.operations.holding import holder


class Refusal(click.ClickException):
    """The command cannot do it; the message is a sentence that says what to do. Exit status 1."""

    def show(self, file: IO[Any] | None = None) -> None:
        """Only the sentence, without "Error:"."""
        click.echo(self.message, err=True)


def configuration() -> Config:
    """The configuration of the running command: the environment, and --instance if it was given.

    While `tracker up` serves the instance on a port of its own, mails of this command link there too.
    Raises Refusal with every problem of the environment at once.
    """
    ctx = click.get_current_context()
    try:
        config = from_process(instance=ctx.find_root().obj)
    except ConfigError as error:
        raise Refusal("\n".join(error.problems)) from None
    running = holder(config.instance)
    port = urlsplit(running[1]).port if running else None
    return config.at(port=port) if port else config


def in_app(function: Callable[..., Any]) -> Callable[..., Any]:
    """Run a command inside an app context of the configured instance, whose database must be of this version."""

    @functools.wraps(function)
    def run(*args: Any, **options: Any) -> Any:
        from tracker.app import create_app
        from tracker.operations.migrate import refuse_other_schema

        app = create_app(configuration())
        with app.app_context():
            refuse_other_schema()
            return function(*args, **options)

    return run
