"""DATA_KEY is changed while everything stays readable: killed half-way, on both databases, to the last value."""

import base64
from collections.abc import Callable
from pathlib import Path

import click
import pytest
import sqlalchemy as sa
from flask import Flask

from tests.conftest import MakeApp
from tests.operations.filled import NAME, fill
from tests.support.accounts import TOTP_SECRET, make_account
from tests.support.killing import killed_at_commit
from tests.support.mails import outbox as mails_of
from tracker import clock
from tracker.accounts import factor
from tracker.accounts.models import Account, Role
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.digests import joining
from tracker.digests.models import Frequency, SubscriptionRequest
from tracker.instance import setting
from tracker.mail import outbox
from tracker.mail.models import Email, EmailBody
from tracker.operations import rotation
from tracker.operations.holding import hold
from tracker.sealing import campaign_keys, keyring

OLD, NEW = (base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2))
GONE, ASKS = "complained@example.org", "asks@example.org"


def furnish(app: Flask) -> str:
    """Something in every place that DATA_KEY seals, some of it many times; the campaign's public id."""
    with app.app_context():
        public_id = fill()
        with transaction():
            campaign = db.session.scalars(sa.select(Campaign)).one()
            for _each in range(5):
                joining.ask(ASKS, campaign, frequency=Frequency.DAILY, locale="en", now=clock.now())
            outbox.suppress(keyring().address_hash(GONE), "a complaint", now=clock.now())
    make_account(app, Role.ADMINISTRATOR)
    return public_id


def all_is_readable(app: Flask, public_id: str) -> None:
    """Mails, requests, the second factor and what a campaign's key sealed open, and who must not be mailed is known."""
    assert mails_of(app, ASKS)[-1].links["confirm"]
    with app.app_context():
        request = db.session.scalars(sa.select(SubscriptionRequest)).first()
        assert request is not None
        place = f"subscription_request|address|{request.public_id}"
        assert keyring().open(request.address_sealed, place) == ASKS
        account = db.session.scalars(sa.select(Account).where(Account.tf_totp_secret.is_not(None))).first()
        assert account is not None and account.tf_totp_secret is not None
        sealed = keyring().open(account.tf_totp_secret, f"account|tf_totp_secret|{account.public_id}")
        assert sealed == TOTP_SECRET and factor.step_of(account, "000000", now=clock.now()) is None
        assert campaign_keys(public_id, now=clock.now()).open(setting("sealed") or "", "here") == NAME
        assert outbox.refusal(GONE) == "Do not mail: a complaint"


@pytest.mark.each_database
def test_killed_half_way(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each kill all is readable and less is left; at the end nothing is under the old key, and it may be taken away:
    even then nobody is mailed who must not be."""
    monkeypatch.setattr(rotation, "BITE", 2)
    public_id = furnish(make_app(DATA_KEY=OLD))
    app = make_app(DATA_KEY=f"{NEW},{OLD}")
    with app.app_context():
        new, old = keyring().key_ids
        start = rotation.values_by_key()[old]
        kinds = sum(1 for column in rotation.sealed_columns() if column.table.name in ("email", "email_body"))
        assert start > 20 and kinds == 5
    left = [start]
    for commit in (2, 4, 7):
        assert killed_at_commit(app, commit, lambda: rotation.rotate(now=clock.now()))
        all_is_readable(app, public_id)
        with app.app_context():
            left.append(rotation.values_by_key()[old])
    assert left == sorted(set(left), reverse=True) and left[-1] > 0, left
    with app.app_context():
        done = rotation.rotate(now=clock.now())
        assert (done.closed, rotation.values_by_key()[old]) == (0, 0)
        assert rotation.values_by_key()[new] >= start
        assert rotation.rotate(now=clock.now()) == rotation.Rotated()
        for model in (Email, EmailBody):
            assert old not in repr(db.session.execute(sa.select(model.__table__)).all())
    all_is_readable(make_app(DATA_KEY=NEW), public_id)


def test_what_no_key_opens_is_said(make_app: MakeApp) -> None:
    """A value that was altered stays as it is, is counted, and does not stop the rest."""
    public_id = furnish(make_app(DATA_KEY=OLD))
    app = make_app(DATA_KEY=f"{NEW},{OLD}")
    with app.app_context():
        with transaction():
            request = db.session.scalars(sa.select(SubscriptionRequest).order_by(SubscriptionRequest.id.desc())).first()
            assert request is not None
            request.address_sealed = request.address_sealed[:-8] + "AAAAAAA="
        done = rotation.rotate(now=clock.now())
        assert done.closed == 1 and rotation.values_by_key()[keyring().key_ids[1]] == 1
    all_is_readable(app, public_id)


def test_by_one_command(app: Flask, run: Callable[..., click.testing.Result], instance: Path) -> None:
    """`tracker keys rotate` makes the key, seals everything and says what to keep; `drop` ends the old one. Not while
    the instance runs, and not with a key that lies elsewhere."""
    furnish(app)
    key = instance / "data_key"
    before = key.read_text().strip()
    lock = hold(instance)
    refused = run("keys", "rotate")
    assert refused.exit_code == 1 and "stop `tracker up`" in refused.output and key.read_text().strip() == before
    assert lock is not None
    lock.close()
    said = run("keys", "rotate")
    assert said.exit_code == 0 and "0 are left" in said.output and "Keep" in said.output
    after = key.read_text().strip().split(",")
    assert after[1:] == [before] and key.stat().st_mode & 0o077 == 0
    assert "(only opens): 0 values" in run("keys", "show").output
    assert run("keys", "drop").exit_code == 0 and key.read_text().strip() == after[0]
    assert run("keys", "drop").exit_code == 1, "there is only one left"
    assert run("keys", "show").output.count("values") == 1
