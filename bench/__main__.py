"""`make bench`: run the scripts in bench/, write their answers into docs/benchmarks.md, fail when a limit is broken."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from pathlib import Path

from bench.room import machine
from bench.room.answer import Answer, with_section
from tracker import clock

HERE = Path(__file__).parent
DOCUMENT = HERE.parent / "docs" / "benchmarks.md"


def names() -> list[str]:
    """Every script: the modules of this folder."""
    return sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_"))


def main() -> int:
    """Exit status 0 when every ratio is within its limit, 1 when one is not."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "only", nargs="*", choices=[*names(), []], metavar="NAME", help="scripts to run; all by default"
    )
    parser.add_argument(
        "--quick", action="store_true", help="tiny worlds and few rounds, to see that all works; writes nothing"
    )
    wanted = parser.parse_args()
    is_good = True
    for name in wanted.only or names():
        began, load = time.monotonic(), machine.load()
        answer: Answer = importlib.import_module(f"bench.{name}").run(quick=wanted.quick)
        section = answer.markdown(name, on=clock.now().date(), machine=machine.description(), load=load)
        print(f"{section}\n{name}: {time.monotonic() - began:.0f} s\n", flush=True)
        if not wanted.quick:
            before = DOCUMENT.read_text() if DOCUMENT.exists() else ""
            DOCUMENT.write_text(with_section(before, name, section, names()))
        is_good = is_good and (wanted.quick or answer.is_good)
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
