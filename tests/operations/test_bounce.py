"""`tracker bounce`, as a mail server calls it: what it reads is noted or left alone, and nothing is lost meanwhile."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.conftest import MakeApp
from tests.mail.test_returned import OURS, returned
from tests.support.databases import Database
from tracker import clock
from tracker.cli import main
from tracker.db import db, transaction
from tracker.mail import outbox, sender
from tracker.mail.models import Email, EmailKind, EmailState
from tracker.mail.render import Message

ADDRESS = "reader@mailbox.example"


@pytest.fixture
def environ(database: Database, instance: Path) -> dict[str, str]:
    return {"TRACKER_INSTANCE": str(instance), **database.environ}


def piped(environ: dict[str, str], data: bytes) -> Result:
    return CliRunner(env=environ).invoke(main, ["bounce"], input=data)


def test_noted_or_left_alone(make_app: MakeApp, environ: dict[str, str]) -> None:
    """A report is noted; whoever is on leave, and what is about nobody's mail, ends with status 0 as well."""
    app = make_app()
    with app.app_context():
        with transaction():
            words = Message("A subject", "Words.\n", "<!doctype html><title>x</title><p>Words.</p>")
            email = outbox.put(words, to=ADDRESS, kind=EmailKind.REMINDER, now=clock.now())
            number = email.id
        sender.send_due()
        message_id = db.session.get_one(Email, number).message_id
    for data, said in (
        (b"Auto-Submitted: auto-replied\n\nI am away.\n", "Left alone. It is an automatic reply"),
        (returned("postfix_delayed"), "Left alone. It is a delivery report, but nothing"),
        (returned("exim_no_such_mailbox"), "It is about no mail of ours"),
        (returned("exim_no_such_mailbox").replace(OURS.encode(), message_id.encode()), "Noted."),
        (b"\xff\x00" * 700_000, "Left alone."),
    ):
        result = piped(environ, data)
        assert (result.exit_code, result.output[: len(said)]) == (0, said)
    with app.app_context():
        assert db.session.get_one(Email, number).state is EmailState.FAILED
        assert outbox.refusal(ADDRESS)


def test_while_the_database_is_away(environ: dict[str, str], tmp_path: Path) -> None:
    """The mail server is told to try again (75), in a sentence: any other status would lose the report."""
    for url in (f"sqlite:///{tmp_path / 'empty.sqlite3'}", "postgresql+psycopg://nobody@127.0.0.1:1/none"):
        result = piped({**environ, "DATABASE_URL": url}, returned("postfix_no_such_mailbox"))
        assert result.exit_code == 75, result.output
        assert result.output.strip().endswith(".") and "Traceback" not in result.output
