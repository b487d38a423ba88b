"""Who is kept out learns nothing of it; unusually many are noticed; many are found invalid at once, and taken back."""

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.signing import SLUG, lead, letter, open_letter, sign, signed, stamp, typed
from tests.support.accounts import SignedIn, forget_tries
from tests.support.killing import killed_at_commit
from tests.support.mails import outbox
from tests.support.pages import counted_queries, submit, visit
from tracker import clock
from tracker.accounts.models import AccessRecord
from tracker.db import db, transaction
from tracker.mail.models import Email, EmailState
from tracker.signatures.blocks import BlockKind, blocks_of, is_blocked
from tracker.signatures.models import Provenance, Signature
from tracker.signatures.queries import counts
from tracker.signatures.service import SignatureError, invalidate_signature, make_codes, reinstate_signature
from tracker.signatures.service.blocking import add_block, understood
from tracker.sweeps import running, service
from tracker.sweeps.models import Sweep, SweepState
from tracker.sweeps.queries import bursts_of
from tracker.sweeps.service import Conditions
from tracker.timeline.queries import day_begins

HERE = f"/campaigns/{SLUG}/signing/abuse"


def signatures(number: int, *, minutes: int = 0) -> None:
    """So many signed in one hour; within a transaction."""
    from tracker.signatures.models import Appearance, SignatoryKind, SignatureStatus
    from tracker.signatures.people import Person
    from tracker.signatures.service.saving import new_signatory, save_people

    campaign, now = letter(), clock.now()
    people = [
        (new_signatory(campaign, SignatoryKind.PERSON, now), Person(f"Person {n}", address=f"p{n}@{where}"))
        for n in range(number)
        for where in [f"bulk{minutes}.example" if n % 2 else f"mail.good{minutes}.example"]
    ]
    for one in save_people(campaign, people, now):
        moment = now - dt.timedelta(minutes=minutes)
        db.session.add(
            Signature(
                campaign_id=campaign.id, signatory_id=one, text_id=campaign.texts[0].id,
                status=SignatureStatus.CONFIRMED, provenance=Provenance.SIGNER, appearance=Appearance.COUNTED,
                recorded_at=moment, confirmed_at=moment,
            )
        )  # fmt: skip
    db.session.flush()


def begun(**conditions: Any) -> Sweep:
    with transaction():
        return service.begin(letter(), Conditions(**conditions), reason="A robot", actor=lead(), now=clock.now())


def step(verb: Callable[..., None], sweep: Sweep) -> Sweep:
    """Press a button, and let the worker do it."""
    with transaction():
        verb(db.session.merge(sweep), now=clock.now())
    running.work()
    return db.session.get_one(Sweep, sweep.id)


def test_who_is_kept_out_learns_nothing(app: Flask, client: FlaskClient) -> None:
    """New, repeated, of a domain and of a network that are kept out: the same bytes, the same number of statements; no
    mail leaves to those kept out, and nothing counts."""
    open_letter(app)
    with app.app_context(), transaction():
        add_block(letter(), "@Throwaway.example", actor=lead(), now=clock.now())
        add_block(letter(), "203.0.113.77", actor=lead(), now=clock.now())
    signed(client, app, email="repeated@example.org")
    cases = {
        "new@example.org": "192.0.2.1", "repeated@example.org": "192.0.2.1", "x@mx.throwaway.example": "192.0.2.1",
        "other@example.org": "203.0.113.5",
    }  # fmt: skip
    answers, statements = set(), {}
    for address, network in cases.items():
        forget_tries()
        data = {**visit(client, f"/c/{SLUG}/sign").form("form.sign-form"), **typed(), "stamp": stamp(app)}
        with counted_queries() as made:
            environ = {"REMOTE_ADDR": network}
            answer = client.post(f"/c/{SLUG}/sign", data=data | {"email": address}, environ_base=environ)
        answers.add((answer.status_code, answer.location, client.get(answer.location).get_data()))
        statements[address] = len(made)
    assert len(answers) == 1
    assert max(statements.values()) - min(statements.values()) <= 2, statements
    with app.app_context():
        states = list(db.session.scalars(sa.select(Email.state).order_by(Email.id)))[-4:]
        # Cancelled, not failed: nobody is told of a failure that they could mend by sending it again.
        assert states == [EmailState.PENDING] * 2 + [EmailState.CANCELLED] * 2
        assert "203.0.113.5" not in repr([vars(one) for one in db.session.scalars(sa.select(Email))])
    assert outbox(app, "new@example.org")


