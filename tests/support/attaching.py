"""Files on entries, as services and as forms take them."""

from __future__ import annotations

import datetime as dt
import io

from tests.support.happenings import Team
from tests.support.papers import LIMITS
from tracker.files import CleanFile, FileKind
from tracker.timeline.models import Attachment, TimelineEntry
from tracker.timeline.service import Files, attach

WORDS = b"The minutes of the meeting.\n"


def text(name: str = "minutes.txt", content: bytes = WORDS) -> CleanFile:
    """A clean text."""
    return CleanFile(name, FileKind.TEXT, content)


def add(
    team: Team,
    entry: TimelineEntry,
    now: dt.datetime,
    *files: CleanFile,
    by: str = "editor",
    is_open: bool = False,
) -> Attachment:
    """Attach files (a text, when none are given) within `team.act()`; the first of them."""
    given = Files(files or (text(),), is_open, LIMITS)
    return attach(entry, given, actor=team.account(by), now=now)[0]


def upload(name: str, content: bytes) -> tuple[io.BytesIO, str]:
    """A file as `client` sends it."""
    return io.BytesIO(content), name
