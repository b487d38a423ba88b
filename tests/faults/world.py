"""Readers, news and a zygote: what every test of faults begins with, and what must be true when it ends."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import secrets
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask

from tests.faults.sink import REFUSED, FaultSink
from tracker import clock
from tracker.accounts.models import Account, Role
from tracker.campaigns.models import Campaign, CampaignKind, Stage, Visibility
from tracker.db import db, transaction
from tracker.digests.models import Digest, DigestItem, DigestState, Following, Frequency, Subscriber, Subscription
from tracker.jobs import SWEEP, nudge
from tracker.mail.models import Email, EmailState
from tracker.timeline.models import EntryKind, EntryVisibility
from tracker.timeline.service import append_entry

ROOT = Path(__file__).parent.parent.parent
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
BEGAN = dt.datetime(2026, 6, 1, 7, tzinfo=dt.UTC)  # a Monday, an hour before the first due moment; room for many days


class Zygote:
    """A started zygote (see zygote.py)."""

    def __init__(self, environ: dict[str, str], log: Path) -> None:
        self._log = log.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            cwd=ROOT,
            env={**os.environ, **environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self.log = log

    def ask(self, job: str, **command: Any) -> dict[str, Any]:
        """Fork a child for a job; what the zygote says of it."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"job": job, **command}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, self.log.read_text()[-3000:]
        found: dict[str, Any] = json.loads(answer)
        return found

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._log.close()


def invite(app: Flask, addresses: list[str], began: dt.datetime = BEGAN) -> int:
    """A campaign, and a reader of each of these addresses, daily an hour after `began`; the campaign."""
    with app.app_context(), transaction():
        campaign = Campaign(
            slug=f"campaign-{secrets.token_hex(4)}", title="We won’t build it", kind=CampaignKind.EMPLOYEE,
            stage=Stage.GATHERING, visibility=Visibility.SIGNED_IN, link_token=secrets.token_urlsafe(12),
            is_protected=True, created_at=began - DAY, changed_at=began - DAY,
        )  # fmt: skip
        db.session.add(campaign)
        for address in addresses:
            account = Account(
                email=address, role=Role.VIEWER, fs_uniquifier=secrets.token_hex(16), created_at=began,
                confirmed_at=began,
            )  # fmt: skip
            subscriber = Subscriber(
                account=account, frequency=Frequency.DAILY, hour=(began.hour + 1) % 24, zone="UTC",
                scheduled_from=began - DAY, next_due_at=began + HOUR, confirmed_at=began,
                created_at=began - DAY, link_secret=secrets.token_urlsafe(32),
            )  # fmt: skip
            db.session.add(subscriber)
            db.session.add(
                Subscription(
                    subscriber=subscriber, following=Following.CAMPAIGN, campaign=campaign, began_at=began - DAY
                )
            )
        db.session.flush()
        return campaign.id


def tell(app: Flask, campaign: int, at: dt.datetime, *headlines: str) -> None:
    """Record entries as of a moment."""
    with app.app_context(), transaction():
        for headline in headlines:
            append_entry(
                campaign_id=campaign, kind=EntryKind.STATEMENT, headline=headline, occurred_on=at.date(), now=at,
                actor=None, visibility=EntryVisibility.PUBLIC,
            )  # fmt: skip


def due_now(app: Flask, addresses: list[str], *, days_ago: int = 0) -> tuple[dt.datetime, int]:
    """Readers whose first digest fell due in this very hour, or so many days before; the moment an hour before that,
    and their campaign."""
    began = clock.now().replace(minute=0, second=0, microsecond=0) - dt.timedelta(hours=1) - days_ago * DAY
    return began, invite(app, addresses, began)


def settled(app: Flask) -> bool:
    """Whether no digest is due or ready any longer, and no mail waits."""
    with app.app_context():
        try:
            digests = sa.select(Digest.id).where(
                sa.or_(
                    Digest.state.in_([DigestState.DUE, DigestState.READY]),
                    sa.and_(Digest.state == DigestState.UNKNOWN, Digest.settled_at.is_(None)),
                )
            )
            emails = sa.select(Email.id).where(Email.settled_at.is_(None))
            return db.session.scalar(digests.limit(1)) is None and db.session.scalar(emails.limit(1)) is None
        except sa.exc.DBAPIError:
            return False
        finally:
            with contextlib.suppress(sa.exc.DBAPIError):
                db.session.rollback()


