"""Everything the environment decides, read once and frozen. Nothing else reads the environment.

The table in README.md names every variable; a test keeps the two alike.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

from tracker.backup_config import Backups as Backups
from tracker.backup_config import read_backups, with_files
from tracker.durations import Durations as Durations
from tracker.file_limits import FileLimits as FileLimits
from tracker.mail_config import Mail as Mail
from tracker.mail_config import read_mail, words_of

VARIABLES = {
    "TRACKER_INSTANCE": "folder for database, secrets, mail and logs of this instance",
    "TRACKER_ENV": "development or production",
    "DATABASE_URL": "postgresql+psycopg://… ; SQLite in the instance folder when unset",
    "KEY_DATABASE_URL": "the store of campaign keys, apart from the database; SQLite in the instance folder when unset",
    "REDIS_URL": "redis://… ; a private Valkey in the instance folder when unset",
    "MAIL_URL": "smtp://, smtps:// (user, password, ?starttls=required), mailgun+https:// (key, domain) or folder:PATH",
    "MAIL_FROM": "the sender's address, with a name if you like",
    "MAIL_ALLOW": "who may receive mail: addresses, domains or *, separated by commas",
    "MAIL_CONNECTIONS": "connections to the mail server at once, for each worker (4)",
    "MAIL_RATE": "mails a second, all workers together (10); 0 for no limit",
    "MAIL_RATE_PER_DOMAIN": "mails a second to one domain (5); 0 for no limit",
    "MAIL_UNKNOWN": "a mail of which nobody knows whether it was taken: resend (once, marked), or hold it for a person",
    "MAIL_BOUNCE": "the address to which bounces go, such as bounces@example.org; each mail adds its own +mark",
    "BOUNCE_SECRET": "what a mail service says to /hooks/bounce; at least 32 characters",
    "DKIM_KEY": "the private key that signs mails: a file, or the PEM itself",
    "DKIM_SELECTOR": "the selector under which the public key stands in the DNS",
    "PUBLIC_BASE_URL": "the address that people type and that mails link to",
    "TRUSTED_HOSTS": "host names this server answers to, separated by commas",
    "BEHIND_PROXY": "1 when one reverse proxy stands in front and sets X-Forwarded-For and -Proto",
    "SECRET_KEY": "signs cookies and links; at least 32 characters",
    "SECRET_KEY_FALLBACKS": "earlier SECRET_KEYs, separated by commas",
    "DATA_KEY": "32 random bytes in base64, or a list of them: the first seals, all open",
    "SECOND_FACTOR": "required (for administrators, contact data, exports) or offered, for a first look",
    "PORT": "the web server's port",
    "METRICS_PORT": "a port on this machine for Prometheus; none when unset",
    "BACKUP_DIR": "folder of the nightly backups",
    "BACKUP_KEYS_DIR": "folder of the copies of the campaigns' keys that belong to them",
    "BACKUP_KEEP": "how many nightly backups stay; 0 for none",
    "BACKUP_PASSPHRASE_FILE": "a file whose words encrypt every backup",
}


class ConfigError(Exception):
    """The environment cannot be used; `problems` says in words what to mend, all at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Config:
    """One instance's settings. Build with `from_environ`; change for a test with `dataclasses.replace`."""

    instance: Path
    environment: str
    database_url: str = field(repr=False)
    key_database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)  # None: the embedded Valkey
    mail: Mail
    public_base_url: str
    trusted_hosts: tuple[str, ...]
    behind_proxy: bool
    port: int
    metrics_port: int | None
    backups: Backups
    secret_key: str = field(repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(repr=False, default=())
    data_keys: tuple[bytes, ...] = field(repr=False, default=())
    requires_factor: bool = True
    durations: Durations = field(default_factory=Durations)
    files: FileLimits = field(default_factory=FileLimits)
    testing: bool = False

    @property
    def is_https(self) -> bool:
        return self.public_base_url.startswith("https://")

    @property
    def valkey_socket(self) -> Path:
        """The embedded Valkey's socket, in the instance folder, whose path must therefore be short."""
        return self.instance / "valkey" / "valkey.sock"

    @property
    def broker_url(self) -> str:
        """Redis as Celery, Flask-Limiter and redis-py all read it."""
        return self.redis_url or f"redis+socket://{self.valkey_socket}"

    @classmethod
    def from_environ(cls, environ: Mapping[str, str]) -> Config:
        """Read the environment; make the secrets of a development instance on the first run.

        Raises ConfigError that names every missing or bad variable at once.
        """
        problems: list[str] = []
        environ = with_files(environ, problems)
        environment = environ.get("TRACKER_ENV", "development")
        if environment not in ("development", "production"):
            problems.append(f"TRACKER_ENV is {environment!r}; it must be development or production.")
        production = environment == "production"
        instance = Path(environ.get("TRACKER_INSTANCE", "instance")).absolute()
        try:
            instance.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not os.access(instance, os.W_OK):
                raise PermissionError
        except OSError:
            raise ConfigError(
                [f"The folder {instance} cannot be written; make it writable or set TRACKER_INSTANCE to another."]
            ) from None

        port = _port(environ, problems)
        base = environ.get("PUBLIC_BASE_URL", "").rstrip("/") or (f"http://127.0.0.1:{port}" if not production else "")
        if production and not base.startswith("https://"):
            problems.append("PUBLIC_BASE_URL must be set and begin with https:// in production.")
        elif base and urlsplit(base).scheme not in ("http", "https"):
            problems.append("PUBLIC_BASE_URL must begin with http:// or https://.")
        hosts = words_of(environ.get("TRUSTED_HOSTS", ""))
        if not hosts:
            hosts = tuple(dict.fromkeys(filter(None, (urlsplit(base).hostname, "127.0.0.1", "localhost"))))
        elif (own := urlsplit(base).hostname) and own not in hosts:
            hosts = (*hosts, own)

        database = environ.get("DATABASE_URL", "") or f"sqlite:///{instance / 'tracker.db'}"
        keys = environ.get("KEY_DATABASE_URL", "") or f"sqlite:///{instance / 'keys.db'}"
        for name, url in (("DATABASE_URL", database), ("KEY_DATABASE_URL", keys)):
            if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
                problems.append(f"{name} must begin with postgresql+psycopg:// (or sqlite:///).")
        redis = environ.get("REDIS_URL") or None
        if redis and urlsplit(redis).scheme not in ("redis", "rediss", "unix", "redis+socket"):
            problems.append("REDIS_URL must begin with redis:// or rediss://.")

        metrics_port = _metrics_port(environ, port, problems)
        mail = read_mail(environ, instance, production, problems)
        backups = read_backups(environ, instance, problems)
        secret = _secret(environ, "SECRET_KEY", instance, production, problems)
        factor = environ.get("SECOND_FACTOR", "") or "required"
        if factor not in ("required", "offered"):
            problems.append(f"SECOND_FACTOR is {factor!r}; it must be required or offered.")
        elif factor == "offered" and production:
            problems.append("SECOND_FACTOR must be required in production; offered is for a first look.")
        data_keys = _data_keys(_secret(environ, "DATA_KEY", instance, production, problems), problems)
        if problems:
            raise ConfigError(problems)
        return cls(
            instance=instance,
            environment=environment,
            database_url=database,
            key_database_url=keys,
            redis_url=redis,
            mail=mail,
            public_base_url=base,
            trusted_hosts=hosts,
            behind_proxy=environ.get("BEHIND_PROXY", "") == "1",
            port=port,
            metrics_port=metrics_port,
            backups=backups,
            secret_key=secret,
            secret_key_fallbacks=words_of(environ.get("SECRET_KEY_FALLBACKS", "")),
            data_keys=data_keys,
            requires_factor=factor == "required",
        )

    def at(self, *, port: int) -> Config:
        """The same instance on another port; the address people type follows unless one was set."""
        base = self.public_base_url
        if base == f"http://127.0.0.1:{self.port}":
            base = f"http://127.0.0.1:{port}"
        return replace(self, port=port, public_base_url=base)


def from_process(*, instance: Path | None = None) -> Config:
    """The configuration of this process: its environment, with another instance folder if one is given."""
    chosen = {"TRACKER_INSTANCE": str(instance)} if instance else {}
    return Config.from_environ({**os.environ, **chosen})


def _port(environ: Mapping[str, str], problems: list[str]) -> int:
    value = environ.get("PORT", "8000")
    if value.isdigit() and 0 < int(value) < 65536:
        return int(value)
    problems.append(f"PORT is {value!r}; it must be a number from 1 to 65535.")
    return 8000


def _metrics_port(environ: Mapping[str, str], port: int, problems: list[str]) -> int | None:
    value = environ.get("METRICS_PORT", "")
    if not value:
        return None
    if value.isdigit() and 0 < int(value) < 65536 and int(value) != port:
        return int(value)
    problems.append(f"METRICS_PORT is {value!r}; it must be a number from 1 to 65535, and not that of PORT.")
    return None


def _secret(environ: Mapping[str, str], name: str, instance: Path, production: bool, problems: list[str]) -> str:
    value = environ.get(name, "")
    if value:
        if name == "SECRET_KEY" and len(value) < 32:
            problems.append("SECRET_KEY must have at least 32 characters; `openssl rand -base64 32` makes one.")
        return value
    if production:
        problems.append(f"{name} must be set in production; `openssl rand -base64 32` makes one.")
        return ""
    path = instance / name.lower()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        made = base64.b64encode(secrets.token_bytes(32)).decode()
        file.write(made + "\n")
    return made


def _data_keys(value: str, problems: list[str]) -> tuple[bytes, ...]:
    keys = []
    for part in words_of(value):
        try:
            key = base64.b64decode(part, validate=True)
        except ValueError:
            key = b""
        if len(key) != 32:
            problems.append("DATA_KEY must be 32 random bytes in base64 (or several, separated by commas).")
            return ()
        keys.append(key)
    return tuple(keys)
