"""Redacted words go from the sentences and deadlines that repeat them, and from the mails about these."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.digests.conftest import world  # noqa: F401 - a fixture
from tests.digests.world import World, followed
from tests.pages.test_redaction import NAME, bytes_of
from tests.support.happenings import Team
from tests.support.pages import submit, visit
from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.models import Campaign
from tracker.campaigns.reminders import remind_owners
from tracker.campaigns.service import edit_deadline, finish_deadline
from tracker.companies.models import Company
from tracker.db import Precision, db, forget_deleted, transaction
from tracker.digests import running
from tracker.digests.sending import withdraw_deadline
from tracker.engagements.models import EngagementKind
from tracker.engagements.service import Contact, record_engagement
from tracker.mail import unsealed
from tracker.mail.models import Email, EmailKind, EmailState
from tracker.outcomes.models import Implementation
from tracker.outcomes.service import Promise, grade_commitment, record_commitment
from tracker.pages.redaction import WITHDRAWN_FROM
from tracker.resolutions.models import Denominator, DispositionKind, FilerRole
from tracker.resolutions.service import (
    Counted,
    Filing,
    Published,
    file_resolution,
    join_resolution,
    record_disposition,
    record_vote,
)
from tracker.timeline.models import EntryVisibility, TimelineEntry
from tracker.timeline.service import Told, amend, correct_entry, redact_entry
from tracker.timeline.service.repetitions import without

# Sentences are composed of its beginning alone: a vote's of less than a disposition's.
LONG = f"Report by {NAME} on " + ", ".join(f"matter {number} of many" for number in range(10, 19))
HALF = Counted(percentages=(Published(Decimal("27.5"), Denominator.FOR_AND_AGAINST),))


def filed(team: Team, title: str, now: dt.datetime) -> str:
    """A resolution with all that repeats its title; where its filing is redacted."""
    editor, campaign = team.account("editor"), team.campaign
    filing = Filing(title, db.session.get_one(Company, team.company_id))
    resolution = file_resolution(campaign, filing, team.told(), actor=editor, now=now)
    record_disposition(
        resolution, DispositionKind.IN_PROXY, team.told(), campaign=campaign, actor=editor, now=now
    )  # fmt: skip
    join_resolution(
        resolution, "Contoso Fund", FilerRole.CO_FILER, team.told(), campaign=campaign, actor=editor, now=now
    )
    vote = record_vote(resolution, HALF, team.told(), campaign=campaign, actor=editor, now=now)
    correct_entry(
        vote.entry, reason="The day", headline=vote.entry.headline, occurred_on=vote.entry.occurred_on, actor=editor,
        now=now,
    )  # fmt: skip
    return team.path(f"/history/{resolution.entry.public_id}/redact")


def is_in_a_file(instance: Path) -> bool:
    forget_deleted()
    db.session.remove()
    return NAME.encode() in bytes_of(instance)


@pytest.mark.parametrize("title", [LONG, f"About {NAME}."], ids=["long", "short"])
def test_a_title_goes_from_every_sentence(team: Team, instance: Path, title: str) -> None:
    """From what became of the resolution, who joined, how the vote went and what corrects that: the rest stays."""
    with team.act() as now:
        address = filed(team, title, now)
    client = team.client("editor")
    assert "the same words in the sentences of 4 other entries" in visit(client, address).text
    page = submit(client, address, reason="a name typed by mistake")
    for path in ("/history", "/history?q=quagga", "/changes", "/resolutions", "", "/briefing"):
        assert "Wilhelmina" not in client.get(team.path(path), follow_redirects=True).get_data(as_text=True), path
    with team.look():
        said = db.session.scalars(sa.select(TimelineEntry.headline).order_by(TimelineEntry.id)).all()
        assert said[1:] == [
            "“Words removed” is in the proxy statement of Amazon.com, Inc.",
            "Contoso Fund joined as a co-filer of “Words removed”.",
            *["Vote on “Words removed” at Amazon.com, Inc.: 27.5\N{NO-BREAK SPACE}% of for and against."] * 2,
        ]
        assert not is_in_a_file(instance)
    assert page.heading == "Words removed"


def test_an_earlier_title_goes_and_the_one_that_stands_stays(team: Team, instance: Path) -> None:
    """A title that was corrected stays in what happened before that; it goes with the entry that told it first."""
    with team.act() as now:
        editor, campaign = team.account("editor"), team.campaign
        company = db.session.get_one(Company, team.company_id)
        known = file_resolution(campaign, Filing(LONG, company), team.told(), actor=editor, now=now)
        first = known.entry
        for title in (None, "Report on many matters"):
            if title:
                told = amend(first, team.told(), reason="No name", actor=editor, now=now)
                file_resolution(campaign, Filing(title, company), told, actor=editor, now=now, known=known)
            record_disposition(
                known, DispositionKind.IN_PROXY, team.told(), campaign=campaign, actor=editor, now=now
            )  # fmt: skip
        address = team.path(f"/history/{first.public_id}/redact")
    submit(team.client("editor"), address, reason="a name")
    with team.look():
        said = db.session.scalars(sa.select(TimelineEntry.headline).order_by(TimelineEntry.id)).all()
        assert [one.partition(" is in")[0] for one in said if " is in" in one] == [
            "“Words removed”", "“Report on many matters”",
        ]  # fmt: skip
        assert not is_in_a_file(instance)


def test_a_promise_goes_from_its_deadline_and_what_was_done(team: Team, instance: Path) -> None:
    """Also from how far it went; another deadline stays, and so does the date of this one."""
    with team.act() as now:
        editor, campaign = team.account("editor"), team.campaign
        promise = Promise(
            f"To pay {NAME}", due_on=now.date() + dt.timedelta(days=7), due_precision=Precision.DAY, is_deadline=True
        )
        commitment = record_commitment(campaign, promise, team.told(), actor=editor, now=now)
        grade_commitment(commitment, Implementation.FULLY, team.told(), actor=editor, now=now)
        record_engagement(
            campaign,
            Contact(EngagementKind.CALL, team.demand().target, next_step="To write", next_step_on=now.date()),
            team.told(), actor=editor, now=now,
        )  # fmt: skip
        for deadline in db.session.scalars(sa.select(Deadline)):
            finish_deadline(deadline, done=True, actor=editor, now=now)
        address = team.path(f"/history/{commitment.entry.public_id}/redact")
    client = team.client("editor")
    preview = visit(client, address).text
    assert "the sentences of 2 other entries" in preview and "in 1 deadline" in preview
    submit(client, address, reason="a name")
    with team.look():
        assert db.session.scalars(sa.select(Deadline.what).order_by(Deadline.id)).all() == [
            "Promised: Words removed", "To write",
        ]  # fmt: skip
        assert db.session.scalars(sa.select(TimelineEntry.headline).order_by(TimelineEntry.id)).all()[1:] == [
            "Promise kept: Words removed.", "Call with Amazon.com, Inc.", "Done: Promised: Words removed",
            "Done: To write",
        ]  # fmt: skip
        assert not is_in_a_file(instance)


def test_a_deadline_that_was_renamed(team: Team, instance: Path) -> None:
    """What it was called before goes from its changes; what it is called stays."""
    with team.act() as now:
        editor = team.account("editor")
        due: dict[str, Any] = {"due_on": now.date(), "due_precision": Precision.DAY}
        promise = Promise(f"To pay {NAME}", is_deadline=True, **due)
        entry = record_commitment(team.campaign, promise, team.told(), actor=editor, now=now).entry
        deadline = db.session.scalars(sa.select(Deadline)).one()
        values = {"what": "The payment", "due_on": deadline.due_on}
        edit_deadline(deadline, values, seen=deadline.version, actor=editor, now=now)
        address = team.path(f"/history/{entry.public_id}/redact")
    client = team.client("editor")
    assert NAME in visit(client, team.path("/changes")).text
    submit(client, address, reason="a name")
    assert "The payment" in visit(client, team.path("/changes")).text
    with team.look():
        assert db.session.scalars(sa.select(Deadline.what)).all() == ["The payment"]
        assert not is_in_a_file(instance)


def test_what_is_to_be_done_after_a_meeting(team: Team, instance: Path) -> None:
    """A next step with a day is a deadline of these very words."""
    with team.act() as now:
        contact = Contact(
            EngagementKind.CALL, team.demand().target, next_step=f"To call {NAME}.", next_step_on=now.date()
        )
        engagement = record_engagement(team.campaign, contact, team.told(), actor=team.account("editor"), now=now)
        address = team.path(f"/history/{engagement.entry.public_id}/redact")
    submit(team.client("editor"), address, reason="a name")
    with team.look():
        assert db.session.scalars(sa.select(Deadline.what)).all() == ["Words removed."]
        assert not is_in_a_file(instance)


def test_what_happens_to_it_afterwards(team: Team) -> None:
    """A resolution without a title goes on, and what is recorded of it says so."""
    with team.act() as now:
        editor, campaign = team.account("editor"), team.campaign
        filing = Filing(f"About {NAME}", db.session.get_one(Company, team.company_id))
        resolution = file_resolution(campaign, filing, team.told(), actor=editor, now=now)
        redact_entry(resolution.entry, reason="a name", actor=editor, now=now)
        record_vote(resolution, HALF, team.told(), campaign=campaign, actor=editor, now=now)
        record_disposition(
            resolution, DispositionKind.WITHDRAWN, team.told(), campaign=campaign, actor=editor, now=now
        )  # fmt: skip
    with team.look():
        assert team.entry("Vote on “Title removed” at Amazon.com, Inc.: 27.5")
        assert team.entry("The filers withdrew “Title removed”.")


def test_who_may_not_read_a_sentence_learns_of_none(team: Team) -> None:
    """A vote told off the record is not counted to a lead who redacts the title; it loses the words all the same."""
    with team.act() as now:
        editor, campaign = team.account("editor"), team.campaign
        filing = Filing(f"About {NAME}", db.session.get_one(Company, team.company_id))
        resolution = file_resolution(campaign, filing, team.told(), actor=editor, now=now)
        told = team.told(visibility=EntryVisibility.OFF_THE_RECORD)
        record_vote(resolution, HALF, told, campaign=campaign, actor=editor, now=now)
        address = team.path(f"/history/{resolution.entry.public_id}/redact")
    assert "the same words" not in visit(team.client("lead"), address).text
    submit(team.client("lead"), address, reason="a name")
    with team.look():
        assert team.entry("Vote on").headline.startswith("Vote on “Words removed”")


@pytest.mark.each_database
def test_mails_about_a_vote_are_composed_anew(world: World) -> None:  # noqa: F811 - the fixture
    """A mail that waits tells how the vote went without the title, also in its subject; one that was delivered goes."""
    campaign_id, _reader = followed(world)
    with transaction():
        campaign, now = db.session.get_one(Campaign, campaign_id), clock.now()
        told = Told(occurred_on=now.date(), visibility=EntryVisibility.PUBLIC)
        quiet = Told(occurred_on=now.date(), visibility=EntryVisibility.PUBLIC, announce=False)
        filing = Filing(f"About {NAME}", campaign.subjects[0].company)
        resolution = file_resolution(campaign, filing, quiet, actor=None, now=now)
        record_vote(resolution, HALF, told, campaign=campaign, actor=None, now=now)
        entry = resolution.entry_id
    running.sweep(world.at("2026-11-23 08:00"))
    (waiting,) = db.session.scalars(sa.select(Email))
    assert str(unsealed.opened(waiting)).count(NAME) > 1
    redact(entry)
    world.run("2026-11-23 08:01")
    (mail,) = world.mails()
    assert str(mail["Subject"]).endswith("% of for and against")
    assert NAME not in str(mail) and "Vote on “Words removed”" in world.texts()[0]
    assert db.session.scalar(sa.select(sa.func.count(Email.id)).where(Email.state == EmailState.CANCELLED)) == 1


@pytest.mark.each_database
def test_mails_about_a_deadline(world: World) -> None:  # noqa: F811 - the fixture
    """A reminder that waits never leaves, and the digest that waits says what is due without the words."""
    campaign_id, reader = followed(world)
    world.member(campaign_id, reader)
    with transaction():
        campaign, now, owner = (
            db.session.get_one(Campaign, campaign_id),
            clock.now(),
            db.session.get_one(Account, reader),
        )
        told = Told(occurred_on=now.date(), visibility=EntryVisibility.PUBLIC, announce=False)
        due = now.date() + dt.timedelta(days=2)
        promise = Promise(f"To pay {NAME}", due_on=due, due_precision=Precision.DAY, is_deadline=True)
        entry = record_commitment(campaign, promise, told, actor=owner, now=now).entry_id
    world.entry(campaign_id, "Amazon answers")
    running.sweep(world.at("2026-11-23 08:00"))
    with transaction():
        assert remind_owners(clock.now()) == 1
    waiting = {email.kind: str(unsealed.opened(email)) for email in db.session.scalars(sa.select(Email))}
    assert set(waiting) == {EmailKind.DIGEST, EmailKind.REMINDER} and all(NAME in words for words in waiting.values())
    redact(entry)
    world.run("2026-11-23 08:01")
    (text,) = world.texts()
    assert "Promised: Words removed" in text and NAME not in text


def redact(entry: int) -> None:
    with transaction():
        redact_entry(
            db.session.get_one(TimelineEntry, entry), reason="a name", actor=None, now=clock.now(),
            also=WITHDRAWN_FROM, noted=[withdraw_deadline],
        )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "phrase", "left"),
    [
        ("Vote on “Privacy” at Privacy Inc.: 3 % for.", "Privacy", "Vote on “Words removed” at Privacy Inc.: 3 % for."),
        ("Promise kept: Stop.", "Stop", "Promise kept: Words removed."),
        ("Promise kept: Stop it.", "Stop", "Promise kept: Stop it."),
        ("Done: Promised: Stop", "Stop", "Done: Promised: Words removed"),
        ("Stop", "Stop", "Words removed"),
        ("Stop and go", "Stop", "Stop and go"),
        ("Promise kept: Report: of Ada on…", "Report: of Ada on all", "Promise kept: Words removed"),
        ("Promise kept: Report…", "Report of Ada on all", "Promise kept: Report…"),  # six letters are nobody's words
        ("“A” is replaced by “A”.", "A", "“Words removed” is replaced by “Words removed”."),
        ("Words removed", "Words removed", "Words removed"),
    ],
)
def test_where_words_are_repeated(text: str, phrase: str, left: str) -> None:
    """As a quotation, after a colon up to the end, or alone; whole, or cut and long enough to be known by it."""
    assert without(text, [phrase]) == left
