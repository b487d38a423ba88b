"""The machine that measured, in words that tell nothing about whose it is: no name, no address, no path."""

from __future__ import annotations

import os
import platform
import sqlite3
from pathlib import Path


def description() -> str:
    """Processor, cores, memory, system and the versions that matter."""
    parts = [
        _processor(),
        f"{os.cpu_count()} cores",
        f"{_memory():.0f} GB of memory",
        platform.system(),
        f"Python {platform.python_version()}",
        f"SQLite {sqlite3.sqlite_version}",
    ]
    return ", ".join(part for part in parts if part)


def load() -> float:
    """How many processes waited for a processor in the last minute, on average: others' work makes noise."""
    return os.getloadavg()[0]


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory() -> float:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
