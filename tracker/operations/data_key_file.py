"""The file that holds DATA_KEY where the variable is not set: a new key in front, former ones out; never half."""

from __future__ import annotations

import base64
import os
import secrets
from pathlib import Path

from tracker.config import Config
from tracker.operations.edge import Refusal
from tracker.operations.holding import hold

ELSEWHERE = (
    "DATA_KEY does not come from the instance folder. Write a new key in front of it yourself (`openssl rand -base64 "
    "32`, a comma, the former key), restart everything, and run this again."
)
RUNNING = "This instance is running, and what runs would not know the new key; stop `tracker up` first."


def add_key(config: Config) -> None:
    """Make a key and put it in front. Raises Refusal when the instance runs or keeps its key elsewhere."""
    _write(config, [base64.b64encode(secrets.token_bytes(32)).decode(), *_keys(config)])


def keep_first(config: Config) -> None:
    """Take all but the first away; refuses likewise."""
    _write(config, _keys(config)[:1])


def _keys(config: Config) -> list[str]:
    path = _path(config)
    known = [base64.b64encode(key).decode() for key in config.data_keys]
    found = path.read_text().replace(",", " ").split() if path.exists() else []
    if found != known:
        raise Refusal(ELSEWHERE)
    return found


def _write(config: Config, keys: list[str]) -> None:
    lock = hold(config.instance)
    if lock is None:
        raise Refusal(RUNNING)
    with lock:
        path = _path(config)
        partial = path.with_name(path.name + ".partial")
        partial.unlink(missing_ok=True)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(",".join(keys) + "\n")
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)


def _path(config: Config) -> Path:
    return config.instance / "data_key"
