"""Signatories that are perhaps one: proposed by a worker, decided by a person, taken back without a trace."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.conftest import HERE, NOW, add, lead, letter, organiser, protected
from tests.signatures.signing import LINK, open_letter, signed
from tests.signatures.signing import lead as the_lead
from tests.signatures.signing import letter as the_letter
from tests.signatures.test_codes import receipt_of
from tests.signatures.test_codes import sign as sign_with_code
from tests.support.accounts import SignedIn
from tests.support.pages import submit, visit
from tracker import clock
from tracker.accounts.models import AccessRecord, Account, Reading
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, transaction
from tracker.signatures import queries, service
from tracker.signatures.models import Appearance, Signatory, SignatoryTally, Signature
from tracker.signatures.pairs import Evidence, LikenessSearch, PairState, SignatoryPair
from tracker.signatures.service import SignatureError, looking
from tracker.signatures.service.joining import merge_signatories, part_signatory
from tracker.timeline.models import Revision, TimelineEntry

__all__ = ["lead", "letter", "organiser", "protected"]
SAME = f"{HERE}/same"


def look(campaign: Campaign) -> list[SignatoryPair]:
    """Have a worker look; the pairs that are open."""
    with transaction():
        service.ask_to_look(campaign.id, now=clock.now())
    assert looking.look() == 1
    return list(db.session.scalars(sa.select(SignatoryPair).order_by(SignatoryPair.id)))


def state_of_everything() -> dict[str, Any]:
    """Every row of signatories, their signatures and their numbers."""
    db.session.expire_all()
    found: dict[str, Any] = {}
    for model in (Signatory, Signature):
        table: Any = model.__table__
        rows = db.session.execute(sa.select(table).order_by(table.c.id)).mappings()
        found[table.name] = [dict(row) for row in rows]
    alike = [SignatoryTally.campaign_id, SignatoryTally.kind, SignatoryTally.stands_as, SignatoryTally.shown_as]
    numbers = sa.select(*alike, sa.func.sum(SignatoryTally.number)).group_by(*alike)
    found["tally"] = {tuple(row[:-1]): int(row[-1]) for row in db.session.execute(numbers) if row[-1]}
    return found


@pytest.mark.each_database
def test_merged_in_any_way_and_parted_again_is_as_before(letter: Campaign, organiser: Account) -> None:
    """Chains and stars of merges, each counted exactly; parted in any order, every row and number is restored."""
    chance = random.Random(11)
    for number in range(8):
        add(
            letter,
            organiser,
            f"Ada {number}",
            appearance=chance.choice(list(Appearance)),
            address=f"{number}@example.org",
        )
    before, total = state_of_everything(), queries.counts(letter).here
    for _round in range(3):
        merged = []
        for _merge in range(chance.randrange(2, 7)):
            present = db.session.scalars(sa.select(Signatory).where(queries.present()).order_by(Signatory.id)).all()
            one, other = chance.sample(list(present), 2)
            with transaction():
                kept, gone = merge_signatories(one, other)
                merged.append(gone.id)
                assert kept.signatures[0].appearance.rank <= gone.signatures[0].appearance.rank
            assert queries.counts(letter).here == total - len(merged)
        for number in chance.sample(merged, len(merged)):
            with transaction():
                part_signatory(db.session.get_one(Signatory, number))
        assert state_of_everything() == before


@pytest.mark.each_database
def test_proposed_decided_remembered_and_taken_back(letter: Campaign, organiser: Account) -> None:
    """The same person counts once; different ones are never proposed again; both can be taken back; nobody is named."""
    for name, where in (
        ("Ada Lovelace", "Engines, Inc."), ("Lovelace, Ada", "Engines"), ("Ada Lovelace", "Elsewhere"),
        ("Mary Somerville", "Engines"), ("Marie Somerville", "Engines"), ("Ada Lovelace", ""),
    ):  # fmt: skip
        add(letter, organiser, name, affiliation=where)
    ada, mary = look(letter)
    assert [pair.evidence for pair in (ada, mary)] == [Evidence.ORGANISATION] * 2
    with transaction():
        service.find_same(ada, actor=organiser, now=NOW)
        service.find_different(mary, actor=organiser, now=NOW)
    assert queries.counts(letter).here == 5
    with transaction(), pytest.raises(SignatureError):
        service.find_same(ada, actor=organiser, now=NOW)
    assert [pair.state for pair in look(letter)] == [PairState.SAME, PairState.DIFFERENT]
    words = " ".join(db.session.scalars(sa.select(TimelineEntry.headline)))
    assert "found to be one signer" in words and "Ada" not in words and "Lovelace" not in words
    record = db.session.scalars(sa.select(AccessRecord)).one()
    assert (record.reading, record.count, record.account_id) == (Reading.MERGED, 2, organiser.id)
    assert {one.field for one in db.session.scalars(sa.select(Revision)) if one.old_value is None} >= {"merged"}
    with transaction():
        service.take_back(ada, actor=organiser, now=NOW)
        service.take_back(mary, actor=organiser, now=NOW)
    assert queries.counts(letter).here == 6
    assert {pair.state for pair in look(letter)} == {PairState.OPEN}


def test_the_queue_is_worked_through_in_the_browser(lead: SignedIn, app: Flask) -> None:
    """A person has it looked for, sees both sides and which one stays, decides, and takes it back."""
    with app.app_context():
        by, campaign = db.session.get_one(Account, lead.account_id), the_letter()
        for name in ("Ada Lovelace", "A. Lovelace"):
            add(campaign, by, name, affiliation="Engines", office="analyst", address=f"{len(name)}@example.org")
    page = visit(lead, SAME)
    assert "Nothing to decide" in page.text
    page = submit(lead, SAME, "form[action$=look]")
    assert "A worker is looking" in page.text
    with app.app_context():
        assert looking.look() == 1
    assert "Perhaps the same 1" in visit(lead, HERE).text
    page = visit(lead, SAME)
    assert [one.get_text(strip=True) for one in page.select(".pair-name")] == ["Ada Lovelace", "A. Lovelace"]
    assert "The same organisation" in page.text and len(page.select(".pair-kept")) == 1
    assert "example.org" not in page.html
    page = submit(lead, SAME, "form[action$=one]")
    assert "Nothing to decide" in page.text and "Ada Lovelace · A. Lovelace" in page.text
    listed = visit(lead, HERE)
    assert len(listed.select("table.signatories tbody tr")) == 1
    kept = visit(lead, listed.select_one("table.signatories tbody a")["href"])
    assert "A. Lovelace" in kept.select_one("#merged").text
    page = submit(lead, SAME, "form[action$=undo]")
    assert len(page.select(".pair-name")) == 2
    assert "Remembered" in submit(lead, SAME, "form[action$=two]").text
    assert len(visit(lead, HERE).select("table.signatories tbody tr")) == 2


def both_ways(app: Flask, client: FlaskClient) -> tuple[str, str, str]:
    """Somebody signed by mail and with a slip: the two receipts, and the receipt code. Then found to be one."""
    open_letter(app, protected=True, visibility=Visibility.LINK)
    with app.app_context(), transaction():
        (code,) = service.make_codes(the_letter(), 1, now=clock.now())
    by_mail = signed(client, app, key=LINK, name="Zoe Mail Planted", appearance="named")
    page = sign_with_code(client, app, code, name="Zoë Mail Planted", appearance="initials")
    receipt = receipt_of(page)
    by_slip = submit(client, f"/c/{LINK}/receipt", receipt=receipt).response.request.path
    with app.app_context():
        assert queries.counts(the_letter()).here == 2
        (pair,) = look(the_letter())
        assert pair.evidence is Evidence.WAYS
        with transaction():
            service.find_same(pair, actor=the_lead(), now=clock.now())
        assert queries.counts(the_letter()).here == 1
    return by_mail, by_slip, receipt


def test_both_receipts_go_on_working(app: Flask, client: FlaskClient) -> None:
    """Each shows what its own owner typed and nothing of the other's; withdrawn by one, both stay so."""
    by_mail, by_slip, receipt = both_ways(app, client)
    mailed, slipped = visit(client, by_mail), visit(client, by_slip)
    assert "Zoe Mail Planted" in mailed.text and "zoe.planted@example.org" in mailed.text
    assert "Zoë Mail Planted" in slipped.text and "zoe.planted@example.org" not in slipped.html
    assert all("It counts once" in page.text for page in (mailed, slipped))
    assert submit(client, f"/c/{LINK}/receipt", receipt=receipt).response.request.path == by_slip
    submit(client, by_slip, "form[action$=withdraw]")
    assert "Withdrawn" in visit(client, by_mail).text
    with app.app_context():
        assert queries.counts(the_letter()).here == 0
        with transaction():
            service.take_back(db.session.scalars(sa.select(SignatoryPair)).one(), actor=the_lead(), now=clock.now())
        assert queries.counts(the_letter()).here == 0
        assert queries.counts(the_letter()).withdrawn == 2


