"""Two signatories whom nobody proposed are found to be one: searched, compared, decided, taken back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.signatures.conftest import HERE, add, lead, letter, organiser, protected
from tests.signatures.signing import letter as the_letter
from tests.signatures.test_same import state_of_everything
from tests.support.accounts import SignedIn
from tests.support.pages import submit, visit
from tracker.accounts.models import AccessRecord, Account
from tracker.db import db, transaction
from tracker.signatures import queries, service
from tracker.signatures.models import Signatory, SignatoryKind
from tracker.signatures.pairs import Evidence, PairState, SignatoryPair
from tracker.signatures.service import SignatureError

__all__ = ["lead", "letter", "organiser", "protected"]


@pytest.fixture
def people(app: Flask, lead: SignedIn) -> list[str]:
    """Three whom no search would propose: the public ids of Ada Lovelace, Ada King and Mary Somerville."""
    with app.app_context():
        by, campaign = db.session.get_one(Account, lead.account_id), the_letter()
        for name, where in (("Ada Lovelace", "Engines"), ("Ada King", "Elsewhere"), ("Mary Somerville", "")):
            add(campaign, by, name, affiliation=where, address=f"{name.split()[1].lower()}@example.org")
        return list(db.session.scalars(sa.select(Signatory.public_id).order_by(Signatory.id)))


def test_picked_compared_decided_and_taken_back(app: Flask, lead: SignedIn, people: list[str]) -> None:
    """No name is in an address; both stand side by side; they count once; taken back, every row is as before, and the
    two stand in the queue."""
    ada, king, _mary = people
    with app.app_context():
        before = state_of_everything()
    page = visit(lead, visit(lead, f"{HERE}/{ada}").link("The same person as another signatory"))
    assert page.select_one("#signatory-search")["value"] == "lovelace" and "Nobody else is found" in page.text
    page = submit(lead, f"{HERE}/{ada}/same", "main form.filter-bar", search="king")
    assert [row.get_text(strip=True) for row in page.select("tbody th")] == ["Ada King"]
    where = page.link("Ada King")
    assert where == f"{HERE}/{ada}/same/{king}"
    page = visit(lead, where)
    assert len(page.select(".pair-side")) == 2 and len(page.select(".pair-kept")) == 1
    assert "example.org" not in page.html
    old = visit(lead, f"{HERE}/{king}/same/{ada}").form("main .pair-acts form")
    page = submit(lead, where, "main .pair-acts form")
    assert "They count once" in page.text and "Ada Lovelace · Ada King" in page.select_one("#decided").get_text()
    with app.app_context():
        assert queries.counts(the_letter()).here == 2
        pair = db.session.scalars(sa.select(SignatoryPair)).one()
        assert (pair.state, pair.evidence) == (PairState.SAME, Evidence.PERSON)
        assert [record.count for record in db.session.scalars(sa.select(AccessRecord))] == [2]
    late = visit(lead, f"{HERE}/{king}/same/{ada}", method="POST", data=old)
    assert "was found to be one with somebody meanwhile" in late.text and late.has("#decided")
    submit(lead, f"{HERE}/same", "form[action$=undo]")
    with app.app_context():
        assert state_of_everything() == before
    assert "Put side by side by the team" in visit(lead, f"{HERE}/same").text
    visit(lead, f"{HERE}/{ada}/same/{ada}", status=404)


@pytest.mark.each_database
def test_whom_somebody_found_different_can_be_one_after_all(app: Flask, lead: SignedIn, people: list[str]) -> None:
    """The remembered decision gives way; an organisation, or the same one twice, is refused."""
    with app.app_context():
        by = db.session.get_one(Account, lead.account_id)
        first, second, third = (db.session.scalars(sa.select(Signatory).order_by(Signatory.id)).all())[:3]
        with transaction():
            service.find_same_unasked(first, second, likeness=50, actor=by, now=first.created_at)
            pair = db.session.scalars(sa.select(SignatoryPair)).one()
            service.take_back(pair, actor=by, now=first.created_at)
            service.find_different(pair, actor=by, now=first.created_at)
        with transaction():
            service.find_same_unasked(second, first, likeness=50, actor=by, now=first.created_at)
        assert db.session.scalars(sa.select(SignatoryPair)).one().state is PairState.SAME
        with transaction():
            third.kind = SignatoryKind.ORGANISATION
        for one, other in ((third, third), (first, third)):
            with transaction(), pytest.raises(SignatureError):
                service.find_same_unasked(one, other, likeness=0, actor=by, now=first.created_at)
