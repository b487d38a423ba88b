"""Everything the environment decides, read once and frozen. Nothing else reads the environment.

The table in README.md names every variable; a test keeps the two alike.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

VARIABLES = {
    "TRACKER_INSTANCE": "folder for database, secrets, mail and logs of this instance",
    "TRACKER_ENV": "development or production",
    "DATABASE_URL": "postgresql+psycopg://… ; SQLite in the instance folder when unset",
    "KEY_DATABASE_URL": "the store of campaign keys, apart from the database; SQLite in the instance folder when unset",
    "REDIS_URL": "redis://… ; a private Valkey in the instance folder when unset",
    "MAIL_URL": "smtp://, smtps:// (user, password, ?starttls=required) or folder:PATH",
    "MAIL_FROM": "the sender's address, with a name if you like",
    "MAIL_ALLOW": "who may receive mail: addresses, domains or *, separated by commas",
    "MAIL_CONNECTIONS": "connections to the mail server at once, for each worker (4)",
    "MAIL_RATE": "mails a second, all workers together (10); 0 for no limit",
    "MAIL_RATE_PER_DOMAIN": "mails a second to one domain (5); 0 for no limit",
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
    "PORT": "the web server's port",
}


class ConfigError(Exception):
    """The environment cannot be used; `problems` says in words what to mend, all at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Durations:
    """Ladders, leases, holds and limits. Tests scale them; people read them in docs/operations.md."""

    sign_in_idle: timedelta = timedelta(minutes=30)
    sign_in_absolute: timedelta = timedelta(hours=12)
    last_seen_precision: timedelta = timedelta(minutes=1)
    # Wrong passwords for one account: so many free, then waits of 2, 4, 8 … seconds, never longer than this.
    free_tries: int = 5
    longest_wait: timedelta = timedelta(minutes=15)
    setup_link: timedelta = timedelta(days=1)
    invitation: timedelta = timedelta(days=7)
    sign_in_link: timedelta = timedelta(minutes=15)
    password_reset: timedelta = timedelta(minutes=30)
    # Outbox (reliability.md, section 1): the lease outlives every time-out before DATA; the second
    # one the wait after the dot.
    claim_lease: timedelta = timedelta(seconds=180)
    transmit_lease: timedelta = timedelta(seconds=900)
    unknown_hold: timedelta = timedelta(minutes=30)
    retry_ladder: tuple[timedelta, ...] = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240))
    retry_every: timedelta = timedelta(hours=1)
    retry_until: timedelta = timedelta(hours=24)
    # How long a form that was sent is known again when it is sent once more.
    saved_form_kept: timedelta = timedelta(days=1)
    settled_mail_kept: timedelta = timedelta(days=7)
    smtp_connect: timedelta = timedelta(seconds=10)
    smtp_command: timedelta = timedelta(seconds=60)
    smtp_reply: timedelta = timedelta(seconds=600)
    # A server that takes longer over its last word holds up no other mail (tracker/mail/lanes.py).
    park_after: timedelta = timedelta(seconds=10)
    # Bounces that may be passing count, at most one a day; so many within this time end the writing (mail/bounces.py).
    bounce_memory: timedelta = timedelta(days=30)
    bounce_limit: int = 5
    missed_periods: timedelta = timedelta(days=7)
    sweep_every: timedelta = timedelta(seconds=60)
    quiet_after: timedelta = timedelta(days=60)
    due_soon: timedelta = timedelta(days=14)
    digest_horizon: timedelta = timedelta(days=30)
    heartbeat_every: timedelta = timedelta(seconds=30)


