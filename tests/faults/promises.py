"""What must be true after every step of a story, and at its end: the look at rows, and at what the mail server took,
that finds any breach of a promise."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from email import message_from_bytes, policy
from itertools import pairwise
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tests.faults.model import Model
from tests.faults.people import Person
from tracker.db import db
from tracker.digests.models import Digest, DigestItem, DigestState, Subscriber
from tracker.mail.models import Email, EmailState

MAILED = (DigestState.READY, DigestState.SENT, DigestState.UNKNOWN)
LINES = 5  # of a campaign are told in words


class Promises:
    """The promises about one story."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self._read = 0  # of what the sink took

    def hold(self) -> None:
        """After every step."""
        with self.model.app.app_context():
            self._copies()
            self._words()
            for person in self.model.people:
                self._rows(person)

    def nothing_is_overdue(self, now: dt.datetime) -> None:
        """After a run that came to its end."""
        late = {
            "digests not composed": sa.select(Digest.id).where(Digest.state == DigestState.DUE),
            "leases over": sa.select(Email.id).where(Email.lease_until <= now),
            "mails still held": sa.select(Email.id).where(
                Email.state == EmailState.UNKNOWN, Email.settled_at.is_(None), Email.next_attempt_at <= now
            ),
            "periods not planned": sa.select(Subscriber.id).where(
                Subscriber.next_due_at <= now, Subscriber.ended_at.is_(None)
            ),
        }
        if not self.model.is_paused:
            late["mails not tried"] = sa.select(Email.id).where(
                Email.state == EmailState.PENDING, Email.next_attempt_at <= now
            )
        with self.model.app.app_context():
            for what, rows in late.items():
                assert not db.session.scalars(rows).all(), what

    def hold_at_the_end(self) -> None:
        """When nothing is left to come: each entry that became visible to a reader was told, once."""
        for person in self.model.people:
            if person.is_reading and not person.is_gone:
                self._everything_was_told(person)

    def _everything_was_told(self, person: Person) -> None:
        with self.model.app.app_context():
            items = db.session.execute(
                sa.select(DigestItem.entry_id, DigestItem.digest_id, Digest.state)
                .join(Digest, DigestItem.digest_id == Digest.id)
                .where(DigestItem.subscriber_id == person.subscriber)
            ).all()
        told = Counter(entry_id for entry_id, _digest, _state in items)
        of_digest = Counter(digest for _entry, digest, _state in items)
        in_words = {
            entry_id for entry_id, digest, state in items if state is DigestState.SENT and of_digest[digest] <= LINES
        }
        for one in self.model.news:
            since = person.heard_since(one.which)
            if since is None or one.stamped <= since or one.id in self.model.redacted:
                continue
            if person.way == "spam":  # what surely was not delivered counts as not told
                assert all(state is DigestState.UNKNOWN for entry_id, _, state in items if entry_id == one.id)
                continue
            assert told[one.id] == 1, f"{person.address}: {one.words} is told {told[one.id]} times"
            # What was recorded before the campaign opened again is one line that names none of it.
            if one.id in in_words and one.stamped > self.model.campaigns[one.which].opened_at:
                assert self.model.told[person.subscriber, one.words], f"{person.address} never had {one.words}"

    def _copies(self) -> None:
        copies = Counter(self.model.sink.accepted)
        rows = {
            email.message_id: email
            for email in db.session.scalars(sa.select(Email).execution_options(populate_existing=True))
        }
        for (address, message_id), count in copies.items():
            email, asked_for = rows[message_id], self.model.again[message_id]
            assert count <= 2 + asked_for, f"{address}: {count} copies, {asked_for} of them asked for"
            assert count == 1 or email.ambiguous, f"{address}: a second copy without its mark"
            again = email.state in (EmailState.PENDING, EmailState.CLAIMED)
            assert email.ambiguous or not again, f"{address}: taken, and to be sent again without a mark"
            assert email.state is not EmailState.CANCELLED, f"{address}: taken back after it was taken"
        taken = {message_id for _address, message_id in copies}
        lost = [email for email in rows.values() if email.state is EmailState.SENT and email.message_id not in taken]
        assert not lost, "sent, says the row; nobody has it"

    def _words(self) -> None:
        """What came since we last looked: nothing while sending rests, nothing a second time in another mail, nothing
        of a closed campaign or that was redacted, nothing to an address that was given up."""
        model = self.model
        for (address, message_id), data in zip(
            model.sink.accepted[self._read :], model.sink.sealed[self._read :], strict=True
        ):
            self._read += 1
            assert not model.is_paused, f"{address} has mail while sending rests"
            mail = message_from_bytes(data, policy=policy.default)
            if not mail["List-Id"]:
                continue  # that the address is another one now
            part = mail.get_body(("plain",))  # type: ignore[attr-defined]
            text = part.get_content() + str(mail["Subject"])
            person = next((one for one in model.people if one.address == address), None)
            assert person is not None, f"{address} was given up, and has a digest"
            assert person.is_reading and not person.is_gone, f"{address} left, and has mail"
            for one in model.news:
                if one.words in text:
                    assert model.campaigns[one.which].is_open, f"{address}: {one.words} of a closed campaign"
                    assert one.id not in model.redacted, f"{address}: {one.words} was redacted"
                    assert person.heard_since(one.which) is not None, f"{address} does not follow {one.words}"
                    mails = model.told[person.subscriber, one.words]
                    mails.add(message_id)
                    assert len(mails) == 1, f"{address}: {one.words} in two mails"

    def _rows(self, person: Person) -> None:
        digests = db.session.scalars(
            sa.select(Digest)
            .where(Digest.subscriber_id == person.subscriber)
            .order_by(Digest.due_at, Digest.id)
            .execution_options(populate_existing=True)
        ).all()
        rows = Counter((one.frequency.value, one.period_key) for one in digests)
        assert not rows or max(rows.values()) == 1, f"{person.address}: a period has two rows"
        if self.model.is_whole:
            assert person.wanted <= rows.keys(), f"{person.address}: no row for {person.wanted - rows.keys()}"
            assert rows.keys() <= person.zones.keys(), f"{person.address}: rows of no period {rows}"
        mailed = [one for one in digests if one.state in MAILED]
        for before, after in pairwise(mailed):
            zone = person.zones.get((after.frequency.value, after.period_key))
            if zone is not None:
                days = [one.due_at.astimezone(ZoneInfo(zone)).date() for one in (before, after)]
                assert days[0] != days[1], f"{person.address}: two digests on {days[0]}"
