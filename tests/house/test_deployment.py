"""What people install from, checked as far as it can be without an engine, a service manager or a host of our own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest
import yaml

from tests.house.laws import ROOT
from tests.support.certificates import Authority
from tests.support.dockerfile import final, ignored, instructions
from tests.support.processes import free_port
from tracker.backup_config import FROM_FILES
from tracker.cli import main
from tracker.config import VARIABLES, Config
from tracker.mail.last_words import LAST_WORDS_SECONDS
from tracker.mail.sender import _STOP_SECONDS
from tracker.operations.supervisor import GRACE_SECONDS

COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("undersigned")}
UNITS = sorted((ROOT / "deploy" / "systemd").glob("undersigned*.service"))
KNOWN = set(VARIABLES) | {f"{name}_FILE" for name in FROM_FILES}


def refuse_unknown_command(words: list[str]) -> None:
    """Each word of `tracker WORDS` is a command, an option of it or an option's value."""
    command = main.get_command(click.Context(main), words[0])
    assert command is not None, f"tracker {words[0]} does not exist"
    with command.make_context(words[0], list(words[1:]), resilient_parsing=False):
        pass


def test_whoever_stops_a_worker_waits_until_it_has_handed_back() -> None:
    """Its own patience with mail servers is less than the supervisor's, and that less than Docker's and systemd's."""
    (unit,) = [one.read_text() for one in UNITS if one.name == "undersigned.service"]
    systemd = int(re.search(r"^TimeoutStopSec=(\d+)$", unit, re.M)[1])  # type: ignore[index]
    docker = int(SERVICES["worker"]["stop_grace_period"].removesuffix("s"))
    assert _STOP_SECONDS + LAST_WORDS_SECONDS + 5 < GRACE_SECONDS < min(docker, systemd)
    text = " ".join((ROOT / "docs" / "operations.md").read_text().split())
    assert f"{GRACE_SECONDS:g} seconds, Docker for {docker}, systemd for {systemd}" in text


def test_the_image_copies_what_is_there() -> None:
    """Every COPY names a file that exists and that .dockerignore lets through; secrets and instances stay out."""
    sources = {
        word for one in instructions() if one.name == "COPY" and "--from" not in one.words for word in one.parts[:-1]
    }
    assert {"tracker", "worker", "templates", "requirements.txt"} <= sources
    for source in sources:
        assert (ROOT / source).exists(), f"COPY {source}"
        assert not ignored(source), f"{source} is in .dockerignore"
    for private in ("instance", "secrets", ".git", ".venv", "tests"):
        assert ignored(private), f"{private} would go into the image"


def test_the_image_is_locked_and_unprivileged() -> None:
    """Requirements come with their hashes, the base has a plain name, and nothing runs as root."""
    for one in instructions():
        if one.name == "FROM":
            assert re.fullmatch(r"python:3\.\d+-slim( AS \w+)?", one.words)
        if one.name == "RUN" and "pip install" in one.words:
            assert "--require-hashes" in one.words or one.words.endswith("--no-deps --no-build-isolation --editable .")
    names = [one.name for one in final()]
    (user,) = (one.words for one in final() if one.name == "USER")
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user), "a number, so that an engine can see that it is not root"
    assert "RUN" not in names[names.index("USER") :]
    assert all(service["user"] == user for service in OURS.values())


def test_the_image_starts_commands_that_exist() -> None:
    """Entry point, default command and health check are words of `tracker`; its variables are known."""
    of = {one.name: one for one in final()}
    assert of["ENTRYPOINT"].parts == ["tracker"]
    refuse_unknown_command(of["CMD"].parts)
    refuse_unknown_command(of["HEALTHCHECK"].words.partition("CMD ")[2].strip("[]").replace('"', "").split(", ")[1:])
    for one in final():
        if one.name == "ENV":
            name = one.words.partition("=")[0]
            assert name in KNOWN or name.startswith("PYTHON") or name == "PATH"


def test_compose_starts_commands_and_variables_that_exist() -> None:
    """Each of our services runs a command, is asked for its health by one, and is given variables that Config reads."""
    assert set(OURS) == {"upgrade", "web", "worker", "beat"}
    for name, service in OURS.items():
        refuse_unknown_command([str(word) for word in service["command"]])
        assert set(service["environment"]) <= KNOWN
        health = service["healthcheck"]
        if name == "upgrade":
            assert health == {"disable": True}
        else:
            assert health["test"][:2] == ["CMD", "tracker"]
            refuse_unknown_command(health["test"][2:])
            assert health["test"][-1] == name


def test_compose_is_closed() -> None:
    """Every container: not root, read-only, no capabilities, limits, a health check; only the pages are published, on
    the loopback; the database and the broker have no way out."""
    for name, service in SERVICES.items():
        assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", service["user"]), name
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert set(service["deploy"]["resources"]["limits"]) == {"memory", "cpus"}, name
        assert "healthcheck" in service, name
        assert service["restart"] == ("no" if name == "upgrade" else "unless-stopped"), name
        assert service.get("ports", []) == (["127.0.0.1:8000:8000"] if name == "web" else []), name
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert SERVICES["database"]["networks"] == SERVICES["valkey"]["networks"] == ["inside"]


