"""Redaction reaches stored mails: delivered, waiting, and at the very moment of leaving."""

import datetime as dt
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.digests.test_merged import merge
from tests.digests.world import World, followed
from tests.support.mails import begins_to_leave
from tests.support.pages import submit
from tracker.accounts.models import Account, Role
from tracker.campaigns.models import Campaign
from tracker.campaigns.relations import CampaignMerge
from tracker.campaigns.service import undo_merge
from tracker.db import Precision, db, transaction
from tracker.digests import running
from tracker.digests.models import DigestRun
from tracker.digests.sending import withdraw_entry, withdraw_source
from tracker.mail import claims, unsealed
from tracker.mail.models import Email, EmailBody, EmailState
from tracker.signatures.models import Qualifier
from tracker.signatures.service.sizes import SizeClaim, record_reported_count
from tracker.timeline.models import EntryVisibility, TimelineEntry
from tracker.timeline.service import Told, correct_entry, redact_entry
from tracker.web.dates import UncertainDate

pytestmark = pytest.mark.each_database


def redact(world: World, entry: int) -> None:
    with transaction():
        row = db.session.get_one(TimelineEntry, entry)
        redact_entry(row, reason="a name typed by mistake", actor=None, now=now(world), also=[withdraw_entry])


def redact_source(world: World, entry: int) -> None:
    """The sources of an entry altogether, through another entry that cites them."""
    with transaction():
        row = db.session.get_one(TimelineEntry, entry)
        redact_entry(
            row, reason="a name typed by mistake", actor=None, now=now(world), sources=list(row.sources),
            also=[withdraw_entry], cited=[withdraw_source],
        )  # fmt: skip


def now(world: World) -> dt.datetime:
    from tracker import clock

    return clock.now()


def files(world: World) -> list[Path]:
    folder = world.config.mail.folder
    assert folder is not None
    return list(folder.iterdir())


def test_a_delivered_mail_is_destroyed(world: World) -> None:
    """What was sent cannot be fetched back, but our copies of it go: the stored words and the file."""
    campaign, _reader = followed(world)
    entry = world.entry(campaign, "Ada said so")
    world.run("2026-11-23 08:00")
    assert len(files(world)) == 1
    redact(world, entry)
    assert files(world) == []
    body = db.session.scalars(sa.select(EmailBody)).one()
    assert (body.subject_sealed, body.text_sealed, body.html_sealed) == (None, None, None)
    assert world.states() == ["sent"]
    world.run("2026-11-24 08:00")
    assert world.mails() == [], "what was redacted is not told again"


def test_a_waiting_mail_is_composed_anew(world: World) -> None:
    """What did not leave yet leaves without the words."""
    campaign, _reader = followed(world)
    entry = world.entry(campaign, "Ada said so")
    world.entry(campaign, "Amazon answers")
    running.sweep(world.at("2026-11-23 08:00"))
    redact(world, entry)
    world.run("2026-11-23 08:01")
    (text,) = world.texts()
    assert "Ada" not in text
    assert "Amazon answers" in text


def test_a_claimed_mail_is_stopped(world: World) -> None:
    """A sender that holds the words already finds its claim gone before the last bytes leave."""
    campaign, _reader = followed(world)
    entry = world.entry(campaign, "Ada said so")
    running.sweep(world.at("2026-11-23 08:00"))
    with transaction():
        (email,) = claims.claim(now=now(world))
        email_id, token = email.id, email.token or ""
    redact(world, entry)
    with transaction():
        assert not begins_to_leave(email_id, token, now=now(world))
    assert db.session.scalars(sa.select(Email.state)).one() is EmailState.CANCELLED
    world.run("2026-11-23 08:01")
    assert world.mails() == []


def test_a_mail_that_may_have_arrived_is_not_sent_again(world: World) -> None:
    """Of an unknown mail no second copy leaves once its words are gone; it stays unknown, and its run is over."""
    campaign, _reader = followed(world)
    entry = world.entry(campaign, "Ada said so")
    running.sweep(world.at("2026-11-23 08:00"))
    with transaction():
        (email,) = claims.claim(now=now(world))
        assert begins_to_leave(email.id, email.token, now=now(world))
        claims.settle_unknown(email.id, email.token or "", now=now(world))
    running.sweep(world.at("2026-11-23 08:01"))
    assert db.session.scalars(sa.select(DigestRun.closed_at)).all() == [None], "it is held, and goes once more"
    redact(world, entry)
    world.run("2026-11-23 08:31")
    assert world.mails() == []
    assert db.session.scalars(sa.select(DigestRun.closed_at)).all() != [None]
    email = db.session.scalars(sa.select(Email)).one()
    assert email.state is EmailState.UNKNOWN
    assert email.settled_at is not None
    assert world.states()[0].startswith("unknown")


def test_a_waiting_mail_that_quotes_it_is_composed_anew(world: World) -> None:
    """A correction says what stood before it: redacted there, it is not said any more, and its own words stay."""
    campaign, reader = followed(world)
    entry = world.entry(campaign, "Ada Knot said so")
    world.run("2026-11-23 08:00")
    world.at("2026-11-23 12:00")
    with transaction():
        wrong, actor = db.session.get_one(TimelineEntry, entry), db.session.get_one(Account, reader)
        correct_entry(
            wrong, reason="not a name", headline="Somebody said so", occurred_on=now(world).date(), actor=actor,
            now=now(world),
        )  # fmt: skip
    running.sweep(world.at("2026-11-24 08:00"))
    (waiting,) = db.session.scalars(sa.select(Email).where(Email.state == EmailState.PENDING))
    assert "Ada Knot" in str(unsealed.opened(waiting))
    redact(world, entry)
    world.run("2026-11-24 08:01")
    *_earlier, text = world.texts()
    assert "Ada" not in text and "Somebody said so" in text


