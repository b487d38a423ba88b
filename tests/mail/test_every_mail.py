"""Each mail as it arrives: its words as they were committed, and fit for any mailbox.

`SNAPSHOTS=write` in the environment writes them anew; look at the difference before committing it.
"""

from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from tests.support.every_mail import ELSEWHERE, MAILS, NOW, arrived, send, somebody
from tests.support.snapshots import compare_mail
from tracker.db import db, transaction
from tracker.mail.letter import letter
from tracker.mail.models import Email

SNAPSHOTS = Path(__file__).parent / "snapshots"
TEMPLATES = Path(__file__).parents[2] / "templates/emails"


@pytest.mark.parametrize("name", MAILS)
def test_each_mail(app: Flask, name: str) -> None:
    """It parses strictly, is short, says why it came and the way out, and its text part has every link."""
    with time_machine.travel(NOW, tick=False):
        account_id = somebody(app)
        with app.app_context():
            with transaction():
                send(app, name, account_id)
            made = letter(db.session.scalars(sa.select(Email)).one())
    assert made is not None
    mail = arrived(made.data)
    compare_mail(app, SNAPSHOTS, name, subject=mail.subject, text=mail.text, html=mail.html)


def test_no_mail_is_left_out() -> None:
    """A template without a snapshot is a mail that nobody looked at."""
    folders = {path.name for path in TEMPLATES.iterdir() if path.is_dir()}
    looked_at = {name.partition(".")[0] for name in MAILS} | ELSEWHERE
    assert folders <= looked_at, "add it to MAILS in tests/support/every_mail.py"


def test_no_snapshot_is_left_over() -> None:
    """A snapshot that no test reads says nothing."""
    assert {path.name.rsplit(".", 2)[0] for path in SNAPSHOTS.iterdir()} == set(MAILS)