def test_compose_fits_together() -> None:
    """Secrets, volumes, networks, mounted files and services that are named are declared, and the other way round."""
    for kind in ("volumes", "secrets", "networks"):
        used = {
            str(item).partition(":")[0]
            for service in SERVICES.values()
            for item in service.get(kind, [])
            if not str(item).startswith(".")
        }
        assert used == set(COMPOSE[kind]), kind
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            if volume.startswith("./"):
                assert os.access(ROOT / volume.partition(":")[0], os.X_OK)
        for name in service.get("depends_on", {}):
            assert name in SERVICES
        for name, value in service.get("environment", {}).items():
            if name.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in service["secrets"], name


def test_compose_is_read_by_the_tool() -> None:
    """Where docker compose is there, it reads the file without a complaint (no engine is needed for that)."""
    for command in (["docker", "compose"], ["docker-compose"]):
        if shutil.which(command[0]) and not subprocess.run([*command, "version"], capture_output=True).returncode:
            break
    else:
        pytest.skip("NO COMPOSE: compose.yaml was read by our own tests alone")
    environ = {**os.environ, "PUBLIC_BASE_URL": "https://campaigns.example.org", "MAIL_FROM": "c@example.org"}
    done = subprocess.run([*command, "config", "--quiet"], cwd=ROOT, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    del environ["PUBLIC_BASE_URL"]
    done = subprocess.run([*command, "config", "--quiet"], cwd=ROOT, env=environ, capture_output=True, text=True)
    assert "the https address that people type" in done.stderr


def test_the_secrets_that_are_made_fit(tmp_path: Path) -> None:
    """`make secrets` makes every secret that compose.yaml names, once; with them Config is content in production."""
    script = ROOT / "deploy" / "compose" / "secrets.sh"
    folder = tmp_path / "secrets"
    subprocess.run([script, folder], check=True, capture_output=True)
    assert {path.name for path in folder.iterdir()} == set(COMPOSE["secrets"])
    assert folder.stat().st_mode & 0o777 == 0o700
    environ = {
        name: str(value).replace("/run/secrets", str(folder)) for name, value in OURS["web"]["environment"].items()
    }
    environ |= {"PUBLIC_BASE_URL": "https://c.example.org", "MAIL_FROM": "c@example.org"}
    config = Config.from_environ({**environ, "TRACKER_INSTANCE": str(tmp_path / "instance")})
    assert config.database_url.endswith("@database/undersigned")
    assert (folder / "postgres_password").read_text().strip() in config.key_database_url
    again = subprocess.run([script, folder], capture_output=True, text=True)
    assert again.returncode == 1
    assert "is there already" in again.stderr


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_units_start_commands_that_exist(unit: Path) -> None:
    """Each unit runs a command as a user of its own, with variables that Config reads and secrets that it is given."""
    text = unit.read_text()
    (start,) = re.findall(r"^ExecStart=/opt/undersigned/\.venv/bin/tracker (.*)$", text, re.MULTILINE)
    refuse_unknown_command(start.split())
    assert "User=undersigned" in text
    given = dict(re.findall(r"([A-Z_]+)=(\S+)", "\n".join(re.findall(r"^Environment=(.*)$", text, re.MULTILINE))))
    assert set(given) <= KNOWN
    loaded = re.findall(r"^LoadCredential=(\w+):", text, re.MULTILINE)
    assert {value for value in given.values() if value.startswith("%d/")} == {f"%d/{name}" for name in loaded}
    example = (ROOT / "deploy" / "systemd" / "environment").read_text()
    assert set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE)) <= KNOWN


def test_units_are_read_by_systemd(tmp_path: Path) -> None:
    """Where systemd is there, it finds nothing to complain about but that nothing is installed here."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("NO SYSTEMD: the units were read by our own tests alone")
    for unit in (ROOT / "deploy" / "systemd").glob("undersigned*"):
        text = re.sub(r"^(ExecStart=)\S+", r"\1/bin/true", unit.read_text(), flags=re.MULTILINE)
        (tmp_path / unit.name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", *sorted(map(str, tmp_path.iterdir()))], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_nginx_reads_its_file(tmp_path: Path) -> None:
    """Where nginx is there, it accepts deploy/nginx.conf with a certificate in the place of certbot's."""
    if not (nginx := shutil.which("nginx") or shutil.which("/usr/sbin/nginx")):
        pytest.skip("NO NGINX: deploy/nginx.conf was not read by it")
    name = "campaigns.example.org"
    Authority(tmp_path).server(name)
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    text = re.sub(rf"/etc/letsencrypt/live/{name}/\w+\.pem", str(tmp_path / f"{name}.pem"), text)
    for old, new in (("listen 80;", free_port()), ("listen 443 ssl", free_port())):
        text = text.replace(old, re.sub(r"\d+", str(new), old))
    text = re.sub(r"^ +listen \[::\].*\n", "", text, flags=re.MULTILINE).replace("/var/log/nginx", str(tmp_path))
    (tmp_path / "site.conf").write_text(text)
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/main.log; events {{}} http {{ access_log off; include site.conf; }}"
    )
    done = subprocess.run([nginx, "-t", "-p", tmp_path, "-c", tmp_path / "nginx.conf"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "X-Forwarded-For $remote_addr" in text


def test_caddy_reads_its_file() -> None:
    """Where Caddy is there, it accepts deploy/Caddyfile."""
    if not shutil.which("caddy"):
        pytest.skip("NO CADDY: deploy/Caddyfile was not read by it")
    done = subprocess.run(["caddy", "adapt", "--config", ROOT / "deploy" / "Caddyfile"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "127.0.0.1:8000" in done.stdout
