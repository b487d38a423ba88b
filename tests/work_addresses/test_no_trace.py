"""What is left of a work address: one keyed hash, joined to nothing, until the campaign ends."""

from __future__ import annotations

import datetime as dt
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tests.operations.test_rotation import NEW, OLD
from tests.retention.test_traces import files_with
from tests.signatures.signing import letter, number_of, rows
from tests.support.smtp import SmtpSink
from tests.support.valkey import Valkey
from tests.work_addresses.working import ADDRESS, DOMAIN, all_rows, ask, code_for, open_at_work, sign, signed
from tracker import clock
from tracker.db import db, transaction
from tracker.digests import running
from tracker.mail.models import Email, EmailBody
from tracker.operations import backup, restore, rotation
from tracker.operations.keys import refuse_wrong
from tracker.retention import forgetting
from tracker.sealing import SealError, campaign_keys
from tracker.signatures.models import Signatory
from tracker.work_addresses.forgetting import forget_codes, mix_signers
from tracker.work_addresses.models import WorkCode, WorkSigner

WORDS = (ADDRESS, "zoe.planted", "Zoe.Planted")


@pytest.fixture
def broker(valkey: Valkey) -> Iterator[Valkey]:
    yield valkey


def sealed_of_mails() -> list[str]:
    """Everything sealed that lies in the outbox now; inside an app context."""
    kept = []
    for email in db.session.scalars(sa.select(Email)):
        body = email.body
        kept += [email.recipient_sealed, email.links_sealed, body.subject_sealed, body.text_sealed, body.html_sealed]
    return [one for one in kept if one]


def found_in(instance: Path, broker: Valkey, log: str, words: tuple[str, ...]) -> list[str]:
    """Where any of these words is: files of the instance, broker, log."""
    with broker.client() as redis:
        dump = b"".join((redis.dump(key) or b"") + key for key in redis.keys("*"))
    found = files_with(instance, words) + [f"{one} in the log" for one in words if one in log]
    return found + [f"{one} in the broker" for one in words if one.encode() in dump]


