"""The desk: states with their answers, whole addresses for a reason, what would be sent, tests, sending again."""

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.digests.world import EntryVisibility, TimelineEntry, World
from tests.support.accounts import SignedIn
from tests.support.pages import submit, visit
from tracker import clock
from tracker.accounts.models import AccessRecord, Account, Role
from tracker.db import db, transaction
from tracker.digests import links, running
from tracker.digests.models import Digest, DigestItem, DigestResend, DigestState
from tracker.instance import SENDING_PAUSED, remember, setting
from tracker.mail import outbox
from tracker.mail.models import Email, EmailKind, EmailState
from tracker.sealing import keyring

SignIn = Callable[..., SignedIn]
LATER = dt.timedelta(days=8)


def told(app: Flask, present: World, signed_in: SignIn) -> SignedIn:
    """A reader whose digest was sent."""
    reader = signed_in(Role.VIEWER)
    reader.post("/digests/follow")
    with app.app_context():
        present.entry(present.campaign())
        running.run(clock.now() + LATER)
    return reader


def run_page(client: SignedIn) -> str:
    return str(visit(client, "/digests/desk").select_one("#runs th a")["href"])


def only_digest() -> Digest:
    db.session.rollback()
    return db.session.scalars(sa.select(Digest)).one()


@pytest.mark.each_database
def test_receivers_are_filtered_by_state(app: Flask, present: World, signed_in: SignIn) -> None:
    """Each state has its page; what the mail server said stands beside it; a state nobody has says so."""
    told(app, present, signed_in)
    organiser = signed_in(Role.ORGANISER)
    address = run_page(organiser)
    with app.app_context(), transaction():
        only_digest().email.smtp_code = 250  # type: ignore[union-attr]
    page = visit(organiser, f"{address}?state=sent")
    assert len(page.select("tbody tr")) == 1
    assert "250" in page.text and "1 try" in page.text
    page = visit(organiser, f"{address}?state=failed")
    assert not page.has("tbody") and "Nobody in this state" in page.text
    assert len(visit(organiser, f"{address}?state=nonsense").select("tbody tr")) == 1


@pytest.mark.each_database
def test_whole_addresses_want_the_permission_and_a_reason(app: Flask, present: World, signed_in: SignIn) -> None:
    """Only who may see contact data unmasks a page, with a reason, and the access record says how many were read."""
    reader = told(app, present, signed_in)
    plain, trusted = signed_in(Role.ORGANISER), signed_in(Role.ORGANISER, may_see_contacts=True)
    address = run_page(plain)
    assert not visit(plain, address).has("#addresses")
    assert plain.post(address, data={"reason": "To look"}).status_code == 403
    page = submit(trusted, address, "#addresses form", status=422, reason="")
    assert reader.email not in page.html
    with app.app_context():
        assert db.session.scalars(sa.select(AccessRecord)).all() == []
    page = submit(trusted, address, "#addresses form", reason="A receiver asks where it stays")
    assert reader.email in page.text
    with app.app_context():
        record = db.session.scalars(sa.select(AccessRecord)).one()
        assert (record.account_id, record.count, record.reason) == (
            trusted.account_id, 1, "A receiver asks where it stays",
        )  # fmt: skip
    assert reader.email not in visit(trusted, address).html


@pytest.mark.each_database
def test_what_would_be_sent_consumes_nothing(app: Flask, present: World, signed_in: SignIn) -> None:
    """The dry run counts who would get a mail, who would be skipped and who would fail; no row is written."""
    reader, quiet, gone = signed_in(Role.VIEWER), signed_in(Role.VIEWER), signed_in(Role.VIEWER)
    organiser, boss = signed_in(Role.ORGANISER), signed_in(Role.ADMINISTRATOR)
    with app.app_context():
        campaign, other = present.campaign(), present.campaign("Another")
        present.follow(reader.account_id, campaign)
        present.follow(quiet.account_id, other)
        present.follow(gone.account_id, campaign)
        present.entry(campaign)
        with transaction():
            outbox.suppress(keyring().address_hash(gone.email), "a complaint", now=clock.now())
    page = visit(organiser, "/digests/desk/foreseen")
    assert "1 would get a mail" in page.text
    assert "1 would be skipped: nothing to say" in page.text
    assert "1 would fail: Do not mail: a complaint" in page.text
    assert reader.email not in page.html
    assert not page.has('tbody a[href*="foreseen/"]'), "the words of others' mail are not for organisers"
    page = visit(boss, "/digests/desk/foreseen")
    page = visit(boss, page.link(f"The mail to {reader.email[0]}…@example.org"))
    assert "Amazon refuses to answer" in page.text
    assert reader.email not in page.html and "/u/" not in page.html.replace("/u/…", "")
    with app.app_context():
        assert db.session.scalars(sa.select(DigestItem)).all() == []
        assert db.session.scalars(sa.select(Email).where(Email.kind == EmailKind.DIGEST)).all() == []