def test_hidden_by_one_receipt_both_are(app: Flask, client: FlaskClient) -> None:
    """Less for both, more only for the one that counts: should they be two after all."""
    by_mail, by_slip, _receipt = both_ways(app, client)
    submit(client, by_mail, "form[action$=appearance]", appearance="counted")
    submit(client, by_slip, "form[action$=appearance]", appearance="initials")
    with app.app_context():
        shown = {
            one.signatory.receipt_mark is not None: one.appearance for one in db.session.scalars(sa.select(Signature))
        }
    assert sorted(shown.values()) == [Appearance.COUNTED, Appearance.INITIALS]


@pytest.mark.parametrize("which", [0, 1], ids=["by mail", "by slip"])
def test_erased_by_each_receipt_nothing_is_left(app: Flask, client: FlaskClient, which: int) -> None:
    """Each receipt erases its own row and ends the other; after both nothing of either is left, nor the pair, nor a
    receipt that opens."""
    both = both_ways(app, client)
    submit(client, both[which], "form[action$=erase]", sure="y")
    visit(client, both[which], status=410)
    with app.app_context():
        assert not db.session.scalars(sa.select(SignatoryPair)).all()
        assert (queries.counts(the_letter()).here, queries.counts(the_letter()).withdrawn) == (0, 1)
    submit(client, both[1 - which], "form[action$=erase]", sure="y")
    with app.app_context():
        for row in db.session.scalars(sa.select(Signatory)):
            assert row.erased_at and row.deleted_at and not row.name_sealed and not row.address_sealed
            assert row.address_hash is None and row.receipt_mark is None
        assert queries.counts(the_letter()).here == 0
    for path in both[:2]:
        visit(client, path, status=410)
    submit(client, f"/c/{LINK}/receipt", status=422, receipt=both[2])


