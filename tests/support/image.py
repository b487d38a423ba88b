"""`make image-check`: does the steps of the Dockerfile in a fresh folder, then runs what they made as the image would:
as another user (when we are root), with a tree that cannot be written.

    python -m tests.support.image FOLDER

Not part of `make test`, since it installs every requirement anew. What it cannot show is the engine's own work: that
the base image can be had, and that its Python is the one we ran with.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

from tests.support.dockerfile import ROOT, final, ignored, instructions
from tests.support.processes import free_port

USER = 10001


def base() -> tuple[str, bool]:
    """A Python to begin with, and whether another user may run it (one below somebody's home is theirs alone)."""
    for path in ("/usr/local/bin/python3", "/usr/bin/python3"):
        usable = "import venv, ensurepip, sys; sys.exit(sys.version_info < (3, 11))"
        if Path(path).exists() and not subprocess.run([path, "-c", usable], stderr=subprocess.DEVNULL).returncode:
            return path, True
    return f"{sys.base_prefix}/bin/python3", False


PYTHON, FOR_ALL = base()


def build(folder: Path) -> None:
    """FROM, COPY and RUN of the first stage, its absolute paths below ``folder``."""
    where = folder
    for one in instructions():
        if one.stage != 1:
            continue
        if one.name == "WORKDIR":
            where = folder / one.words.lstrip("/")
            where.mkdir(parents=True)
        elif one.name == "COPY":
            *sources, target = one.parts
            for source in sources:
                copy(ROOT / source, where if target == "./" else where / target)
        elif one.name == "RUN":
            command = one.words
            for place in ("/opt/", "/srv/", "/tmp/build-tools"):
                command = command.replace(place, f"{folder}{place}")
            (folder / "tmp").mkdir(exist_ok=True)
            (folder / "opt").mkdir(exist_ok=True)
            command = command.replace("python -m venv", f"{PYTHON} -m venv")
            print("RUN", one.words, flush=True)
            subprocess.run(["bash", "-euc", command], cwd=where, check=True, stdout=subprocess.DEVNULL)


def copy(source: Path, target: Path) -> None:
    """What the engine would be given of a path: nothing that .dockerignore keeps out."""
    assert not ignored(source.name), f"{source.name} is in .dockerignore"
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    else:
        shutil.copy(source, target)


def close(folder: Path) -> None:
    """Nobody may write the tree; everybody may read it, as in an image."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod((mode | stat.S_IRGRP | stat.S_IROTH | (0o111 if path.is_dir() else 0)) & ~0o222)


def run(folder: Path) -> None:
    """`tracker upgrade`, `web` and `alive web` as the image would run them; no byte of the tree changes."""
    state = folder.parent / f"{folder.name}-state"
    state.mkdir(mode=0o700)
    port = free_port()
    environ = {one.words.partition("=")[0]: one.words.partition("=")[2] for one in final() if one.name == "ENV"}
    environ |= {
        "PATH": f"{folder}/opt/undersigned/bin:/usr/bin:/bin",
        "TRACKER_INSTANCE": str(state / "instance"),
        "BACKUP_DIR": str(state / "backups"),
        "PUBLIC_BASE_URL": "https://campaigns.example.org",
        "MAIL_FROM": "campaigns@example.org",
        "MAIL_URL": "smtp://mail.example.org",
        "SECRET_KEY": "x" * 44,
        "DATA_KEY": "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=",
        "PORT": str(port),
        "HOME": str(state),
    }
    as_user: dict[str, object] = {}
    if os.geteuid() == 0 and FOR_ALL:
        os.chown(state, USER, USER)
        as_user = {"user": USER, "group": USER, "extra_groups": []}

    def tracker(*words: str) -> subprocess.Popen[bytes]:
        print("tracker", *words, flush=True)
        return subprocess.Popen(
            ["tracker", *words],
            env=environ,
            cwd=folder / "srv" / "undersigned",
            executable=str(folder / "opt/undersigned/bin/tracker"),
            **as_user,  # type: ignore[call-overload]
        )

    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if not path.is_symlink()}
    assert tracker("upgrade").wait() == 0
    web = tracker("web", "--port", str(port))
    try:
        for _ in range(30):
            if tracker("alive", "web").wait() == 0:
                break
            time.sleep(1)
        else:
            sys.exit("The web server did not answer.")
    finally:
        web.terminate()
        web.wait()
    after = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if not path.is_symlink()}
    assert before == after, "the tree was written to"
    who = f"user {USER}" if as_user else "ourselves, since no other user can run a Python here"
    print(f"The image's steps work with {PYTHON} as {who}; nothing was written but {state}.")


if __name__ == "__main__":
    place = Path(sys.argv[1]).absolute() / "image"
    place.mkdir(parents=True)
    place.parent.chmod(0o755)
    build(place)
    close(place)
    run(place)