@pytest.mark.parametrize(
    ("typed_in", "kind", "value"),
    [
        ("Example.COM", BlockKind.DOMAIN, "example.com"),
        ("@bücher.example", BlockKind.DOMAIN, "xn--bcher-kva.example"),
        ("203.0.113.9", BlockKind.NETWORK, "203.0.113.0/24"),
        ("2001:db8::1", BlockKind.NETWORK, "2001:db8::/64"),
    ],
)
def test_what_is_kept_out(typed_in: str, kind: BlockKind, value: str) -> None:
    """Domains as mail knows them; a single address is widened, so that none is kept."""
    assert understood(typed_in) == (kind, value)


@pytest.mark.parametrize("bad", ["", "example", "a b.example", "0.0.0.0/0", "somebody@", "-x.example"])
def test_what_cannot_be_kept_out(bad: str) -> None:
    """Said in words."""
    with pytest.raises(SignatureError):
        understood(bad)


def test_only_what_was_meant_is_kept_out(app: Flask) -> None:
    """A domain with what is below it, and none that only ends alike."""
    open_letter(app)
    with app.app_context():
        with transaction():
            add_block(letter(), "throw.example", actor=lead(), now=clock.now())
        blocks = [(one.kind, one.value) for one in blocks_of(letter())]
        assert is_blocked(blocks, "a@throw.example", None) and is_blocked(blocks, "a@mx.Throw.example", None)
        assert not is_blocked(blocks, "a@overthrow.example", "198.51.100.1")


def test_bursts_stand_out(app: Flask) -> None:
    """An hour with many more than usual is shown; the usual hours are not."""
    open_letter(app)
    with app.app_context():
        with transaction():
            for minutes, number in ((600, 2), (480, 2), (360, 3), (240, 24)):
                signatures(number, minutes=minutes)
        found = bursts_of(letter(), now=clock.now())
        assert [(burst.number, burst.usual) for burst in found] == [(24, 2)]


@pytest.mark.each_database
def test_slips_are_of_a_day_and_of_no_hour(app: Flask) -> None:
    """However many sign with slips, no hour stands out; a sweep of an hour touches none, one of the day all."""
    open_letter(app)
    zone = ZoneInfo("America/New_York")
    with app.app_context():
        with transaction():
            letter().zone = zone.key
            signatures(12)
            midnight = day_begins(zone.key, clock.now())
            for number, signature in enumerate(db.session.scalars(sa.select(Signature)).all()):
                signature.recorded_at = signature.confirmed_at = midnight
                signature.signatory.receipt_mark = f"mark {number}"
        assert bursts_of(letter(), now=clock.now()) == []
        hour, day = dt.timedelta(hours=1), (midnight.astimezone(zone) + dt.timedelta(days=1)).astimezone(dt.UTC)
        for since, until, fits in ((midnight, midnight + hour, 0), (midnight, day, 12), (midnight + hour, day, 0)):
            sweep = begun(since=since, until=until)
            running.work()
            assert db.session.get_one(Sweep, sweep.id).found == fits


def test_slips_sign_from_anywhere(app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]) -> None:
    """A network that is kept out stops no slip, and the page says so where it is kept out."""
    open_letter(app)
    with app.app_context():
        with transaction():
            (code,) = make_codes(letter(), 1, now=clock.now())
            add_block(letter(), "127.0.0.1", actor=lead(), now=clock.now())
        number = lead().id
    forget_tries()
    typed_in = {"name": "Wren", "appearance": "counted", "consent": "y", "code": code, "stamp": stamp(app)}
    assert submit(client, f"/c/{SLUG}/code", **typed_in).heading == "You signed"
    assert "Slips of paper sign from anywhere" in visit(signed_in(account_id=number), HERE).text


