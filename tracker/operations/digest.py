"""`tracker digest`: run what is due now, or look at what somebody would be sent."""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter

import click

from tracker import clock
from tracker.operations.edge import Refusal, in_app
from tracker.operations.stopping import Told, told_to_stop

# Nothing is sent from a command that only looks, and nothing is sent twice: the outbox and the digests are rows.
WORDS = {
    "planned": "subscribers due",
    "ready": "composed",
    "merged": "merged into the next",
    "skipped": "skipped",
    "sent": "sent",
    "failed": "failed",
    "pending": "to be tried again",
    "unknown": "perhaps delivered",
    "cancelled": "composed anew",
    "lease lost": "left to another worker",
    "late": "answered late, if at all",
}
AT_ONCE = 250  # subscribers looked at together
WOULD = {"mail": "would get a mail", "skip": "would be skipped", "fail": "would fail"}


class Moment(click.ParamType[dt.datetime]):
    """A moment in ISO 8601; without a zone it is UTC."""

    name = "ISO8601"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> dt.datetime:
        """The moment, aware."""
        if isinstance(value, dt.datetime):
            return value
        try:
            moment = dt.datetime.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value!r} is no moment; write one like 2026-11-30T08:00:00+01:00.", param, ctx)
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


@click.group("digest")
def command() -> None:
    """Run or preview digests without a worker."""


@command.command("run")
@click.option("--now", "moment", type=Moment(), help="Which periods are due is decided by this moment; default: now.")
@in_app
def run(moment: dt.datetime | None) -> None:
    """Plan, compose and send what is due, and say what became of it. Ctrl-C or SIGTERM ends it within half a minute:
    what it has claimed is handed back."""
    from tracker.digests import running
    from tracker.instance import SENDING_PAUSED, setting

    with told_to_stop() as told:
        counts = running.run(moment or clock.now(), stopping=told)
        owing = _last_words(told)
    click.echo(_told(counts))
    if owing:
        click.echo(f"{owing} left for a server that has not answered; whether they arrived is not known.", err=True)
    if told():
        click.echo("Stopped; what is left waits.", err=True)
        click.get_current_context().exit(told.status)
    if reason := setting(SENDING_PAUSED):
        click.echo(f"Sending is paused, so mails wait: {reason} `tracker sending resume` lets them go.")


@command.command("preview")
@click.argument("email")
@in_app
def preview(email: str) -> None:
    """Print the digest that EMAIL would be sent now. Consumes nothing."""
    from tracker.accounts.queries import account_by_email
    from tracker.digests import foreseeing
    from tracker.digests.queries import subscriber_of

    account = account_by_email(email)
    subscriber = subscriber_of(account) if account else None
    if account is None:
        raise Refusal(f"There is no account with the address {email}.")
    if subscriber is None or subscriber.ended_at is not None:
        raise Refusal(f"{email} follows nothing.")
    found = foreseeing.foresee(subscriber, now=clock.now())
    if found.would is foreseeing.Would.FAIL:
        raise Refusal(f"A digest would fail: {found.why}.")
    if found.gathered is None:
        click.echo("Nothing to say: no digest would be sent.")
        return
    message = foreseeing.filled(found.gathered, subscriber)
    click.echo(f"Subject: {message.subject}\n\n{message.text}", nl=False)


@command.command("foresee")
@in_app
def foresee() -> None:
    """Count who would be sent a digest if every one fell due now, who would not, and why. Consumes nothing."""
    from tracker.db import db
    from tracker.digests import foreseeing

    now, ids = clock.now(), db.session.scalars(foreseeing.receiver_ids()).all()
    counts: Counter[tuple[str, str]] = Counter()
    for start in range(0, len(ids), AT_ONCE):
        for found in foreseeing.foresee_all(foreseeing.receivers_numbered(ids[start : start + AT_ONCE]), now=now):
            counts[found.would.value, found.why] += 1
        db.session.expunge_all()  # memory stays flat however many there are
    for (would, why), count in counts.most_common():
        click.echo(f"{count} {WOULD[would]}" + (f": {why}" if why else ""))
    click.echo(f"{len(ids)} subscribers in all.")


def _last_words(told: Told) -> int:
    """Wait for servers that were sent all of a mail: for as long as a server may take; told to stop, for a moment. How
    many never said whether they took it."""
    from tracker.mail.last_words import LAST_WORDS_SECONDS, wait_for_the_late
    from tracker.settings import config

    end = time.monotonic() + config().durations.smtp_reply.total_seconds()
    while owing := wait_for_the_late(0.2):
        if time.monotonic() > (min(end, told.at + LAST_WORDS_SECONDS) if told() else end):
            break
    return owing


def _told(counts: Counter[str]) -> str:
    parts = [f"{words}: {counts[name]}" for name, words in WORDS.items() if counts[name]]
    return ", ".join(parts) if parts else "Nothing was due."
