"""What the machine of test_machine.py does and expects, in plain Python: who follows what since when, which periods
elapsed, which words may be told to whom. `promises.py` finds any breach."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict

import sqlalchemy as sa
from flask import Flask

from tests.faults.people import (
    DAY,
    EVERYTHING,
    News,
    Person,
    Place,
    empty,
    new_account,
    new_campaign,
    subscriber_of,
)
from tests.faults.sink import FaultSink
from tests.support.processes import wait_until
from tracker.accounts.models import Account, LinkPurpose, Role
from tracker.accounts.service import confirm_email_change
from tracker.accounts.service.links import new_link
from tracker.campaigns.models import Campaign, Visibility
from tracker.campaigns.service.visibility import change_visibility
from tracker.db import db, transaction
from tracker.digests import resending, service
from tracker.digests.ending import end_forgotten
from tracker.digests.models import Digest, DigestItem, DigestState, Subscriber
from tracker.digests.periods import Schedule
from tracker.digests.queries import told_by
from tracker.digests.rechecking import WATCH
from tracker.digests.sending import withdraw_entry
from tracker.digests.service import DigestError
from tracker.mail import bounces
from tracker.mail.bounces import BounceKind, Report
from tracker.mail.models import Email
from tracker.timeline.models import EntryKind, EntryVisibility, TimelineEntry
from tracker.timeline.service import append_entry, redact_entry

AGAIN = (DigestState.SENT, DigestState.UNKNOWN, DigestState.FAILED)


class Model:
    """One story's people, campaigns and news."""

    def __init__(self, app: Flask, sink: FaultSink) -> None:
        self.app = app
        self.sink = sink
        self.people: list[Person] = []
        self.news: list[News] = []
        self.is_whole = True  # nothing was killed since the last run that came to its end
        self.is_paused = False
        self.redacted: set[int] = set()  # entries
        self.again: Counter[str] = Counter()  # by Message-ID: how often somebody had the same mail sent again
        self.told: dict[tuple[int, str], set[str]] = defaultdict(set)  # subscriber and words: in which mails
        self._moves = 0
        sink.forget()
        with app.app_context(), transaction():
            empty()
            self._owner = new_account("owner@example.org", Role.ADMINISTRATOR)
            self.campaigns = [Place(new_campaign(number)) for number in range(2)]

    # What happens

    def subscribe(self, way: str, schedule: Schedule, everything: bool, now: dt.datetime) -> Person:
        address = f"{way}-{len(self.people)}@example.org"
        with self.app.app_context(), transaction():
            account = new_account(address, Role.VIEWER, now)
            self._follow(account, None if everything else self.campaigns[0].id, now)
            subscriber = subscriber_of(account)
            service.change_schedule(subscriber, schedule, now=now)
            person = Person(account, subscriber.id, address, way, schedule, owed_from=subscriber.next_due_at)
        person.since[EVERYTHING if everything else 0] = now
        assert person.owed_from > now, "a day before following is none"
        self.people.append(person)
        return person

    def follow(self, person: Person, which: int, now: dt.datetime) -> None:
        self._notice_end(person, now)
        with self.app.app_context(), transaction():
            self._follow(person.account, self.campaigns[which].id, now)
            due = subscriber_of(person.account).next_due_at
        if not person.is_reading:
            person.owed_from = due
        person.since.setdefault(which, now)

    def unsubscribe(self, person: Person, now: dt.datetime) -> None:
        with self.app.app_context(), transaction():
            service.unsubscribe(subscriber_of(person.account), now=now)
        with self.app.app_context():
            person.leave(now)

    def change(self, person: Person, schedule: Schedule, now: dt.datetime) -> None:
        """What fell due before is still owed by the old schedule, planned or not."""
        self._notice_end(person, now)
        with self.app.app_context():
            if person.is_reading:
                person.reckon(now)
            with transaction():
                service.change_schedule(subscriber_of(person.account), schedule, now=now)
                due = subscriber_of(person.account).next_due_at
        person.owed_from = due
        person.schedule = schedule
        assert due - now < 63 * DAY

    def bounce(self, person: Person, now: dt.datetime) -> None:
        """The last mail that was taken for them comes back: there is nobody."""
        taken = [message_id for receiver, message_id in self.sink.accepted if receiver == person.address]
        if not taken:
            return
        with self.app.app_context(), transaction():
            report = Report(BounceKind.GONE, "5.1.1", None, taken[-1])
            bounces.take(report, now=now, changed=WATCH.changed, forgotten=end_forgotten)
        person.is_gone = True
        with self.app.app_context():
            person.leave(now)

    def record(self, which: int, stamped: dt.datetime) -> None:
        words = f"News{len(self.news):03}x"
        with self.app.app_context(), transaction():
            entry = append_entry(
                campaign_id=self.campaigns[which].id, kind=EntryKind.STATEMENT, headline=words,
                occurred_on=stamped.date(), now=stamped, actor=None, visibility=EntryVisibility.PUBLIC,
            )  # fmt: skip
            self.news.append(News(entry.id, words, which, stamped))

    def close_or_open(self, which: int, now: dt.datetime) -> None:
        place = self.campaigns[which]
        seen, to = Visibility.SIGNED_IN, Visibility.MEMBERS
        if not place.is_open:
            seen, to = to, seen
            place.opened_at = now
        with self.app.app_context(), transaction():
            campaign, owner = db.session.get_one(Campaign, place.id), db.session.get_one(Account, self._owner)
            change_visibility(campaign, to, seen=seen, actor=owner, now=now)
        place.is_open = not place.is_open

    def pause_or_resume(self, now: dt.datetime) -> None:
        with self.app.app_context(), transaction():
            if self.is_paused:
                service.resume_sending(now=now)
            else:
                service.pause_sending("a mistake", now=now)
        self.is_paused = not self.is_paused

    def resend(self, person: Person, now: dt.datetime) -> None:
        """Have their last digest sent again; what it told may come in another mail if its words are not kept."""
        last = (
            sa.select(Digest)
            .where(Digest.subscriber_id == person.subscriber, Digest.state.in_(AGAIN))
            .order_by(Digest.due_at.desc())
        )
        with self.app.app_context(), transaction():
            digest = db.session.scalars(last.limit(1)).first()
            if digest is None:
                return
            told = set(db.session.scalars(sa.select(DigestItem.entry_id).where(*told_by(digest))))
            message_id = digest.email.message_id if digest.email is not None else ""
            try:
                with db.session.begin_nested():
                    record = resending.resend(digest, by=db.session.get_one(Account, self._owner), now=now)
            except DigestError:
                return
            if record.is_same:
                self.again[message_id] += 1
            else:
                for one in self.news:
                    if one.id in told:
                        self.told[person.subscriber, one.words].clear()

    def redact(self, which: int, now: dt.datetime) -> None:
        """Destroy the words of one of the news."""
        left = [one for one in self.news if one.id not in self.redacted]
        if not left:
            return
        one = left[which % len(left)]
        with self.app.app_context(), transaction():
            entry, owner = db.session.get_one(TimelineEntry, one.id), db.session.get_one(Account, self._owner)
            redact_entry(entry, reason="a name", actor=owner, now=now, also=[withdraw_entry])
        self.redacted.add(one.id)

    def move(self, person: Person, now: dt.datetime) -> None:
        """They take another address, whose server treats them alike."""
        self._notice_end(person, now)
        if person.is_gone:
            return
        address = f"{person.way}-{person.subscriber}-{self._moves}@example.org"
        self._moves += 1
        with self.app.app_context():
            with transaction():
                account = db.session.get_one(Account, person.account)
                lasting = dt.timedelta(days=1)
                link = new_link(LinkPurpose.EMAIL_CHANGE, account, lasting=lasting, now=now, email=address)
            with transaction():
                confirm_email_change(link, now=now)
        person.address = address

    def next_moment(self, now: dt.datetime) -> dt.datetime:
        """When the next digest falls due or a mail is to be tried again."""
        moments = (
            sa.select(Subscriber.next_due_at).where(Subscriber.ended_at.is_(None)),
            sa.select(Email.next_attempt_at).where(Email.settled_at.is_(None)),
        )
        with self.app.app_context():
            found = [moment for query in moments for moment in db.session.scalars(query) if moment > now]
        return min(found, default=now)

    def ticked(self, now: dt.datetime) -> None:
        """A run came to its end."""
        self.is_whole = True
        with self.app.app_context():
            for person in self.people:
                self._notice_end(person, now)
                if person.is_reading:
                    person.reckon(now)

    def crashed(self) -> None:
        """A run was killed: what it left is as it is, once its connections are gone."""
        self.is_whole = False
        wait_until(lambda: not self.sink.talks, "the mail server to notice", every=0.01)
        with self.app.app_context():
            if db.session.get_bind().dialect.name == "postgresql":
                others = sa.text(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
                )

                def are_gone() -> bool:
                    db.session.rollback()  # PostgreSQL looks at who is connected once a transaction
                    return not db.session.scalar(others)

                wait_until(are_gone, "the database to notice", every=0.01)

    # What is ours

    def _notice_end(self, person: Person, now: dt.datetime) -> None:
        """Whether a run found out that there is nobody."""
        with self.app.app_context():
            if not person.is_reading or subscriber_of(person.account).ended_at is None:
                return
        assert person.way == "nobody" or person.is_gone, f"{person.address} was ended"
        with self.app.app_context():
            person.leave(now)
        person.is_gone = True

    def _follow(self, account: int, campaign: int | None, now: dt.datetime) -> None:
        found = db.session.get(Campaign, campaign) if campaign else None
        service.follow(db.session.get_one(Account, account), now=now, campaign=found)
        db.session.flush()
