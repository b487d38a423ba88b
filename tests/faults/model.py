"""What the machine of test_machine.py expects, in plain Python: who follows what since when, which periods elapsed,
which words may be told to whom; and the look at rows and at what the mail server took that finds any breach."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from email import message_from_bytes, policy
from itertools import pairwise
from zoneinfo import ZoneInfo

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
from tracker.accounts.models import Account, Role
from tracker.campaigns.models import Campaign, Visibility
from tracker.campaigns.service.visibility import change_visibility
from tracker.db import db, transaction
from tracker.digests import service
from tracker.digests.ending import end_forgotten
from tracker.digests.models import Digest, DigestItem, DigestState, Subscriber
from tracker.digests.periods import Schedule
from tracker.digests.rechecking import WATCH
from tracker.mail import bounces
from tracker.mail.bounces import BounceKind, Report
from tracker.mail.models import Email, EmailState
from tracker.timeline.models import EntryKind, EntryVisibility
from tracker.timeline.service import append_entry

MAILED = (DigestState.READY, DigestState.SENT, DigestState.UNKNOWN)
LINES = 5  # of a campaign are told in words


class Model:
    """One story's people, campaigns and news."""

    def __init__(self, app: Flask, sink: FaultSink) -> None:
        self.app = app
        self.sink = sink
        self.people: list[Person] = []
        self.news: list[News] = []
        self.is_whole = True  # nothing was killed since the last run that came to its end
        self._read = 0  # of what the sink took
        self._told: dict[tuple[str, str], set[str]] = defaultdict(set)  # receiver and words: in which mails
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
            self._nothing_is_overdue(now)

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

    # What must be true

    def check(self) -> None:
        """After every step."""
        with self.app.app_context():
            self._copies()
            self._words()
            for person in self.people:
                self._rows(person)

    def check_end(self) -> None:
        """When nothing is left to come: each entry that became visible to a reader was told, once."""
        for person in self.people:
            if not person.is_reading or person.is_gone:
                continue
            with self.app.app_context():
                items = db.session.execute(
                    sa.select(DigestItem.entry_id, DigestItem.digest_id, Digest.state)
                    .join(Digest, DigestItem.digest_id == Digest.id)
                    .where(DigestItem.subscriber_id == person.subscriber)
                ).all()
            told = Counter(entry_id for entry_id, _digest, _state in items)
            of_digest = Counter(digest for _entry, digest, _state in items)
            in_words = {
                entry_id
                for entry_id, digest, state in items
                if state is DigestState.SENT and of_digest[digest] <= LINES
            }
            for one in self.news:
                since = person.heard_since(one.which)
                if since is None or one.stamped <= since:
                    continue
                if person.way == "spam":  # what surely was not delivered counts as not told
                    assert all(state is DigestState.UNKNOWN for entry_id, _, state in items if entry_id == one.id)
                    continue
                assert told[one.id] == 1, f"{person.address}: {one.words} is told {told[one.id]} times"
                # What was recorded before the campaign opened again is one line that names none of it.
                if one.id in in_words and one.stamped > self.campaigns[one.which].opened_at:
                    assert self._told[person.address, one.words], f"{person.address} never had {one.words}"

    def _copies(self) -> None:
        copies = Counter(self.sink.accepted)
        rows = {
            email.message_id: email
            for email in db.session.scalars(sa.select(Email).execution_options(populate_existing=True))
        }
        for (address, message_id), count in copies.items():
            email = rows[message_id]
            assert count <= 2, f"{address}: {count} copies"
            assert count == 1 or email.ambiguous, f"{address}: a second copy without its mark"
            again = email.state in (EmailState.PENDING, EmailState.CLAIMED)
            assert email.ambiguous or not again, f"{address}: taken, and to be sent again without a mark"
            assert email.state is not EmailState.CANCELLED, f"{address}: taken back after it was taken"
        taken = {message_id for _address, message_id in copies}
        lost = [email for email in rows.values() if email.state is EmailState.SENT and email.message_id not in taken]
        assert not lost, "sent, says the row; nobody has it"

    def _words(self) -> None:
        """What came since we last looked: nothing a second time in another mail, nothing of a closed campaign."""
        for (address, message_id), data in zip(
            self.sink.accepted[self._read :], self.sink.sealed[self._read :], strict=True
        ):
            self._read += 1
            mail = message_from_bytes(data, policy=policy.default)
            part = mail.get_body(("plain",))  # type: ignore[attr-defined]
            text = part.get_content() + str(mail["Subject"])
            person = next(one for one in self.people if one.address == address)
            assert person.is_reading and not person.is_gone, f"{address} left, and has mail"
            for one in self.news:
                if one.words in text:
                    assert self.campaigns[one.which].is_open, f"{address}: {one.words} of a closed campaign"
                    assert person.heard_since(one.which) is not None, f"{address} does not follow {one.words}"
                    self._told[address, one.words].add(message_id)
                    assert len(self._told[address, one.words]) == 1, f"{address}: {one.words} in two mails"

    def _rows(self, person: Person) -> None:
        digests = db.session.scalars(
            sa.select(Digest)
            .where(Digest.subscriber_id == person.subscriber)
            .order_by(Digest.due_at, Digest.id)
            .execution_options(populate_existing=True)
        ).all()
        rows = Counter((one.frequency.value, one.period_key) for one in digests)
        assert not rows or max(rows.values()) == 1, f"{person.address}: a period has two rows"
        if self.is_whole:
            assert person.wanted <= rows.keys(), f"{person.address}: no row for {person.wanted - rows.keys()}"
            assert rows.keys() <= person.zones.keys(), f"{person.address}: rows of no period {rows}"
        mailed = [one for one in digests if one.state in MAILED]
        for before, after in pairwise(mailed):
            zone = person.zones.get((after.frequency.value, after.period_key))
            if zone is not None:
                days = [one.due_at.astimezone(ZoneInfo(zone)).date() for one in (before, after)]
                assert days[0] != days[1], f"{person.address}: two digests on {days[0]}"

    def _nothing_is_overdue(self, now: dt.datetime) -> None:
        late = {
            "digests not composed": sa.select(Digest.id).where(Digest.state == DigestState.DUE),
            "mails not tried": sa.select(Email.id).where(
                Email.state == EmailState.PENDING, Email.next_attempt_at <= now
            ),
            "leases over": sa.select(Email.id).where(Email.lease_until <= now),
            "mails still held": sa.select(Email.id).where(
                Email.state == EmailState.UNKNOWN, Email.settled_at.is_(None), Email.next_attempt_at <= now
            ),
            "periods not planned": sa.select(Subscriber.id).where(
                Subscriber.next_due_at <= now, Subscriber.ended_at.is_(None)
            ),
        }
        for what, rows in late.items():
            assert not db.session.scalars(rows).all(), what

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
