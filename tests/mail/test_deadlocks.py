"""Two transactions that wait for each other: PostgreSQL ends one of them, and the sender does its part once more."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
import sqlalchemy as sa

from tests.conftest import MakeApp
from tests.mail.conftest import Put
from tests.support.processes import wait_until
from tests.support.smtp import SmtpSink
from tracker import clock
from tracker.db import at_once, db, transaction
from tracker.mail import claims, sender
from tracker.mail.models import Email, EmailState, MailPace
from tracker.mail.settling import Watch
from tracker.postgresql import again

pytestmark = pytest.mark.postgresql

WAITS = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")


class Crossing:
    """Somebody who takes two rows in the other order, amid whatever of ours takes the first."""

    def __init__(self, engine: sa.Engine, first: sa.Update, second: sa.Update) -> None:
        self._engine, self._first, self._second = engine, first, second
        self._has_second = threading.Event()
        self.problems: list[BaseException] = []
        self.thread = threading.Thread(target=self._run)
        self.thread.start()
        assert self._has_second.wait(10)

    def _run(self) -> None:
        try:
            with self._engine.connect() as connection:
                connection.execute(sa.text("SET deadlock_timeout = '1min'"))  # so that it is ours that is ended
                connection.execute(self._second)
                self._has_second.set()
                with self._engine.connect() as looking:
                    wait_until(lambda: looking.scalar(WAITS), "us to wait for it", seconds=10)
                connection.execute(self._first)
                connection.commit()
        except BaseException as error:
            self.problems.append(error)

    def end(self) -> None:
        """It got what it wanted."""
        self.thread.join(30)
        assert self.problems == []


def touched(email_id: int) -> sa.Update:
    """A change of this row that changes nothing."""
    return sa.update(Email).where(Email.id == email_id).values(answer=Email.answer)


@pytest.mark.parametrize("alone", [True, False], ids=["one statement", "a transaction"])
def test_marks_are_made_all_the_same(make_app: MakeApp, put: Put, alone: bool) -> None:
    """The mark before the last bytes, of two mails that somebody else changes in the other order."""
    with make_app(MAIL_ALLOW="*").app_context():
        put(), put()
        with transaction():
            held = [email.held for email in claims.claim(now=clock.now(), limit=2)]
        tries = []

        def note() -> set[claims.Held]:
            tries.append(1)
            with at_once() if alone else transaction() as connection:
                return {*claims.note(connection or db.session.connection(), held, [], now=clock.now())}

        other = Crossing(db.engine, touched(held[0][0]), touched(held[1][0]))
        assert again(note) == {*held}
        other.end()
        assert len(tries) == 2
        assert {*db.session.scalars(sa.select(Email.state))} == {EmailState.TRANSMIT}


@pytest.mark.parametrize(("answer", "state"), [("250 ok", "sent"), ("550 no", "failed")])
def test_what_was_heard_is_not_lost(make_app: MakeApp, smtp_sink: SmtpSink, put: Put, answer: str, state: str) -> None:
    """Whoever hears what became of a mail meets somebody: the mail is settled once, and heard of once."""
    smtp_sink.answer_data = answer
    with make_app(MAIL_URL=smtp_sink.url, MAIL_ALLOW="*").app_context():
        put()
        with transaction():
            db.session.add_all(MailPace(name=name, free_at=clock.now()) for name in ("one", "two"))
        first, second = (sa.update(MailPace).where(MailPace.name == name).values(name=name) for name in ("one", "two"))
        others: list[Crossing] = []
        tries, engine = [], db.engine

        def hear(*_what: object) -> None:
            tries.append(1)
            db.session.execute(first)
            if not others:
                others.append(Crossing(engine, first, second))
            db.session.execute(second)

        counts = sender.send_due(Watch(sent=hear, changed=hear))
        others[0].end()
        assert (counts, len(tries)) == ({state: 1}, 2)
        assert db.session.scalars(sa.select(Email.state)).one() == state


def test_what_is_wrong_for_good_is_said_at_once(make_app: MakeApp) -> None:
    """A broken constraint is no reason to try again."""
    with make_app().app_context():
        tries = []

        def write_twice() -> None:
            tries.append(1)
            with transaction():
                for _time in range(2):
                    db.session.execute(sa.insert(MailPace).values(name="one", free_at=dt.datetime.now(dt.UTC)))

        with pytest.raises(sa.exc.IntegrityError):
            again(write_twice)
        assert len(tries) == 1
