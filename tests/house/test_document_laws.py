"""What is written for people stays true."""

from __future__ import annotations

import re
import subprocess
from dataclasses import fields
from datetime import timedelta

from click.testing import CliRunner

from tests.house.laws import ROOT
from tracker.backup_config import FROM_FILES
from tracker.cli import HERE, Commands, main
from tracker.config import VARIABLES, Durations

README = (ROOT / "README.md").read_text()
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
CONFIGURATION = ("config.py", "mail_config.py", "backup_config.py")
SERVER = (ROOT / "docs" / "server.md").read_text()


def test_the_table_of_settings_is_complete() -> None:
    """README's table names exactly the variables that Config reads, in its order."""
    assert re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE) == list(VARIABLES)


def test_config_reads_no_other_variable() -> None:
    """No variable is read that is not in the table."""
    source = "".join((ROOT / "tracker" / name).read_text() for name in CONFIGURATION)
    read = set(re.findall(r"environ(?:\.get\(|\[)\"([A-Z_]+)\"|_(?:secret|number)\(environ, \"([A-Z_]+)\"", source))
    assert {name for pair in read for name in pair if name} == set(VARIABLES)


def test_secrets_may_come_from_files() -> None:
    """What may be given as NAME_FILE is in the table itself, and README names each."""
    assert set(FROM_FILES) <= set(VARIABLES)
    assert set(re.findall(r"`([A-Z_]+)_FILE`", README)) - {"BACKUP_PASSPHRASE"} == set(FROM_FILES)


def worded(value: object) -> str:
    """A duration, a ladder of them or a number, as the table has it."""
    if isinstance(value, tuple):
        return ", ".join(worded(part) for part in value)
    if not isinstance(value, timedelta):
        return str(value)
    if value < timedelta(seconds=1):
        return f"{value // timedelta(milliseconds=1)} milliseconds"
    seconds = int(value.total_seconds())
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if seconds % size == 0:
            return f"{seconds // size} {word}" + ("s" if seconds != size else "")
    raise ValueError(value)


def test_the_table_of_durations_is_right() -> None:
    """docs/operations.md has every duration with its present value."""
    said = {name: value for value, name in re.findall(r"^\| [^|]+ \| ([^|]+) \| `(\w+)` \|", OPERATIONS, re.MULTILINE)}
    assert said == {field.name: worded(getattr(Durations(), field.name)) for field in fields(Durations)}


def test_every_command_that_is_named_exists() -> None:
    """README and the guides name no `tracker` command that is not there, and every public one is named."""
    assert isinstance(main, Commands)
    named = set(re.findall(r"\btracker (?:--instance \S+ )?([a-z]+)\b", OPERATIONS + SERVER + README)) - {"for"}
    there = {
        name for name in (path.stem for path in HERE.glob("*.py")) if "\n@click." in (HERE / f"{name}.py").read_text()
    }
    hidden = {"prepare"}
    assert named <= there, f"named but not there: {sorted(named - there)}"
    assert there - hidden <= named, f"there but not named: {sorted(there - hidden - named)}"


def test_the_guide_to_a_server_names_what_is_there() -> None:
    """Each file of deploy/ is in docs/server.md or part of what it copies; variables and options it names are known."""
    for path in sorted((ROOT / "deploy").rglob("*")):
        if path.is_file():
            name = str(path.relative_to(ROOT))
            assert name in SERVER or name.startswith(("deploy/systemd/undersigned", "deploy/compose/")), name
    for name in set(re.findall(r"\bdeploy/[\w./-]+\w", SERVER)):
        assert (ROOT / name).exists() or name == "deploy/systemd/undersigned", name
    known = {*VARIABLES, *(f"{name}_FILE" for name in FROM_FILES)}
    assert set(re.findall(r"\b([A-Z]+(?:_[A-Z]+)+)\b", SERVER)) <= known
    for words in re.findall(r"tracker (?:--instance \S+ )?([a-z]+ --[a-z-]+)", SERVER):
        command, option = words.split()
        shown = CliRunner().invoke(main, [command, "--help"]).output
        assert option in shown, words


def test_every_command_explains_itself() -> None:
    """`tracker --help` and each command's help end with status 0 and say something."""
    runner = CliRunner()
    listed = runner.invoke(main, ["--help"])
    assert listed.exit_code == 0
    for name in [
        "alive",
        "backup",
        "beat",
        "doctor",
        "migrate",
        "restore",
        "sending",
        "up",
        "upgrade",
        "user",
        "web",
        "worker",
    ]:
        assert f"  {name} " in listed.output
        shown = runner.invoke(main, [name, "--help"])
        assert shown.exit_code == 0
        assert len(shown.output.splitlines()) > 4


def test_links_between_documents_lead_somewhere() -> None:
    """Each relative link in README and docs has its file and its heading."""
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        for target in re.findall(r"\]\(([^)#:]*)(?:#([^)]*))?\)", path.read_text()):
            file = (path.parent / target[0]).resolve() if target[0] else path
            assert file.exists(), f"{path.name} links to {target[0]}"
            if target[1]:
                headings = re.findall(r"^#+ (.*)$", file.read_text(), re.MULTILINE)
                slugs = {re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings}
                assert target[1] in slugs, f"{path.name} links to {target[0]}#{target[1]}"


def test_make_help_lists_every_target_for_people() -> None:
    """`make help` names each target with what it does; those that README and CI call are among them."""
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    listed = {line.split()[0]: line.split(maxsplit=1)[1] for line in done.stdout.splitlines()}
    assert {"help", "run", "test", "check", "lock", "messages", "migration"} <= listed.keys()
    for text in (README, SERVER, (ROOT / ".ci" / "run").read_text()):
        for target in re.findall(r"\bmake ([a-z]+)\b", text):
            assert target in listed or target in {"its"}, f"make {target} is written about"


def test_the_table_of_benchmarks_is_complete() -> None:
    """bench/README.md names every script, in their order."""
    scripts = sorted(path.name for path in (ROOT / "bench").glob("*.py") if not path.name.startswith("_"))
    table = (ROOT / "bench" / "README.md").read_text()
    assert re.findall(r"^\| `(\w+\.py)` \| [A-Z]", table, re.MULTILINE) == scripts


def test_ci_runs_what_people_run() -> None:
    """.ci/run is `make test`, and nothing that only CI can do."""
    lines = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[-1] == "exec make test"


def test_each_decision_has_a_number_of_its_own() -> None:
    """docs/adr/NNN-title.md: no number twice, and the heading says the same one."""
    files = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [int(path.name[:3]) for path in files]
    assert numbers == list(range(1, len(files) + 1)), f"number them on: {[path.name for path in files]}"
    for number, path in zip(numbers, files, strict=True):
        assert path.read_text().startswith(f"# {number}."), path.name
