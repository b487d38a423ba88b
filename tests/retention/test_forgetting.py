"""A campaign's people are forgotten on their day: interrupted, twice, on both databases. Only numbers stay, and
names that their owners let be shown in public."""

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.conftest import account, campaign, join
from tests.signatures.signing import NAME, SLUG, letter, open_letter, signed
from tests.support.accounts import SignedIn
from tests.support.killing import killed_at_commit
from tests.support.pages import submit, visit
from tracker import clock
from tracker.accounts.models import Account, Membership
from tracker.campaigns import service as campaigns
from tracker.campaigns.models import Campaign, Stage, Visibility
from tracker.db import KEYS, db, new_public_id, transaction
from tracker.files import FileKind
from tracker.operations import backup, keys, restore
from tracker.retention import forgetting, queries, service
from tracker.sealing import SealError, campaign_keys, file_keys
from tracker.signatures.models import Appearance, Signatory, SignatoryKind, SignatoryToken
from tracker.signatures.pasting import read_list
from tracker.signatures.people import Person
from tracker.signatures.queries import counts
from tracker.signatures.service import add_list, add_signatory
from tracker.timeline import attached
from tracker.timeline.models import Attachment, AttachmentChunk, EntryVisibility
from tracker.timeline.service import Told

ENDED = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
LATER = ENDED + dt.timedelta(days=185)
PEOPLE = "\n".join(f"Planted Person {number}, Rare-Role, Rare-Firm, p{number}@planted.example" for number in range(11))
PLANTED = ("Planted", "Rare-Role", "Rare-Firm", "planted.example")


def people(*, protected: bool, visibility: Visibility = Visibility.PUBLIC) -> int:
    """A concluded campaign with a list of people; its id."""
    with transaction():
        organiser = account("organiser")
        made = campaign(protected=protected, visibility=visibility, zone="Europe/Berlin", stage=Stage.DELIVERED)
        join(made, (organiser, Membership.LEAD))
        by = {"actor": organiser, "now": ENDED}
        add_list(made, read_list(PEOPLE), kind=SignatoryKind.PERSON, appearance=Appearance.INITIALS, **by)
        told = Told(ENDED.date(), visibility=EntryVisibility.MEMBERS, words="They answered.")
        campaigns.conclude(made, unsaid=[], told=told, **by)
        return made.id


def minutes(made: Campaign) -> int:
    """A file as versions before this sealed it; its id."""
    sealing, content = campaign_keys(made.public_id, now=ENDED), b"what they said"
    one = Attachment(
        public_id=new_public_id(), campaign_id=made.id, kind=FileKind.TEXT, size=len(content), recorded_at=ENDED
    )
    one.name_sealed = sealing.seal("minutes.txt", attached.place(one, "name"))
    one.sha256_sealed = sealing.seal(hashlib.sha256(content).hexdigest(), attached.place(one, "sha256"))
    db.session.add(one)
    db.session.flush()
    sealed = sealing.seal_bytes(content, attached.chunk_place(one, 0))
    db.session.add(AttachmentChunk(attachment_id=one.id, number=0, sealed=sealed))
    return one.id


def left() -> list[str]:
    """What can be read of people anywhere in the main database."""
    found = []
    for table in db.metadatas[None].sorted_tables:
        if table.name in ("account", "campaign", "revision", "timeline_entry"):
            continue
        for row in db.session.execute(sa.select(table)):
            found += [f"{table.name}: {one}" for one in PLANTED if one in repr(tuple(row))]
    return found


def unsealed() -> int:
    """Rows that still have something of a person."""
    query = sa.select(sa.func.count()).select_from(Signatory).where(queries.has_anything())
    return db.session.scalar(query) or 0