@pytest.mark.each_database
def test_found_invalid_together_and_taken_back(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The dry run touches nobody; a killed worker is taken over; undone, all count again but who withdrew meanwhile."""
    monkeypatch.setattr(running, "BITE", 5)
    open_letter(app)
    with app.app_context():
        with transaction():
            signatures(12, minutes=30)
            signatures(4, minutes=600)
        sweep = begun(since=clock.now() - dt.timedelta(hours=1), domain="bulk30.example")
        running.work()
        sweep = db.session.get_one(Sweep, sweep.id)
        assert (sweep.state, sweep.found, counts(letter()).here) == (SweepState.COUNTED, 6, 16)
        number = sweep.id
        with transaction():
            service.start(db.session.get_one(Sweep, number), now=clock.now())
        db.session.remove()
    assert killed_at_commit(app, 3, running.work)
    with app.app_context():
        assert 0 < counts(letter()).invalidated < 6, "half-way"
        with transaction():  # its lease ran out
            db.session.get_one(Sweep, number).leased_until = clock.now() - dt.timedelta(seconds=1)
        running.work()
        sweep = db.session.get_one(Sweep, number)
        assert (sweep.state, sweep.done, counts(letter()).here) == (SweepState.DONE, 6, 10)
        with transaction():
            gone = db.session.scalars(sa.select(Signature).where(Signature.sweep_id == number)).first()
            assert gone is not None
            gone.status = type(gone.status).WITHDRAWN
        sweep = step(service.undo, sweep)
        assert (sweep.state, sweep.done, counts(letter()).here) == (SweepState.UNDONE, 5, 15)
        assert counts(letter()).withdrawn == 1


def test_undoing_touches_only_what_it_found(app: Flask, client: FlaskClient) -> None:
    """Counted again by hand and then found invalid for another reason, a signature stays so when an old sweep is taken
    back; whoever withdrew by their receipt in the meantime is not shown again."""
    open_letter(app)
    receipt = signed(client, app)
    with app.app_context():
        with transaction():
            signatures(1, minutes=3)
        sweep = begun(provenance=Provenance.SIGNER)
        running.work()
        sweep = step(service.start, sweep)
        assert counts(letter()).invalidated == 2
        with transaction():
            other = db.session.scalars(sa.select(Signature).order_by(Signature.id.desc())).first()
            assert other is not None
            reinstate_signature(other, actor=lead(), now=clock.now())
            invalidate_signature(other, reason="forged", actor=lead(), now=clock.now())
    submit(client, receipt, "form[action$=withdraw]")
    with app.app_context():
        sweep = step(service.undo, db.session.scalars(sa.select(Sweep)).one())
        assert (sweep.state, sweep.done) == (SweepState.UNDONE, 0)
        assert (counts(letter()).here, counts(letter()).withdrawn, counts(letter()).invalidated) == (0, 1, 1)


def test_on_the_page(app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]) -> None:
    """The lead keeps a domain out and lets it in again, counts, finds invalid, takes back; a look at domains is in the
    access record; what is wrong is said beside the field."""
    open_letter(app)
    sign(client, app)
    with app.app_context():
        with transaction():
            signatures(3)
        number = lead().id
    team = signed_in(account_id=number)
    assert "such as example.com" in submit(team, HERE, "form[action$=blocks]", value="nonsense", status=422).text
    assert "throw.example" in submit(team, HERE, "form[action$=blocks]", value="throw.example").text
    assert "throw.example" not in submit(team, HERE, "form[action$=remove]").select_one("#blocks").get_text()
    assert "everybody" in submit(team, HERE, "form[action$=sweeps]", reason="robots", status=422).text
    page = submit(team, HERE, "form[action$=sweeps]", reason="robots", domain="bulk0.example")
    with app.app_context():
        running.work()
        assert db.session.scalars(sa.select(AccessRecord.reason)).all()[-1] == "robots"
    path = str(page.response.request.path)
    part = {"HX-Request": "true"}
    assert team.get(path, headers=part).headers["HX-Refresh"] == "true", "the buttons stand outside the part"
    assert "1 signature fits" in visit(team, path).text
    submit(team, path, "form[action$=start]")
    working = team.get(path, headers=part)
    assert "HX-Refresh" not in working.headers and "<h1" not in working.text and "Look again" in working.text
    with app.app_context():
        running.work()
        assert counts(letter()).invalidated == 1
    submit(team, path, "form[action$=undo]")
    with app.app_context():
        running.work()
        assert counts(letter()).here == 3
        with transaction(), pytest.raises(SignatureError):
            service.start(db.session.scalars(sa.select(Sweep)).one(), now=clock.now())
