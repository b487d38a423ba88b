"""The Dockerfile as instructions, for whoever has no engine: tests read them, tests/support/image.py does them."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Instruction:
    """One line of a stage."""

    stage: int
    name: str
    words: str

    @property
    def parts(self) -> list[str]:
        """The words, split as the engine does: a JSON list, or a shell's words."""
        found: list[str] = json.loads(self.words) if self.words.startswith("[") else shlex.split(self.words)
        return found


def instructions(path: Path = ROOT / "Dockerfile") -> list[Instruction]:
    """What the Dockerfile says, in order; the stages are numbered from 1."""
    found, stage = [], 0
    for line in path.read_text().replace("\\\n", " ").splitlines():
        if line and not line.startswith("#"):
            name, _, words = line.partition(" ")
            stage += name == "FROM"
            found.append(Instruction(stage, name, words.strip()))
    return found


def final() -> list[Instruction]:
    """The stage that becomes the image."""
    found = instructions()
    return [one for one in found if one.stage == found[-1].stage]


def ignored(name: str, path: Path = ROOT / ".dockerignore") -> bool:
    """Whether a path of the top folder is kept from the engine: the last line that fits decides."""
    out = False
    for line in path.read_text().splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#") and Path(name).match(pattern.removeprefix("!")):
            out = not pattern.startswith("!")
    return out
