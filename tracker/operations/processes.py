"""The processes that an instance consists of, as command lines. This module and those it imports stay small: the
supervisor lives on them."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

import click

ROOT = Path(__file__).parent.parent.parent


def tracker(instance: Path | None, *words: object) -> list[str]:
    """`tracker --instance … words`, in this Python."""
    chosen = ["--instance", str(instance)] if instance else []
    return [sys.executable, "-m", "tracker.cli", *chosen, *map(str, words)]


def celery(instance: Path | None, part: str, **options: int | None) -> list[str]:
    """The worker or beat; a module of its own, since only worker/ may import Celery."""
    chosen = [f"--instance={instance}"] if instance else []
    chosen += [f"--{name}={value}" for name, value in options.items() if value is not None]
    return [sys.executable, "-m", "worker", *chosen, part]


def become(part: str, **options: int | None) -> NoReturn:
    """Turn this process into the worker or beat."""
    command = celery(click.get_current_context().find_root().obj, part, **options)
    os.chdir(ROOT)  # where the module `worker` is found
    os.execv(command[0], command)  # noqa: S606 - our own program, no shell wanted
