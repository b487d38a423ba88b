"""How a letter leaves: by SMTP, by HTTPS (mailgun.py), or into a folder that a page shows.

`deliver(letter, transmit)` calls `transmit()` after everything that can still be taken back and before the bytes that
cannot; when it answers False the lease is lost and nothing leaves.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from tracker.config import Durations, Mail
from tracker.mail.letter import Letter

Transmit = Callable[[], bool]


@dataclass(frozen=True)
class Reply:
    """What the server answered."""

    code: int
    answer: str


class Refused(Exception):
    """The server said no to this letter: 4xx for now, 5xx for good. `about_receiver` when it spoke of the address."""

    def __init__(self, reply: Reply, *, about_receiver: bool = False) -> None:
        super().__init__(reply.answer)
        self.reply = reply
        self.about_receiver = about_receiver


class Unreachable(Exception):
    """The server cannot be talked to now; no letter is to blame."""


class Interrupted(Exception):
    """The connection broke before the letter's bytes left: surely not sent."""


class Uncertain(Exception):
    """The connection broke after they had left: nobody can tell."""


class LeaseLost(Exception):
    """Somebody else may hold this row now; nothing was sent."""


class Carrier(Protocol):
    """What can carry letters, one after another, between its `with` and its end."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None: ...

    def deliver(self, letter: Letter, transmit: Transmit) -> Reply:
        """Hand over one letter. Raises Refused, Unreachable, Interrupted, Uncertain or LeaseLost."""


class Folder:
    """Each letter a file of its own, readable by the owner alone. Delivers to nobody."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Nothing to close."""

    def deliver(self, letter: Letter, transmit: Transmit) -> Reply:
        """Write the file whole or not at all; the same letter again replaces it."""
        part = self.folder / f".{letter.public_id}.part"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(letter.data)
                file.flush()
                os.fsync(file.fileno())
            if not transmit():
                raise LeaseLost
            part.replace(self.folder / f"{letter.public_id}.eml")
        except OSError as error:
            raise Unreachable(f"The mail folder cannot be written: {error.strerror}.") from error
        finally:
            part.unlink(missing_ok=True)
        return Reply(250, "Kept in the mail folder.")


def remove_letter(mail: Mail, public_id: str) -> None:
    """Remove a letter's file, if mail goes to a folder and it is still there."""
    if mail.folder is not None:
        (mail.folder / f"{public_id}.eml").unlink(missing_ok=True)


def transport(mail: Mail, durations: Durations, *, name: str) -> Carrier:
    """What MAIL_URL names."""
    if mail.is_folder and mail.folder is not None:
        return Folder(mail.folder)
    if mail.scheme == "mailgun+https":
        from tracker.mail.mailgun import Mailgun

        return Mailgun(mail, durations)
    from tracker.mail.smtp import Smtp

    return Smtp(mail, durations, name=name)