def test_the_address_of_a_merged_row_signs_for_the_one_that_counts(app: Flask, client: FlaskClient) -> None:
    """Signing once more with it makes nobody new and fails nobody; after a withdrawal it counts again, once."""
    by_mail, by_slip, _receipt = both_ways(app, client)
    with app.app_context():
        merged = db.session.scalars(sa.select(Signatory).where(Signatory.merged_into_id.is_not(None))).one()
        assert merged.address_hash is not None, "of one day, what shows less is kept: the slip's"
    submit(client, by_mail, "form[action$=withdraw]")
    assert signed(client, app, key=LINK, name="Zoe Planted-Again", appearance="counted") == by_mail
    assert "Zoe Planted-Again" in visit(client, by_mail).text
    assert "Zoë Mail Planted" in visit(client, by_slip).text
    with app.app_context():
        assert queries.counts(the_letter()).here == 1


def test_a_killed_search_goes_on_and_sealed_names_stay_sealed(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Passes that are done are not done again, pairs are not doubled, and nothing readable is written."""
    open_letter(app, protected=True)
    with app.app_context():
        for number in range(6):
            name = f"Planted {('Lovelace', 'Somerville', 'Herschel')[number // 2]}"
            add(the_letter(), the_lead(), name, affiliation="Plantedworks", address=f"{number}@example.org")
        monkeypatch.setattr(looking, "IN_ONE_PASS", 2)
        monkeypatch.setattr(looking, "WINDOW", 4)
        with transaction():
            assert looking.ask_where_somebody_came(clock.now()) == 1
        turns = iter([False] * 8 + [True] * 9)
        looking.look(stopping=lambda: next(turns, False))
        half = db.session.scalars(sa.select(LikenessSearch)).one()
        assert 0 < half.done < half.passes == 3 and half.lease == "" and half.asked_at
        assert looking.look() == 1
        pairs = db.session.scalars(sa.select(SignatoryPair)).all()
        assert len(pairs) == 3
        assert half.asked_at is None and half.looked_at == 6
        with transaction():
            assert looking.ask_where_somebody_came(clock.now()) == 0
        for table in (SignatoryPair.__table__, LikenessSearch.__table__):
            assert "lanted" not in repr(db.session.execute(sa.select(table)).all())


def test_only_who_sees_names_and_may_edit_decides(app: Flask, client: FlaskClient, lead: SignedIn) -> None:
    """A pair of another campaign is not there; a reader of the campaign is refused."""
    with app.app_context():
        by = db.session.get_one(Account, lead.account_id)
        for _twice in range(2):
            add(the_letter(), by, "Ada Lovelace", affiliation="Engines")
        (pair,) = look(the_letter())
        public_id = pair.public_id
    visit(lead, f"{SAME}/aaaaaaaaaaaaaaaa/one", method="POST", status=404)
    stranger = app.test_client()
    visit(stranger, f"{SAME}/{public_id}/one", method="POST", status=401)
    with app.app_context():
        assert db.session.scalars(sa.select(SignatoryPair)).one().state is PairState.OPEN