@dataclass(frozen=True)
class Mail:
    """Where mail goes and whom it may reach."""

    scheme: str  # folder, smtp or smtps
    folder: Path | None = None
    host: str = ""
    port: int = 0
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    starttls: str = "opportunistic"  # opportunistic, required or never
    sender: str = "Undersigned <undersigned@localhost>"
    allow: tuple[str, ...] = ()
    connections: int = 4
    rate: int = 0  # a second; 0: no limit
    rate_per_domain: int = 0
    bounce: str = ""
    bounce_secret: str = field(default="", repr=False)
    dkim_key: bytes = field(default=b"", repr=False)
    dkim_selector: str = ""

    @property
    def is_folder(self) -> bool:
        return self.scheme == "folder"


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
    secret_key: str = field(repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(repr=False, default=())
    data_keys: tuple[bytes, ...] = field(repr=False, default=())
    durations: Durations = field(default_factory=Durations)
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
        hosts = _list(environ.get("TRUSTED_HOSTS", ""))
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

        mail = _mail(environ, instance, production, problems)
        secret = _secret(environ, "SECRET_KEY", instance, production, problems)
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
            secret_key=secret,
            secret_key_fallbacks=_list(environ.get("SECRET_KEY_FALLBACKS", "")),
            data_keys=data_keys,
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


def _list(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _port(environ: Mapping[str, str], problems: list[str]) -> int:
    value = environ.get("PORT", "8000")
    if value.isdigit() and 0 < int(value) < 65536:
        return int(value)
    problems.append(f"PORT is {value!r}; it must be a number from 1 to 65535.")
    return 8000


def _number(environ: Mapping[str, str], name: str, problems: list[str], *, default: int, least: int, most: int) -> int:
    value = environ.get(name, "") or str(default)
    if value.isdecimal() and least <= int(value) <= most:
        return int(value)
    problems.append(f"{name} is {value!r}; it must be a number from {least} to {most}.")
    return default


def _bounce(environ: Mapping[str, str], problems: list[str]) -> str:
    value = environ.get("MAIL_BOUNCE", "").strip()
    local, _at, domain = value.partition("@")
    if value and (not local or not domain or not value.isascii() or len(local) > 20):
        problems.append("MAIL_BOUNCE must be a plain address whose part before the @ has at most 20 characters.")
    return value


def _bounce_secret(environ: Mapping[str, str], problems: list[str]) -> str:
    value = environ.get("BOUNCE_SECRET", "")
    if value and len(value) < 32:
        problems.append("BOUNCE_SECRET must have at least 32 characters; `openssl rand -hex 32` makes one.")
    return value


def _dkim_key(environ: Mapping[str, str], problems: list[str]) -> bytes:
    value, selector = environ.get("DKIM_KEY", ""), environ.get("DKIM_SELECTOR", "")
    if bool(value) != bool(selector):
        problems.append("DKIM_KEY and DKIM_SELECTOR go together; one of them is missing.")
    if not value:
        return b""
    try:
        key = value.encode() if value.lstrip().startswith("-----BEGIN") else Path(value).read_bytes()
    except OSError as error:
        problems.append(f"DKIM_KEY: the file {value} cannot be read: {error.strerror}.")
        return b""
    if b"PRIVATE KEY" not in key:
        problems.append("DKIM_KEY must be a private key in PEM (`openssl genrsa -traditional 2048` makes one).")
        return b""
    return key


def _mail(environ: Mapping[str, str], instance: Path, production: bool, problems: list[str]) -> Mail:
    url = environ.get("MAIL_URL", "") or ("" if production else f"folder:{instance / 'outbox'}")
    sender = environ.get("MAIL_FROM", "") or ("" if production else "Undersigned <undersigned@localhost>")
    allow = _list(environ.get("MAIL_ALLOW", ""))
    parts = urlsplit(url)
    if production and not sender:
        problems.append("MAIL_FROM must be set in production.")
    if parts.scheme == "folder" and url != "folder:":
        if production:
            problems.append("MAIL_URL must be smtp:// or smtps:// in production; a folder delivers to nobody.")
        return Mail(scheme="folder", folder=Path(url.removeprefix("folder:")).absolute(), sender=sender, allow=allow)
    if parts.scheme in ("smtp", "smtps") and parts.hostname:
        starttls = parse_qs(parts.query).get("starttls", ["opportunistic"])[0]
        if starttls not in ("opportunistic", "required", "never"):
            problems.append("MAIL_URL: starttls must be required, opportunistic or never.")
        return Mail(
            scheme=parts.scheme,
            host=parts.hostname,
            port=parts.port or (465 if parts.scheme == "smtps" else 587 if parts.username else 25),
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            starttls=starttls,
            sender=sender,
            # Outside production nobody hears from us unless the operator named them (digests.md, rule 6).
            allow=allow or (("*",) if production else ()),
            connections=_number(environ, "MAIL_CONNECTIONS", problems, default=4, least=1, most=50),
            rate=_number(environ, "MAIL_RATE", problems, default=10, least=0, most=10_000),
            rate_per_domain=_number(environ, "MAIL_RATE_PER_DOMAIN", problems, default=5, least=0, most=10_000),
            bounce=_bounce(environ, problems),
            bounce_secret=_bounce_secret(environ, problems),
            dkim_key=_dkim_key(environ, problems),
            dkim_selector=environ.get("DKIM_SELECTOR", ""),
        )
    problems.append("MAIL_URL must be smtp://HOST, smtps://HOST or folder:PATH.")
    return Mail(scheme="folder", folder=instance / "outbox", sender=sender)


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
    for part in _list(value):
        try:
            key = base64.b64decode(part, validate=True)
        except ValueError:
            key = b""
        if len(key) != 32:
            problems.append("DATA_KEY must be 32 random bytes in base64 (or several, separated by commas).")
            return ()
        keys.append(key)
    return tuple(keys)
