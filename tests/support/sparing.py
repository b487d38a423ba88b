"""What the tests of a process share, since doing it anew for each would take longer than most of them."""

import gc
import os
import shutil
import sys
import tempfile
from pathlib import Path

from hypothesis import settings
from jinja2 import FileSystemBytecodeCache

from tests.support.routes import remember_compiled_routes
from tests.support.statements import remember_compiled_statements

ENOUGH = 6 * 2**30  # bytes: the largest files that tests write, for a few workers


def spare() -> None:
    """Write into memory, compile modules, routes and statements once, look for cycles seldom, and draw nothing anew in
    CI.

    Looking for them after every 700 new objects, as Python does, takes an eighth of all processor time.
    """
    _write_into_memory()
    _keep_compiled_modules()
    remember_compiled_routes()
    remember_compiled_statements()
    gc.set_threshold(50_000, 20, 20)
    # CI draws the same examples each time: a new one is found by somebody who can look into it, not by whoever lands.
    settings.register_profile("ci", derandomize=True)
    if os.environ.get("CI"):
        settings.load_profile("ci")


def keep_for_good() -> None:
    """What is there now is never looked through again for cycles, as in a server that has loaded its app: an import
    tidies often, and each time would go through all modules and tests."""
    gc.collect()
    gc.freeze()


def _write_into_memory() -> None:
    """Databases, instances and servers of tests are folders in the memory of a Linux that has enough of it.

    PostgreSQL copies databases for tests, which costs a tenth of what it costs on a disk.
    """
    memory = Path("/dev/shm")
    if "TMPDIR" in os.environ or not memory.is_dir():
        return
    if shutil.disk_usage(memory).free > ENOUGH and not os.statvfs(memory).f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"], tempfile.tempdir = str(memory), None


def _keep_compiled_modules() -> None:
    """Modules are compiled once, not by each of the hundreds of processes that tests start, whatever the environment
    says: a `tracker` command takes a third less, the workers of a run half of what they took to find the tests."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False


class Kept:
    """Compiled templates and the static files under their hashed names, from the first app that needed them."""

    def __init__(self, folder: Path) -> None:
        self.assets = folder / "assets"
        self.assets.mkdir()
        (folder / "templates").mkdir()
        self.templates = FileSystemBytecodeCache(str(folder / "templates"))
