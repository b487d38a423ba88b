"""The process that sets one part of a packet: `python -m tracker.deliveries.typesetting`, data in, PDF out.

Typst remembers what it set, some 100 MB for each part, for as long as its process lives; the web server would grow with
each packet that somebody prints. A process of its own gives all of it back.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TEMPLATE = Path(__file__).with_name("packet.typ")
SECONDS = 50  # less than after which the web server ends a request


class NotSet(RuntimeError):
    """Typst could not set it, or took too long. The words of the packet are in no message."""


def pdf_of(data: str) -> bytes:
    """The template with this data, JSON, as PDF. Raises NotSet."""
    try:
        # An empty environment: no secret of ours is where a stranger's words are set.
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            input=data.encode(),
            capture_output=True,
            timeout=SECONDS,
            cwd=Path(__file__).parents[2],
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotSet(f"A packet took more than {SECONDS} seconds to set.") from None
    if done.returncode:
        raise NotSet(f"Typst ended with {done.returncode}.")
    return done.stdout


def main() -> None:
    """Read, set, write."""
    import typst  # 34 MB of compiler

    data = sys.stdin.buffer.read().decode()
    sys.stdout.buffer.write(typst.compile(TEMPLATE.read_bytes(), format="pdf", sys_inputs={"data": data}))


if __name__ == "__main__":
    main()