@pytest.mark.each_database
def test_another_persons_mail_is_no_way_around_confidence(app: Flask, present: World, signed_in: SignIn) -> None:
    """An administrator who may not see an entry does not read it in the preview of somebody who may."""
    reader, boss = signed_in(Role.VIEWER), signed_in(Role.ADMINISTRATOR)
    with app.app_context():
        campaign = present.campaign("Secret matters")
        present.member(campaign, reader.account_id)
        present.follow(reader.account_id, campaign)
        present.entry(
            campaign, "A quiet word", visibility=EntryVisibility.OFF_THE_RECORD, reader_ids=[reader.account_id]
        )
    page = visit(boss, "/digests/desk/foreseen")
    page = visit(boss, page.link(f"The mail to {reader.email[0]}…@example.org"))
    assert "you may not see" in page.text
    assert "Secret matters" not in page.text and "note" not in page.text.casefold()
    assert boss.get(f"{page.response.request.path}/mail").get_data() == b""


def test_another_persons_mail_as_it_would_look(app: Flask, present: World, signed_in: SignIn) -> None:
    """An administrator reads it as text and as HTML; the links that only its receiver may have are not in it."""
    reader, boss = signed_in(Role.VIEWER), signed_in(Role.ADMINISTRATOR)
    with app.app_context():
        campaign = present.campaign()
        present.follow(reader.account_id, campaign)
        present.entry(campaign)
        secret = links.token(present.subscriber(reader.account_id), links.UNSUBSCRIBE)
    page = visit(boss, visit(boss, "/digests/desk/foreseen").link(f"The mail to {reader.email[0]}…@example.org"))
    frame = boss.get(str(page.select_one("iframe")["src"]))
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    for html in (page.html, frame.get_data(as_text=True)):
        assert "Amazon refuses to answer" in html
        assert "/u/…" in html and "link.invalid" not in html
        assert secret not in html


@pytest.mark.each_database
def test_a_test_goes_to_me_and_consumes_nothing(app: Flask, present: World, signed_in: SignIn) -> None:
    """A test is a mail of its own kind: what my digest would say now, or a few words; the digest still says it."""
    boss = signed_in(Role.ADMINISTRATOR)
    submit(boss, "/digests/desk", 'main form[action="/digests/desk/test"]')
    boss.post("/digests/follow")
    with app.app_context():
        present.entry(present.campaign())
    submit(boss, "/digests/desk", 'main form[action="/digests/desk/test"]')
    with app.app_context():
        assert running.send()["sent"] == 2
        subjects = [str(mail["Subject"]) for mail in present.mails()]
        assert subjects[0] == "[Test] Mail from here reaches you"
        assert subjects[1].startswith("[Test] Amazon")
        kinds = db.session.scalars(sa.select(Email.kind)).all()
        assert list(kinds) == [EmailKind.TEST, EmailKind.TEST]
        assert db.session.scalars(sa.select(DigestItem)).all() == []
        assert running.run(clock.now() + LATER)["sent"] == 1


def test_nobody_floods_a_mailbox_from_the_desk(app: Flask, signed_in: SignIn) -> None:
    """So many tests a minute by one account, from whichever network; another account is not held up."""
    boss, other = signed_in(Role.ORGANISER), signed_in(Role.ORGANISER)

    def test(client: SignedIn, network: str) -> int:
        return client.post("/digests/desk/test", environ_overrides={"REMOTE_ADDR": network}).status_code

    assert [test(boss, f"192.0.{number}.1") for number in range(6)] == [302] * 5 + [429]
    assert test(other, "192.0.5.1") == 302
    with app.app_context():
        assert len(db.session.scalars(sa.select(Email)).all()) == 6