def test_a_source_goes_from_every_mail_that_cites_it(world: World) -> None:
    """Also from the mail about another entry, which stays with its words and without the source."""
    campaign, _reader = followed(world)
    source = world.source(publisher="Ada Knot")
    entries = [world.entry(campaign, words, sources=[source]) for words in ("Amazon answers", "Others answer")]
    running.sweep(world.at("2026-11-23 08:00"))
    (waiting,) = db.session.scalars(sa.select(Email).where(Email.state == EmailState.PENDING))
    assert "Ada Knot" in str(unsealed.opened(waiting))
    redact_source(world, entries[0])
    world.run("2026-11-23 08:01")
    (text,) = world.texts()
    assert "Ada" not in text and "Others answer" in text


@pytest.mark.parametrize("redacts", [redact, redact_source], ids=["its words", "its source"])
def test_a_size_goes_from_every_mail_that_names_its_campaign(
    world: World, redacts: Callable[[World, int], None]
) -> None:
    """Beside other news a mail says how many were reported, and by whom: composed anew it says so no longer. A mail
    about another campaign stays as it is."""
    campaign, _reader = followed(world)
    other = world.campaign("Elsewhere", "Contoso Ltd.")
    world.follow(world.account("elsewhere@example.org"), other)
    reported = report(world, campaign)
    world.at("2026-11-23 07:30")
    world.entry(campaign, "Amazon answers")
    world.entry(other, "Contoso answers")
    running.sweep(world.at("2026-11-23 08:00"))
    waiting = {one.public_id: str(unsealed.opened(one)) for one in db.session.scalars(sa.select(Email))}
    assert sorted("Ada Knot" in words for words in waiting.values()) == [False, True]
    redacts(world, reported)
    gone = db.session.scalars(sa.select(Email.public_id).where(Email.state == EmailState.CANCELLED)).all()
    assert ["Ada Knot" in waiting[one] for one in gone] == [True]
    world.run("2026-11-23 08:01")
    texts = world.texts()
    assert sorted("Amazon answers" in text for text in texts) == [False, True]
    hidden = "friends of" if redacts is redact else "Ada Knot:"
    assert not [text for text in texts if hidden in text]


def test_a_size_goes_from_the_mail_that_names_what_its_campaign_was_merged_into(world: World) -> None:
    """Merged campaigns are told of under the name of one; and so are the sizes reported of the others, also when one
    was merged by way of another and all of it was undone since."""
    campaign, _reader = followed(world)
    ways = [campaign, world.campaign("Another record"), world.campaign("The record that remains")]
    reported = report(world, campaign)
    world.at("2026-11-23 07:30")
    merged = [merge(one, into) for one, into in itertools.pairwise(ways)]
    world.entry(campaign, "Amazon answers")
    world.run("2026-11-23 08:00")
    (text,) = world.texts()
    assert "The record that remains" in text and "Ada Knot" in text
    for number in reversed(merged):
        with transaction():
            undo_merge(db.session.get_one(CampaignMerge, number), actor=None, now=now(world))
    redact(world, reported)
    assert files(world) == []


@pytest.mark.parametrize("what", ["size", "original"])
def test_what_is_quoted_is_closed_before_it_leaves(
    world: World, what: str, signed_in: Callable[..., FlaskClient]
) -> None:
    """A size beside the news, or what a correction corrects, that fewer may read from now on: the mail that waits is
    composed anew and does not say it."""
    campaign, reader = followed(world)
    quoted = report(world, campaign) if what == "size" else world.entry(campaign, "Ada Knot said so")
    world.run("2026-11-23 08:00")
    world.at("2026-11-23 12:00")
    with transaction():
        db.session.get_one(Account, reader).role = Role.ORGANISER
    world.member(campaign, reader)
    if what == "size":
        world.entry(campaign, "Amazon answers")
    else:
        with transaction():
            wrong, actor = db.session.get_one(TimelineEntry, quoted), db.session.get_one(Account, reader)
            correct_entry(
                wrong, reason="nobody did", headline="Amazon answers", occurred_on=now(world).date(), actor=actor,
                now=now(world),
            )  # fmt: skip
    running.sweep(world.at("2026-11-24 08:00"))
    (waiting,) = db.session.scalars(sa.select(Email).where(Email.state == EmailState.PENDING))
    assert "Ada Knot" in str(unsealed.opened(waiting))
    client = signed_in(account_id=world.account(role=Role.ADMINISTRATOR))
    address = f"/history/{db.session.get_one(TimelineEntry, quoted).public_id}/visibility"
    submit(client, f"/campaigns/{db.session.get_one(Campaign, campaign).slug}{address}", visibility="members")
    world.run("2026-11-24 08:01")
    text = world.texts()[-1]
    assert "Amazon answers" in text and "Ada Knot" not in text


def report(world: World, campaign: int) -> int:
    """A size of it with Ada Knot's name, which is no news; the entry."""
    with transaction():
        told = Told(
            occurred_on=now(world).date(), visibility=EntryVisibility.PUBLIC, announce=False,
            sources=[world.source(publisher="Ada Knot")],
        )  # fmt: skip
        day = UncertainDate(now(world).date(), Precision.DAY)
        claim = SizeClaim(value=40, qualifier=Qualifier.ABOUT, population="friends of Ada Knot", as_of=day)
        row = record_reported_count(db.session.get_one(Campaign, campaign), claim, told, actor=None, now=now(world))
        return row.entry_id
