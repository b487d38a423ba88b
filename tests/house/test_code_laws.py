"""The laws of docs and design that a tool can check in the code; each message says what to do instead."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

from tests.house.laws import ROOT, attributes, kept_files, parsed, python_files, shown

# Who may commit beside transaction(), and why.
COMMITS = {
    "tracker/db.py": "transaction() itself",
    "tracker/mail/sender.py": "three short transactions with SMTP between them",
    "tracker/migrations/env.py": "Alembic's own transactions",
}
CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"}
ENVIRONMENT = {"os.environ", "os.getenv", "os.putenv"}
LONGEST_FILE = 300

# Where packages come from, and where this was written, is nobody's business and true of one machine only.
OPTIONS = ("--index-url", "--extra-index-url", "--find-links", "file:///")
SPEAKING_OF_IT = {"Makefile", "tests/house/test_code_laws.py"}  # the options that leave addresses out, and this list


def test_one_door_to_a_commit() -> None:
    """Only transaction() commits; services never do."""
    found = {
        f"{shown(path)}:{line}"
        for path in python_files("tracker", "worker")
        if shown(path) not in COMMITS
        for name, line in attributes(path)
        if name.endswith(".commit")
    }
    assert not found, f"open `with transaction():` at the edge instead: {sorted(found)}"


def test_one_clock() -> None:
    """Only tracker/clock.py looks at the wall clock."""
    found = {
        f"{shown(path)}:{line} {name}"
        for path in python_files("tracker", "worker")
        if shown(path) != "tracker/clock.py"
        for name, line in attributes(path)
        if name in CLOCKS or name == "dt.now"
    }
    assert not found, f"take `now` from the edge, which calls clock.now() once: {sorted(found)}"


def test_one_reader_of_the_environment() -> None:
    """Only tracker/config.py reads the environment."""
    found = {
        f"{shown(path)}:{line}"
        for path in python_files("tracker", "worker")
        if shown(path) != "tracker/config.py"
        for name, line in attributes(path)
        if name in ENVIRONMENT
    }
    assert not found, f"add a field to Config instead: {sorted(found)}"


def test_small_rooms() -> None:
    """No file of ours grows beyond what one can read in a sitting."""
    long = {
        shown(path): lines
        for path in python_files("tracker", "worker", "tests")
        if (lines := path.read_text().count("\n")) > LONGEST_FILE
    }
    assert not long, f"split by what the parts serve: {long}"


def test_no_address_of_a_registry_or_of_a_machine() -> None:
    """No committed file tells where packages were fetched or on which machine this was written."""
    addresses = re.compile("|".join(map(re.escape, [*OPTIONS, f"{ROOT}/", f"{Path.home()}/", *registries()])))
    found = []
    for path in kept_files():
        if shown(path) in SPEAKING_OF_IT or path.suffix in {".woff2", ".png", ".ico", ".mo", ".gz", ".xlsx"}:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if match := addresses.search(line):
                found.append(f"{shown(path)}:{number} {match[0]}")
    assert not found, f"take these out: {found}"


def registries() -> list[str]:
    """The hosts that this machine's pip and npm ask, said by themselves, so that no list of them is written down."""
    usual = "from pip._internal.models.index import PyPI; print(PyPI.simple_url)"
    questions = [
        [sys.executable, "-m", "pip", "config", "get", "global.index-url"],
        [sys.executable, "-c", usual],
        ["npm", "config", "get", "registry"],
    ]
    asked = [question for question in questions if shutil.which(question[0])]
    answers = [subprocess.run(question, capture_output=True, text=True, cwd=ROOT).stdout.strip() for question in asked]
    return [host for answer in answers if (host := urlsplit(answer).hostname)]


def test_requirements_are_locked_by_hash() -> None:
    """Every locked requirement has its hashes, and the lock names no place to fetch it from."""
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        blocks = re.split(r"\n(?=\S)", text.strip())
        assert len(blocks) > 40
        for block in blocks:
            assert re.match(r"[\w.\[\]-]+==\S+", block), f"{name}: {block[:80]}"
            assert "--hash=sha256:" in block, f"{name}: {block[:80]} has no hash"
        assert "://" not in text


def test_the_lock_has_all_that_pyproject_asks_for() -> None:
    """Whoever adds a dependency runs `make lock`."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {"requirements.txt": project["dependencies"]}
    wanted["requirements-dev.txt"] = project["dependencies"] + project["optional-dependencies"]["dev"]
    for name, lines in wanted.items():
        locked = {_canonical(line.split("==")[0]) for line in (ROOT / name).read_text().splitlines() if "==" in line}
        missing = {_canonical(re.split(r"[<>=!~;\[ ]", line)[0]) for line in lines} - locked
        assert not missing, f"run `make lock`: {name} lacks {sorted(missing)}"


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.split("[")[0]).lower()


def test_every_test_begins_with_its_promise() -> None:
    """The first line of a test's docstring says in one sentence what is promised."""
    silent = [
        f"{shown(path)}:{node.lineno} {node.name}"
        for path in python_files("tests")
        if path.name.startswith("test_")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert not silent, f"say what these promise: {silent}"


def test_nothing_is_mocked() -> None:
    """Tests use the real thing or a hand-written fake; whoever needs a mock argues for it in the test's docstring."""
    found = []
    for path in python_files("tests"):
        for node in ast.walk(parsed(path)):
            names = [alias.name for alias in node.names] if isinstance(node, (ast.Import, ast.ImportFrom)) else []
            module = (node.module or "") if isinstance(node, ast.ImportFrom) else ""
            if "mock" in module or any("mock" in name for name in names):
                found.append(shown(path))
    assert not found
