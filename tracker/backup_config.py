"""Where backups go, and which secrets may come from files: a part of the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

# What may also be given as NAME_FILE, the path of a file that holds it: whatever lets somebody in.
FROM_FILES = (
    "DATABASE_URL",
    "KEY_DATABASE_URL",
    "REDIS_URL",
    "MAIL_URL",
    "SECRET_KEY",
    "SECRET_KEY_FALLBACKS",
    "DATA_KEY",
    "BOUNCE_SECRET",
)


@dataclass(frozen=True)
class Backups:
    """Where the nightly backups lie and how many stay."""

    folder: Path
    keys_folder: Path
    keep: int  # 0: none are made
    passphrase_file: Path | None = None

    @property
    def are_made(self) -> bool:
        return self.keep > 0


def with_files(environ: Mapping[str, str], problems: list[str]) -> Mapping[str, str]:
    """The environment, with what NAME_FILE names read in."""
    found = dict(environ)
    for name in FROM_FILES:
        path = environ.get(f"{name}_FILE", "")
        if not path:
            continue
        if environ.get(name):
            problems.append(f"{name} and {name}_FILE are both set; keep one.")
            continue
        try:
            found[name] = Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is not text"
            problems.append(f"{name}_FILE: {path} cannot be read: {why}.")
        else:
            if not found[name]:
                problems.append(f"{name}_FILE: {path} is empty.")
    return found


def read_backups(environ: Mapping[str, str], instance: Path, problems: list[str]) -> Backups:
    """BACKUP_DIR, BACKUP_KEYS_DIR, BACKUP_KEEP and BACKUP_PASSPHRASE_FILE."""
    folder = Path(environ.get("BACKUP_DIR", "") or instance / "backups").absolute()
    keys = Path(environ.get("BACKUP_KEYS_DIR", "") or folder / "keys").absolute()
    if keys == folder:
        problems.append("BACKUP_KEYS_DIR must be another folder than BACKUP_DIR: the keys are kept apart.")
    keep = environ.get("BACKUP_KEEP", "") or "14"
    if not keep.isdigit():
        problems.append(f"BACKUP_KEEP is {keep!r}; it must be a number, 0 for no nightly backups.")
        keep = "0"
    passphrase = environ.get("BACKUP_PASSPHRASE_FILE", "")
    return Backups(folder, keys, int(keep), Path(passphrase).absolute() if passphrase else None)
