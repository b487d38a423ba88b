"""An address comes off the list of those not to mail: by an administrator, for a reason, and only its owner begins
anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask import Flask

from tests.digests.test_endings import joined, only, public_campaign
from tests.digests.world import World
from tests.support.accounts import PASSWORD, SignedIn, code_of
from tests.support.databases import Database
from tests.support.mails import outbox as mails_of
from tests.support.pages import submit, visit
from tracker import clock
from tracker.accounts.models import AccessRecord, Reading, Role
from tracker.campaigns.models import Campaign
from tracker.cli import main
from tracker.db import db, transaction
from tracker.digests import joining, lifting
from tracker.digests.models import Frequency, Subscriber
from tracker.digests.service import DigestError
from tracker.mail import bounces, outbox
from tracker.mail.models import Bounce, Suppression
from tracker.sealing import keyring

SignIn = Callable[..., SignedIn]
LIST = "/digests/desk/do-not-mail"
ADDRESS = "reader@example.net"


def suppress(reason: str, address: str = ADDRESS) -> None:
    with transaction():
        number = keyring().address_hash(address)
        outbox.suppress(number, reason, now=clock.now())
        db.session.add(Bounce(recipient_hash=number, bounced_on=clock.now().date(), weight=1))


def on_the_list() -> int:
    db.session.rollback()
    return len(db.session.scalars(sa.select(Suppression)).all())


def records() -> list[AccessRecord]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(AccessRecord).order_by(AccessRecord.id)))


def boss_of(signed_in: SignIn) -> SignedIn:
    return signed_in(Role.ADMINISTRATOR, password=True)


def test_it_comes_off_for_a_reason(app: Flask, signed_in: SignIn) -> None:
    """Looked up by typing it, however; since when and why; off with a reason and a sign-in; written down, without the
    address, who looked and who took it off."""
    boss = boss_of(signed_in)
    with app.app_context():
        suppress(bounces.BOUNCED)
    page = submit(boss, LIST, "#look form", email="Reader@Example.NET")
    assert bounces.BOUNCED in page.text and page.has("#listed time")
    given = {"email": "Reader@Example.NET", "current_password": PASSWORD, "code": code_of()}
    refused = boss.post(f"{LIST}/lift", data={**given, "reason": ""})
    assert refused.status_code == 422 and "Say why it may be written to again" in refused.text
    for wrong in ({"current_password": "wrong wrong wrong"}, {"code": "000000"}):
        assert boss.post(f"{LIST}/lift", data={**given, "reason": "She wrote", **wrong}).status_code == 422
    with app.app_context():
        assert on_the_list() == 1
    done = boss.post(f"{LIST}/lift", data={**given, "reason": "She wrote on Monday"}, follow_redirects=True)
    assert done.status_code == 200 and "may be written to again" in done.text
    with app.app_context():
        assert on_the_list() == 0 and outbox.refusal(ADDRESS) is None
        assert db.session.scalars(sa.select(Bounce)).all() == [], "what came back before counts no longer"
        looked, lifted = records()
        assert (looked.account_id, looked.reading) == (boss.account_id, Reading.VIEWED)
        assert (lifted.account_id, lifted.reading, lifted.reason) == (
            boss.account_id, Reading.LIFTED, "She wrote on Monday",
        )  # fmt: skip
        assert all("example" not in record.reason.casefold() for record in (looked, lifted))
    assert "May be written to again" in visit(boss, "/access-record").text


def test_who_is_not_on_it(app: Flask, signed_in: SignIn) -> None:
    """Is said to be not; nothing is recorded, and nothing can be taken off."""
    boss = boss_of(signed_in)
    page = submit(boss, LIST, "#look form", email=ADDRESS)
    assert "is not on the list" in page.text and not page.has("#listed")
    submit(boss, LIST, "#look form", status=422, email="")
    given = {"email": ADDRESS, "current_password": PASSWORD, "code": code_of(), "reason": "So"}
    answer = boss.post(f"{LIST}/lift", data=given)
    assert answer.status_code == 422 and "is not on the list" in answer.text
    with app.app_context():
        assert records() == []


@pytest.mark.each_database
def test_only_its_owner_begins_anew(world: World) -> None:
    """What was followed stays ended, also where the list alone had forbidden it; asked and confirmed, it begins."""
    campaign = public_campaign(world)
    number = campaign.id
    joined(world, campaign)
    suppress(bounces.COMPLAINED)
    with transaction():
        lifting.lift(ADDRESS, by=None, reason="They telephoned", now=clock.now())
    assert only(Subscriber).end_reason == bounces.COMPLAINED
    with transaction():
        campaign = db.session.get_one(Campaign, number)
        joining.ask(ADDRESS, campaign, frequency=Frequency.DAILY, locale="en", now=clock.now())
    assert only(Subscriber).ended_at is not None
    token = mails_of(world.app, ADDRESS)[-1].links["confirm"].rpartition("/")[2]
    with transaction():
        joining.confirm(token, now=clock.now())
    assert only(Subscriber).ended_at is None


@pytest.mark.parametrize("reason", ["", "  "])
def test_never_after_a_complaint_without_a_reason(world: World, reason: str) -> None:
    """Whoever asks for it, in whatever way."""
    suppress(bounces.COMPLAINED)
    with pytest.raises(DigestError, match="say who asked"), transaction():
        lifting.lift(ADDRESS, by=None, reason=reason, now=clock.now())
    assert on_the_list() == 1


def test_a_complaint_is_said_so(app: Flask, signed_in: SignIn) -> None:
    """Whoever looks one up reads that its owner does not want our mail."""
    with app.app_context():
        suppress(bounces.COMPLAINED)
    page = submit(boss_of(signed_in), LIST, "#look form", email=ADDRESS)
    assert "do not want our mail" in page.text


def test_whoever_is_on_it_is_told_so(app: Flask, signed_in: SignIn) -> None:
    """Signed in, they read on their digests' page that nothing is written to them, and why."""
    reader = signed_in(Role.VIEWER)
    assert not visit(reader, "/digests").has("#refused")
    with app.app_context():
        suppress(bounces.TOO_OFTEN, reader.email)
    assert bounces.TOO_OFTEN in visit(reader, "/digests").text


def test_at_the_command_line(app: Flask, database: Database, instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same, for whoever has no browser."""
    monkeypatch.setenv("TRACKER_INSTANCE", str(instance))
    for name, value in database.environ.items():
        monkeypatch.setenv(name, value)
    with app.app_context():
        suppress(bounces.BOUNCED)

    def run(*words: str, status: int = 0) -> str:
        result = CliRunner().invoke(main, ["suppressed", *words])
        assert result.exit_code == status, result.output
        return result.output

    assert bounces.BOUNCED in run("show", ADDRESS)
    assert "say why" in run("lift", ADDRESS, "--reason", " ", status=1).casefold()
    assert "may be written to again" in run("lift", ADDRESS, "--reason", "She wrote")
    assert run("show", ADDRESS) == "Not on the list.\n"
    assert run("lift", ADDRESS, "--reason", "She wrote", status=1) == f"{lifting.NOT_LISTED}\n"
    with app.app_context():
        (record,) = records()
        assert (record.account_id, record.reason) == (None, "At the command line: She wrote")
