"""Where mail goes, whom it may reach and how it is signed: the part of the configuration that tells of mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True)
class Mail:
    """Where mail goes and whom it may reach."""

    scheme: str  # folder, smtp, smtps or mailgun+https
    folder: Path | None = None
    host: str = ""
    port: int = 0
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    starttls: str = "opportunistic"  # opportunistic, required or never
    path: str = ""  # of an HTTPS API
    sender: str = "Undersigned <undersigned@localhost>"
    allow: tuple[str, ...] = ()
    connections: int = 4
    rate: int = 0  # a second; 0: no limit
    rate_per_domain: int = 0
    holds_unknown: bool = False  # what may have arrived waits for a person instead of being sent once more
    bounce: str = ""
    bounce_secret: str = field(default="", repr=False)
    dkim_key: bytes = field(default=b"", repr=False)
    dkim_selector: str = ""

    @property
    def is_folder(self) -> bool:
        return self.scheme == "folder"

    @property
    def is_smtp(self) -> bool:
        return self.scheme in ("smtp", "smtps")


def read_mail(environ: Mapping[str, str], instance: Path, production: bool, problems: list[str]) -> Mail:
    url = environ.get("MAIL_URL", "") or ("" if production else f"folder:{instance / 'outbox'}")
    sender = environ.get("MAIL_FROM", "") or ("" if production else "Undersigned <undersigned@localhost>")
    allow = words_of(environ.get("MAIL_ALLOW", ""))
    parts = urlsplit(url)
    if production and not sender:
        problems.append("MAIL_FROM must be set in production.")
    if parts.scheme == "folder" and url != "folder:":
        if production:
            problems.append("MAIL_URL must name a server in production; a folder delivers to nobody.")
        return Mail(scheme="folder", folder=Path(url.removeprefix("folder:")).absolute(), sender=sender, allow=allow)
    is_api = parts.scheme == "mailgun+https" and bool(parts.path.strip("/"))
    if is_api and not parts.password:
        problems.append("MAIL_URL: an API needs its key: mailgun+https://api:KEY@api.mailgun.net/v3/DOMAIN.")
    if (parts.scheme in ("smtp", "smtps") or is_api) and parts.hostname:
        starttls = parse_qs(parts.query).get("starttls", ["opportunistic"])[0]
        if starttls not in ("opportunistic", "required", "never"):
            problems.append("MAIL_URL: starttls must be required, opportunistic or never.")
        return Mail(
            scheme=parts.scheme,
            host=parts.hostname,
            port=parts.port or (443 if is_api else 465 if parts.scheme == "smtps" else 587 if parts.username else 25),
            user=unquote(parts.username or "") or ("api" if is_api else ""),
            password=unquote(parts.password or ""),
            starttls=starttls,
            path=parts.path.rstrip("/") if is_api else "",
            sender=sender,
            # Outside production nobody hears from us unless the operator named them (digests.md, rule 6).
            allow=allow or (("*",) if production else ()),
            connections=_number(environ, "MAIL_CONNECTIONS", problems, default=4, least=1, most=50),
            rate=_number(environ, "MAIL_RATE", problems, default=10, least=0, most=10_000),
            rate_per_domain=_number(environ, "MAIL_RATE_PER_DOMAIN", problems, default=5, least=0, most=10_000),
            holds_unknown=_unknown(environ, problems),
            bounce=_bounce(environ, problems),
            bounce_secret=_bounce_secret(environ, problems),
            dkim_key=_dkim_key(environ, problems),
            dkim_selector=environ.get("DKIM_SELECTOR", ""),
        )
    problems.append(
        "MAIL_URL must be smtp://HOST, smtps://HOST, mailgun+https://api:KEY@HOST/v3/DOMAIN or folder:PATH."
    )
    return Mail(scheme="folder", folder=instance / "outbox", sender=sender)


def _unknown(environ: Mapping[str, str], problems: list[str]) -> bool:
    value = environ.get("MAIL_UNKNOWN", "") or "resend"
    if value not in ("resend", "hold"):
        problems.append(f"MAIL_UNKNOWN is {value!r}; it must be resend or hold.")
    return value == "hold"


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


def _number(environ: Mapping[str, str], name: str, problems: list[str], *, default: int, least: int, most: int) -> int:
    value = environ.get(name, "") or str(default)
    if value.isdecimal() and least <= int(value) <= most:
        return int(value)
    problems.append(f"{name} is {value!r}; it must be a number from {least} to {most}.")
    return default


def words_of(value: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in value.split(",") if part.strip())