def recover(app: Flask, zygote: Zygote, now: dt.datetime, *, seconds: float = 60) -> None:
    """Let healthy workers do what they do each minute until nothing is left."""
    end = time.monotonic() + seconds
    rounds = []
    while True:
        began = time.monotonic()
        zygote.ask("both", now=now.isoformat())
        rounds.append(round(time.monotonic() - began, 1))
        if settled(app):
            return
        said = zygote.log.read_text()[-2000:]
        assert time.monotonic() < end, f"not settled after {seconds} s: {states(app)}; rounds of {rounds} s; {said}"
        time.sleep(0.02)


def states(app: Flask) -> Counter[str]:
    """How many mails stand where."""
    with app.app_context():
        rows = db.session.execute(
            sa.select(Email.state, Email.ambiguous, sa.func.count()).group_by("state", "ambiguous")
        )
        return Counter({f"{state}{'*' if ambiguous else ''}": count for state, ambiguous, count in rows})


def mails(app: Flask, name: str) -> dict[str, tuple[EmailState, int, bool]]:
    """State, attempts and mark of the mails of the run with this name, by receiver."""
    with app.app_context():
        rows = db.session.execute(
            sa.select(Account.email, Email.state, Email.attempts, Email.ambiguous)
            .join(Subscriber, Subscriber.account_id == Account.id)
            .join(Digest, Digest.subscriber_id == Subscriber.id)
            .join(Email, Digest.email_id == Email.id)
            .where(Account.email.contains(f"-{name}-"), ~Account.email.contains("-late-"))
        )
        return {address: (state, attempts, mark) for address, state, attempts, mark in rows}


def moved_on(app: Flask) -> bool:
    """Let the half hour that what is unknown is held be over; whether nothing waits any longer."""
    is_held = sa.and_(
        Email.state == EmailState.UNKNOWN, Email.settled_at.is_(None), Email.next_attempt_at > clock.now()
    )
    with app.app_context():
        is_one_held = db.session.scalar(sa.select(Email.id).where(is_held)) is not None
        if is_one_held:
            with transaction():
                db.session.execute(sa.update(Email).where(is_held).values(next_attempt_at=clock.now()))
            nudge(SWEEP)
    return settled(app)


class Verdict:
    """What became of all mail, and the sentences of what must not be."""

    def __init__(self, app: Flask, sink: FaultSink, *, periods: int, readers: int) -> None:
        copies = sink.copies
        self.problems: list[str] = []
        self.marked = self.lost = self.unmarked = self.most_copies = 0
        with app.app_context():
            rows = db.session.execute(
                sa.select(Account.email, Email.message_id, Email.state, Email.ambiguous, Digest.state)
                .join(Subscriber, Subscriber.account_id == Account.id)
                .join(Digest, Digest.subscriber_id == Subscriber.id)
                .join(Email, Digest.email_id == Email.id)
            ).all()
            told = db.session.execute(
                sa.select(DigestItem.subscriber_id, DigestItem.entry_id, sa.func.count()).group_by(
                    DigestItem.subscriber_id, DigestItem.entry_id
                )
            ).all()
            count = db.session.scalar(sa.select(sa.func.count(Digest.id))) or 0
            duplicates = db.session.scalar(
                sa.select(sa.func.count()).select_from(
                    sa.select(Digest.subscriber_id, Digest.period_key).distinct().subquery()
                )
            )
        self.rows = len(rows)
        if count != periods * readers or duplicates != count:
            self.problems.append(f"{count} digests instead of {periods * readers}")
        if any(number != 1 for _subscriber, _entry, number in told):
            self.problems.append("an entry is told twice")
        for address, message_id, state, ambiguous, digest_state in rows:
            accepted = copies[address].pop(message_id, 0) if address in copies else 0
            refused = address.partition("-")[0] in REFUSED
            self.most_copies = max(self.most_copies, accepted)
            self.marked += accepted > 1 and ambiguous
            if not accepted and not refused:
                self.lost += 1
            if accepted > 1 and not ambiguous:
                self.unmarked += 1
                self.problems.append(f"{address}: {accepted} copies without a mark")
            if refused and accepted:
                self.problems.append(f"{address}: refused, but accepted")
            # Lost twice, or refused after it may have been taken: nobody can tell, and it says so.
            right = {EmailState.FAILED if refused else EmailState.SENT} | ({EmailState.UNKNOWN} if ambiguous else set())
            if state not in right or digest_state.value != state.value:
                self.problems.append(f"{address}: mail {state}, digest {digest_state}, {accepted} copies")
        stray = sum(sum(left.values()) for left in copies.values())
        if stray:
            self.problems.append(f"{stray} mails that no row knows")
        if self.lost:
            self.problems.append(f"{self.lost} lost")
        if self.unmarked:
            self.problems.append(f"{self.unmarked} second copies without a mark")
        if self.most_copies > 2:
            self.problems.append(f"{self.most_copies} copies of one mail")
