"""Plain mails, and servers to send them to."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest

from tests.mail.cutting import CuttingServer
from tracker import clock
from tracker.db import transaction
from tracker.mail import outbox
from tracker.mail.models import Email, EmailKind
from tracker.mail.render import Message

Put = Callable[..., int]


@pytest.fixture
def cutting() -> Iterator[CuttingServer]:
    server = CuttingServer()
    yield server
    server.close()


@pytest.fixture
def put() -> Put:
    """A function that puts a mail into the outbox, inside an app context; its id."""

    def put_mail(
        to: str = "a@example.org",
        kind: EmailKind = EmailKind.REMINDER,
        subject: str = "A subject",
        text: str = "Words.\n",
        html: str = "<!doctype html><title>x</title><p>Words.</p>",
        now: dt.datetime | None = None,
        links: dict[str, str] | None = None,
    ) -> int:
        with transaction():
            email: Email = outbox.put(
                Message(subject, text, html), to=to, kind=kind, now=now or clock.now(), links=links
            )
            return email.id

    return put_mail
