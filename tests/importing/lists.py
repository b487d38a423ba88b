"""A list on its way through."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
import sqlalchemy as sa

from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.importing import running, service
from tracker.importing.models import DayOrder, Import
from tracker.signatures.models import Appearance, Signatory, SignatoryTally, Signature

IN_THE_OPEN = pytest.mark.parametrize("letter", [False], ids=["plain"], indirect=True)


def brought(letter: Campaign, actor: Account | None, content: bytes | Iterable[bytes], **fields: object) -> Import:
    """A file, stored and checked."""
    pieces = [content] if isinstance(content, bytes) else content
    with transaction():
        row = service.begin(letter, pieces, appearance=Appearance.COUNTED, actor=actor, now=clock.now())
    with transaction():
        service.check(
            row, row.columns, order=DayOrder(fields.get("order", "unknown")), appearance=Appearance.COUNTED,
            now=clock.now(),
        )  # fmt: skip
    running.work()
    db.session.refresh(row)
    return row


def run(row: Import) -> None:
    with transaction():
        service.start(row, now=clock.now())
    running.work()
    db.session.refresh(row)


def counted() -> tuple[int, int, int]:
    """People, signatures, and what the tally says."""
    one = sa.select(sa.func.count())
    return (
        db.session.scalar(one.select_from(Signatory)) or 0,
        db.session.scalar(one.select_from(Signature)) or 0,
        db.session.scalar(sa.select(sa.func.sum(SignatoryTally.number))) or 0,
    )
