"""The only wall clock. An edge (view, task, command) calls `now()` once and passes `now=` down."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """The present moment, aware, in UTC."""
    return dt.datetime.now(dt.UTC)
