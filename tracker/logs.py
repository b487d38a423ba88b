"""What goes into a log: when, how bad, where in the code. Never who, and never what somebody typed (safety.md, 4)."""

from __future__ import annotations

import logging
import re
import sys

ADDRESS = re.compile(r"[^\s<>\"'(),;:=]+@[^\s<>\"'(),;:=]+\.[^\s<>\"'(),;:=]+")
# PostgreSQL repeats the values that broke a constraint: "DETAIL:  Key (email)=(…) already exists."
DETAIL = re.compile(r"^(DETAIL|CONTEXT|HINT):.*$|\([^()\n]*\)=\([^\n]*\)|Failing row contains \(.*\)\.?", re.MULTILINE)
# Whoever holds the token in an address may act with it: reset, invitation, set-up, stop and signed links.
TOKEN = re.compile(r"(?<=/)[A-Za-z0-9_.-]{20,}")


class Discreet(logging.Formatter):
    """Takes addresses, values of broken constraints and tokens out of whatever is logged, tracebacks included."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's own name
        """The line; what looks like a token in an address goes (a traceback has paths of files instead)."""
        return TOKEN.sub("…", super().formatMessage(record))

    def format(self, record: logging.LogRecord) -> str:
        """The line and its traceback, without the private parts."""
        return DETAIL.sub("…", ADDRESS.sub("…@…", super().format(record)))


def configure() -> None:
    """Send warnings and worse of this process to standard error, discreetly."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Discreet())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