@pytest.mark.each_database
@pytest.mark.parametrize("protected", [False, True], ids=["plain", "protected"])
def test_killed_half_way_it_goes_on(app: Flask, protected: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """+181 days and more: killed at each of its commits in turn, the next run goes on; at the end nobody is left, the
    keys are destroyed, the numbers are the same, and running it again changes nothing."""
    monkeypatch.setattr(forgetting, "BITE", 4)
    with app.app_context():
        number = people(protected=protected)
        assert unsealed() == 11
        assert forgetting.forget_due(ENDED + dt.timedelta(days=180)).people == 0, "not before its day"
        assert unsealed() == 11
    seen = []
    for commit in (2, 3, 3, 5):  # the last: everything is gone, and nobody has said so yet
        assert killed_at_commit(app, commit, lambda: forgetting.forget_due(LATER))
        with app.app_context():
            seen.append(unsealed())
    assert seen == [11, 7, 3, 0]
    with app.app_context():
        forgetting.forget_due(LATER)
        made = db.session.get_one(Campaign, number)
        forgotten_at = made.people_forgotten_at
        assert forgotten_at == LATER and (unsealed(), left()) == (0, [])
        assert (counts(made).here, counts(made).listed) == (11, 11)
        assert not campaign_keys(made.public_id, now=LATER).can_open
        assert db.session.scalar(sa.select(sa.func.count()).select_from(SignatoryToken)) == 0
        versions = db.session.scalars(sa.select(Signatory.version).order_by(Signatory.id)).all()
        db.session.rollback()
        assert forgetting.forget_due(LATER + dt.timedelta(days=1)) == forgetting.Done()
        assert db.session.scalars(sa.select(Signatory.version).order_by(Signatory.id)).all() == versions
        assert db.session.get_one(Campaign, number).people_forgotten_at == forgotten_at


@pytest.mark.each_database
def test_who_is_shown_in_public_stays(app: Flask, client: FlaskClient) -> None:
    """A name that its owner let be shown stays, without its address, and the receipt still takes it away."""
    open_letter(app)
    shown = signed(client, app)
    hidden = signed(client, app, email="hidden@planted.example", name="Planted Hidden", appearance="initials")
    with app.app_context():
        with transaction():
            letter().stage, letter().concluded_on = Stage.CONCLUDED, clock.now().date()
            letter().retention_on = clock.now().date()
            for row in db.session.scalars(sa.select(Signatory)):  # each has a profile as well
                row.link_sealed, row.link_hash = row.address_sealed, row.address_hash
        ending = queries.ending_of(letter(), clock.now().date())
        assert (ending.contacts, ending.hidden, ending.named) == (2, 1, 1)
        assert forgetting.forget_due(clock.now() + dt.timedelta(days=1)).campaigns == 1
        rows = db.session.scalars(sa.select(Signatory).order_by(Signatory.id)).all()
        assert [row.name for row in rows] == [NAME, ""]
        assert not any(row.address_sealed or row.address_hash or row.link_sealed or row.link_hash for row in rows)
        assert counts(letter()).here == 2
    page = visit(client, f"/c/{SLUG}")
    assert NAME in page.text and "P. H." not in page.text
    visit(client, hidden, status=410)
    assert NAME in visit(client, shown).text
    submit(client, shown, "form[action$=withdraw]")
    assert NAME not in visit(client, f"/c/{SLUG}").html
    submit(client, shown, "form[action$=erase]", sure="y")
    visit(client, shown, status=410)
    with app.app_context():
        assert NAME not in repr([vars(row) for row in db.session.scalars(sa.select(Signatory))])


def test_whom_a_list_names_does_not_stay(app: Flask, client: FlaskClient) -> None:
    """Nobody asked those whom an organiser put down by name, with or without an address: their names go, only the
    number stays. An organisation is no person."""
    open_letter(app)
    with app.app_context():
        by = db.session.scalars(sa.select(Account)).one()
        with transaction():
            for where in ("", " <listed@planted.example>"):
                add_list(
                    letter(), read_list(f"Planted Listed{where}"), kind=SignatoryKind.PERSON,
                    appearance=Appearance.NAMED, actor=by, now=clock.now(),
                )  # fmt: skip
            add_list(
                letter(), read_list("Engines Cooperative"), kind=SignatoryKind.ORGANISATION,
                appearance=Appearance.NAMED, actor=by, now=clock.now(),
            )  # fmt: skip
            letter().stage, letter().concluded_on = Stage.CONCLUDED, clock.now().date()
            letter().retention_on = clock.now().date()
        ending = queries.ending_of(letter(), clock.now().date())
        assert (ending.hidden, ending.named) == (2, 1)
        assert forgetting.forget_due(clock.now() + dt.timedelta(days=1)).campaigns == 1
        assert counts(letter()).here == 3 and left() == []
    page = visit(client, f"/c/{SLUG}")
    assert "Planted" not in page.html and "Engines Cooperative" in page.text


def test_the_hash_key_goes_first(app: Flask) -> None:
    """A month after the conclusion nothing finds a signer again: key, hashes and tokens are gone, addresses are not;
    nobody can sign or be added any more, and that is said in words."""
    from tracker.signatures.service import SignatureError

    with app.app_context():
        number = people(protected=True)
        assert forgetting.forget_due(ENDED + dt.timedelta(days=29)).look_ups == 0
        assert forgetting.forget_due(ENDED + dt.timedelta(days=31)).look_ups == 1
        made = db.session.get_one(Campaign, number)
        found = campaign_keys(made.public_id, now=ENDED)
        assert found.can_open and not found.can_look_up
        assert db.session.scalar(sa.select(sa.func.count()).select_from(SignatoryToken)) == 0
        hashes = sa.select(sa.func.count()).select_from(Signatory).where(Signatory.address_hash.is_not(None))
        assert (db.session.scalar(hashes), made.look_up_ended_at is not None) == (0, True)
        db.session.rollback()
        with transaction(), pytest.raises(SignatureError, match="over"):
            add_list(
                db.session.get_one(Campaign, number), read_list("Late"), kind=SignatoryKind.PERSON,
                appearance=Appearance.COUNTED, actor=db.session.scalars(sa.select(Account)).one(), now=LATER,
            )  # fmt: skip
        assert forgetting.forget_due(ENDED + dt.timedelta(days=32)) == forgetting.Done()


def test_a_profile_is_forgotten(app: Flask) -> None:
    """The address of somebody's profile goes like their mail address: what finds it again after a month, all of it on
    the day."""

    def profiles() -> list[tuple[bool, bool]]:
        db.session.expire_all()
        rows = db.session.scalars(sa.select(Signatory).order_by(Signatory.id))
        return [(row.link_sealed is not None, row.link_hash is not None) for row in rows]

    with app.app_context():
        with transaction():
            organiser = account("organiser")
            made = campaign(visibility=Visibility.PUBLIC, stage=Stage.DELIVERED)
            join(made, (organiser, Membership.LEAD))
            by = {"actor": organiser, "now": ENDED}
            for name, appearance in (("Shown Profiled", Appearance.NAMED), ("Hidden Profiled", Appearance.INITIALS)):
                link = f"https://www.linkedin.com/in/{name.partition(' ')[0]}-profiled"
                add_signatory(made, Person(name, link=link), appearance=appearance, **by)
            told = Told(ENDED.date(), visibility=EntryVisibility.MEMBERS, words="They answered.")
            campaigns.conclude(made, unsaid=[], told=told, **by)
        assert profiles() == [(True, True)] * 2
        assert forgetting.forget_due(ENDED + dt.timedelta(days=31)).look_ups == 1
        assert profiles() == [(True, False)] * 2
        assert forgetting.forget_due(LATER).people == 2
        assert profiles() == [(False, False)] * 2
        assert unsealed() == 0


def test_files_of_its_history_stay(app: Flask) -> None:
    """Evidence sealed by an earlier version with the people's key is sealed anew before that key is destroyed."""
    with app.app_context():
        number = people(protected=True)
        made = db.session.get_one(Campaign, number)
        with transaction():
            attachment = minutes(made)
        forgetting.forget_due(LATER)
        db.session.rollback()
        with pytest.raises(SealError):
            campaign_keys(made.public_id, now=LATER).seal("x", "y")
        kept = db.session.get_one(Attachment, attachment)
        assert attached.content_of(kept, now=LATER) == ("minutes.txt", b"what they said")
        assert file_keys(made.public_id, now=LATER).can_open


def test_the_page_says_what_will_happen(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """Numbers and days, never a name; the lead may choose a sooner day, not a later one than signers were told."""
    with time_machine.travel(ENDED + dt.timedelta(days=3), tick=False):
        with app.app_context():
            people(protected=True)
            number = db.session.scalars(sa.select(Account.id)).one()
        lead = signed_in(account_id=number)
        where = f"/campaigns/{SLUG}/ending"
        page = visit(lead, where)
        assert "of 11 signatories is destroyed" in page.text
        assert "2 September 2026" in page.text and "1 April 2026" in page.text
        assert not [one for one in PLANTED if one in page.html]
        assert "no later" in submit(lead, where, day="2026-09-03", status=422).text
        assert "over already" in submit(lead, where, day="2026-03-01", status=422).text
        submit(lead, where, day="2026-03-05")
        with app.app_context():
            assert forgetting.forget_due(clock.now()).campaigns == 1
        assert "were destroyed on" in visit(lead, where).text
        assert not visit(lead, where).has("form[action$=ending]")


def test_a_restored_backup_brings_nobody_back(app: Flask, tmp_path: Path) -> None:
    """A backup from before the end, restored in place: its plain names are forgotten again, by the store of keys."""
    file = tmp_path / "b.backup"
    with app.app_context():
        with transaction():
            keys.refuse_wrong(now=clock.now())
        number = people(protected=False)
        backup.make(file, now=clock.now())
        forgetting.forget_due(LATER)
        db.session.remove()
        restore.restore(file, replace=True, without_keys=False)
        assert (unsealed(), left()) == (0, [])
        assert db.session.get_one(Campaign, number).people_forgotten_at is not None
        with db.engines[KEYS].connect() as connection:
            stored = connection.scalar(sa.text("SELECT data_key FROM campaign_key WHERE length(campaign) = 16"))
        assert stored is None


def test_later_days_of_others_are_left_alone(app: Flask) -> None:
    """Changing the day is refused while nobody has signed a campaign that goes on."""
    with app.app_context():
        with transaction():
            organiser, made = account("organiser"), campaign()
        with transaction(), pytest.raises(service.RetentionError, match="goes on"):
            service.change_day(made, LATER.date(), actor=organiser, now=ENDED)