@pytest.mark.parametrize("way", ["folder", "smtp"])
def test_no_trace_of_the_address_after_settling(
    make_app: MakeApp, broker: Valkey, smtp_sink: SmtpSink, instance: Path, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    """Database, log ahead, store of keys, folder of mails, broker, log: neither the address nor anything that was
    sealed for its mail. By SMTP from the moment the server took it; in the folder, which is the mailbox then, from the
    moment the code was used."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.WARNING, "mail.log")  # of the sink, which is the mailbox
    redis = {"REDIS_URL": f"redis://:{broker.password}@127.0.0.1:{broker.port}/0"}
    mail = {"MAIL_URL": smtp_sink.url, "MAIL_ALLOW": "*"} if way == "smtp" else {}
    app = make_app(**redis, **mail)
    client = app.test_client()
    open_at_work(app)
    ask(client, app, ADDRESS.title())
    code = code_for(app)
    with app.app_context():
        sealed = tuple(sealed_of_mails())
        assert len(sealed) == 5 and files_with(instance, sealed), "the search can find something"
        running.send(most=10)
        if way == "smtp":
            (arrived,) = smtp_sink.to(ADDRESS)
            assert code in arrived.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
            assert sealed_of_mails() == []
        else:
            assert files_with(instance, (ADDRESS,)), "the mail lies in the folder until its code is used"
        db.session.remove()
    sign(client, app, code)
    with app.app_context():
        assert sealed_of_mails() == []
        words = (*WORDS, ADDRESS.title(), code, code.replace("-", ""))
        assert not [one for one in words for row in all_rows().values() if one in row]
        db.session.remove()
    assert found_in(instance, broker, caplog.text, (*words, *sealed)) == []


def test_a_code_that_nobody_used_is_forgotten(app: Flask, client: FlaskClient, instance: Path) -> None:
    """A quarter of an hour later code, words and receiver are gone, from the folder too; what was not sent never is; a
    day later nothing tells that there was a mail."""
    open_at_work(app)
    ask(client, app)
    with app.app_context():
        running.send(most=10)
    ask(client, app, f"late@{DOMAIN}")
    soon = clock.now() + dt.timedelta(minutes=16)
    with app.app_context(), time_machine.travel(soon, tick=False):
        assert forget_codes(clock.now() - dt.timedelta(minutes=10)) == 0
        assert forget_codes(clock.now()) == 4 and forget_codes(clock.now()) == 0
        states = db.session.scalars(sa.select(Email.state).order_by(Email.id))
        assert [one.value for one in states] == ["sent", "cancelled"]
        assert sealed_of_mails() == [] and running.send(most=10)["sent"] == 0
        db.session.remove()
    assert number_of(app, WorkCode) == 0
    assert files_with(instance, (ADDRESS, f"late@{DOMAIN}")) == []
    with app.app_context(), time_machine.travel(clock.now() + dt.timedelta(hours=25), tick=False):
        forget_codes(clock.now())
    assert (number_of(app, Email), number_of(app, EmailBody), number_of(app, WorkSigner)) == (0, 0, 0)


@pytest.mark.each_database
def test_nothing_joins_the_hash_to_the_signature(app: Flask, client: FlaskClient) -> None:
    """The row of an address has its hash and nothing else, no number, and no place that tells when it came; the
    signature has domain and day, and no second row knows both."""
    open_at_work(app)
    for number in range(6):
        signed(client, app, f"person-{number}@{DOMAIN}", name=f"Person {number}")
    assert [column.name for column in WorkSigner.__table__.columns] == ["campaign_id", "address_hash"]
    with app.app_context():
        mix_signers()
        is_sqlite = db.engine.dialect.name == "sqlite"
        kept = list(db.session.scalars(sa.text("SELECT address_hash FROM work_signer")))
        assert kept == sorted(kept) and len(kept) == 6
        if is_sqlite:
            with pytest.raises(sa.exc.OperationalError, match="rowid"):
                db.session.execute(sa.text("SELECT rowid FROM work_signer"))
            db.session.rollback()
        else:
            assert db.session.scalar(sa.text("SELECT count(DISTINCT xmin::text) FROM work_signer")) == 1
        where = [name for name, row in all_rows().items() if any(one in row for one in kept)]
        assert where == ["work_signer"]
        for signatory in db.session.scalars(sa.select(Signatory)):
            assert signatory.work_domain == DOMAIN and signatory.address_hash is None
            assert signatory.address_sealed is None and re.search("T00:00:00", signatory.created_at.isoformat())


@pytest.mark.each_database
def test_at_the_campaigns_end(app: Flask, client: FlaskClient) -> None:
    """Hashes and key go with what else knows a signer again; how many signed so stays."""
    open_at_work(app)
    signed(client, app)
    ask(client, app, f"late@{DOMAIN}")
    with app.app_context():
        number, public_id = letter().id, letter().public_id
        forgetting.end_look_up(number, now=clock.now())
        with pytest.raises(SealError):
            campaign_keys(public_id, now=clock.now()).work_address_hash(ADDRESS)
    assert (number_of(app, WorkSigner), number_of(app, WorkCode)) == (0, 0)
    with app.app_context():
        forgetting.forget_people(number, now=clock.now())
        (left,) = db.session.scalars(sa.select(Signatory))
        assert left.work_domain == DOMAIN and (left.name, left.name_sealed) == ("", None)


def test_a_restored_backup_knows_who_signed(app: Flask, client: FlaskClient, tmp_path: Path) -> None:
    """Who signed before it signs no second time; codes that were on their way are in no backup."""
    open_at_work(app)
    signed(client, app)
    ask(client, app, f"late@{DOMAIN}")
    code = code_for(app, f"late@{DOMAIN}")
    with app.app_context():
        with transaction():
            refuse_wrong(now=clock.now())
        backup.make(tmp_path / "b.backup", now=clock.now())
        db.session.remove()
        restore.restore(tmp_path / "b.backup", replace=True, without_keys=False)
    assert (number_of(app, WorkSigner), number_of(app, WorkCode)) == (1, 0)
    sign(client, app, code, status=422)
    ask(client, app)
    sign(client, app, code_for(app), status=422)
    assert len(rows(app)) == 1


def test_rotating_keys_changes_nothing(make_app: MakeApp) -> None:
    """A code on its way signs after `tracker keys rotate`, and who signed before it signs no second time."""
    app = make_app(DATA_KEY=OLD)
    open_at_work(app)
    signed(app.test_client(), app)
    ask(app.test_client(), app, f"late@{DOMAIN}")
    app = make_app(DATA_KEY=f"{NEW},{OLD}")
    with app.app_context():
        assert rotation.rotate(now=clock.now()).closed == 0
    app = make_app(DATA_KEY=NEW)
    client = app.test_client()
    sign(client, app, code_for(app, f"late@{DOMAIN}"), name="Late")
    ask(client, app)
    sign(client, app, code_for(app), status=422)
    assert len(rows(app)) == 2
