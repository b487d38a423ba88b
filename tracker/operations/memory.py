"""How much memory an instance uses: each process's proportional share (PSS), so that what they share counts once."""

from __future__ import annotations

import re
from pathlib import Path

PROC = Path("/proc")


def of_tree(root: int) -> dict[int, int] | None:
    """Bytes of each process from ``root`` downwards; None where the system does not tell (only Linux does)."""
    if not (PROC / "self" / "smaps_rollup").exists():
        return None
    return {pid: share for pid in tree(root) if (share := _share(pid)) is not None}


def tree(root: int) -> list[int]:
    """The process and all its descendants."""
    children: dict[int, list[int]] = {}
    for status in PROC.glob("[0-9]*/stat"):
        try:
            # The name, in parentheses, may itself have spaces and parentheses; the parent is the second field after it.
            parent = int(status.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended meanwhile
        children.setdefault(parent, []).append(int(status.parent.name))
    found = [root]
    for pid in found:
        found.extend(children.get(pid, []))
    return found


def _share(pid: int) -> int | None:
    try:
        text = (PROC / str(pid) / "smaps_rollup").read_text()
    except OSError:
        return None
    match = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
    return int(match[1]) * 1024 if match else None