@pytest.mark.each_database
def test_a_sent_digest_goes_again_as_it_was(app: Flask, present: World, signed_in: SignIn) -> None:
    """The same mail with the same Message-ID, marked; who asked is recorded; a second click changes nothing."""
    told(app, present, signed_in)
    organiser = signed_in(Role.ORGANISER, name="Grace")
    with app.app_context():
        before = only_digest().email
        assert before is not None
        number, message_id = before.id, before.message_id
    address = run_page(organiser)
    with app.app_context(), transaction():
        remember(SENDING_PAUSED, "a try", now=clock.now())
    page = submit(organiser, address, 'form[action$="/resend"]')
    assert "marked as a second copy" in page.html
    assert "Sent again by Grace" in page.text
    with app.app_context():
        digest = only_digest()
        assert digest.state is DigestState.READY
        path = f"/digests/desk/digests/{digest.public_id}/resend"
    page = visit(organiser, path, method="POST")
    assert "waits to be sent already" in page.html
    with app.app_context():
        with transaction():
            remember(SENDING_PAUSED, None, now=clock.now())
        assert running.send()["sent"] == 1
        email = only_digest().email
        assert email is not None
        assert (email.id, email.message_id, email.ambiguous) == (number, message_id, True)
        assert only_digest().state is DigestState.SENT
        record = db.session.scalars(sa.select(DigestResend)).one()
        assert (record.asked_by_id, record.was, record.is_same) == (organiser.account_id, DigestState.SENT, True)


@pytest.mark.each_database
def test_a_wiped_or_failed_digest_is_composed_anew(app: Flask, present: World, signed_in: SignIn) -> None:
    """Once the words are gone, what it told is told again in a mail of its own, and stands told once."""
    told(app, present, signed_in)
    organiser = signed_in(Role.ORGANISER)
    with app.app_context(), transaction():
        email = only_digest().email
        assert email is not None
        first = email.message_id
        outbox.wipe(email, now=clock.now())
        outbox.wipe_body(email.body, now=clock.now())
    page = submit(organiser, run_page(organiser), 'form[action$="/resend"]')
    assert "composed anew" in page.html
    with app.app_context():
        running.compose()
        assert running.send()["sent"] == 1
        digest = only_digest()
        assert digest.state is DigestState.SENT
        assert digest.email is not None and digest.email.message_id != first
        assert len(db.session.scalars(sa.select(DigestItem)).all()) == 1


@pytest.mark.each_database
def test_nobody_is_written_to_who_must_not_be(app: Flask, present: World, signed_in: SignIn) -> None:
    """A suppressed address is refused in words, and nothing is recorded or changed."""
    reader = told(app, present, signed_in)
    organiser = signed_in(Role.ORGANISER)
    with app.app_context(), transaction():
        outbox.suppress(keyring().address_hash(reader.email), "a complaint", now=clock.now())
    page = submit(organiser, run_page(organiser), 'form[action$="/resend"]')
    assert "must not be written to" in page.html
    with app.app_context():
        assert only_digest().state is DigestState.SENT
        assert db.session.scalars(sa.select(DigestResend)).all() == []


@pytest.mark.each_database
def test_what_may_no_longer_be_seen_is_not_sent_again(app: Flask, present: World, signed_in: SignIn) -> None:
    """A receiver who lost the right to an entry does not get the old mail that tells of it."""
    reader = told(app, present, signed_in)
    organiser = signed_in(Role.ORGANISER)
    with app.app_context():
        present.change(Account, reader.account_id, role=Role.VIEWER)
        with transaction():
            entry = db.session.get_one(TimelineEntry, 1)
            entry.visibility = EntryVisibility.MEMBERS
    page = submit(organiser, run_page(organiser), 'form[action$="/resend"]')
    assert "may no longer see" in page.html
    with app.app_context():
        assert only_digest().email.state is EmailState.SENT  # type: ignore[union-attr]


@pytest.mark.each_database
def test_resume_without_what_waits(app: Flask, present: World, signed_in: SignIn) -> None:
    """What waited is left out and told as told; the next digest does not tell it; other mail leaves."""
    boss, reader = signed_in(Role.ADMINISTRATOR), signed_in(Role.VIEWER)
    reader.post("/digests/follow")
    with app.app_context():
        present.entry(present.campaign())
        with transaction():
            remember(SENDING_PAUSED, "Restored from a backup.", now=clock.now())
        assert running.run(clock.now() + LATER)["sent"] == 0
    boss.post("/digests/desk/test")
    page = visit(boss, "/digests/desk")
    assert "Restored from a backup." in page.text
    submit(boss, "/digests/desk", 'form:has(input[name="without"])')
    with app.app_context():
        assert setting(SENDING_PAUSED) is None
        assert running.run(clock.now() + 2 * LATER)["sent"] == 1, "the test alone"
        states = [one.state for one in present.digests()]
        assert states == [DigestState.SKIPPED, DigestState.SKIPPED]
        assert present.digests()[0].reason.startswith("left out")
