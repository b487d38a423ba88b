"""Who sees how much of a campaign's signatories: product.md's matrix as one table, walked on the pages themselves."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.signatures.conftest import NOW, account, campaign, join
from tests.support.accounts import make_account, sign_in
from tests.support.pages import visit
from tracker.accounts.models import Account, Membership, Role
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, transaction
from tracker.signatures import queries, service
from tracker.signatures.appearing import Sight, sight_of
from tracker.signatures.models import COUNTED, Appearance, Signatory
from tracker.signatures.people import Person
from tracker.signatures.public_list import public_signatories

V, S, M = Visibility, Sight, Membership
EVERYBODY: list[tuple[Visibility, Role | None, Membership | None, Sight]] = [
    (V.MEMBERS, None, None, S.NOTHING),
    (V.MEMBERS, Role.VIEWER, None, S.NOTHING),
    (V.MEMBERS, Role.ORGANISER, None, S.NOTHING),
    (V.MEMBERS, Role.VIEWER, M.READER, S.NAMES),
    (V.MEMBERS, Role.ORGANISER, M.EDITOR, S.NAMES),
    (V.MEMBERS, Role.ORGANISER, M.LEAD, S.NAMES),
    (V.MEMBERS, Role.ADMINISTRATOR, None, S.NAMES),
    (V.LINK, None, None, S.NOTHING),
    (V.LINK, Role.VIEWER, None, S.NOTHING),
    (V.LINK, Role.ORGANISER, None, S.NOTHING),
    (V.LINK, Role.VIEWER, M.READER, S.NAMES),
    (V.LINK, Role.ADMINISTRATOR, None, S.NAMES),
    (V.SIGNED_IN, None, None, S.NOTHING),
    (V.SIGNED_IN, Role.VIEWER, None, S.AS_CHOSEN),
    (V.SIGNED_IN, Role.ORGANISER, None, S.AS_CHOSEN),
    (V.SIGNED_IN, Role.VIEWER, M.READER, S.NAMES),
    (V.SIGNED_IN, Role.ADMINISTRATOR, None, S.NAMES),
    (V.PUBLIC, None, None, S.NOTHING),
    (V.PUBLIC, Role.VIEWER, None, S.AS_CHOSEN),
    (V.PUBLIC, Role.ORGANISER, None, S.AS_CHOSEN),
    (V.PUBLIC, Role.ORGANISER, M.EDITOR, S.NAMES),
    (V.PUBLIC, Role.ADMINISTRATOR, None, S.NAMES),
]


def people(letter: Campaign, actor: Account) -> None:
    """One of each appearance, a body of each, and a named one who withdrew."""
    for name, appearance in [
        ("Nadia Named", Appearance.NAMED),
        ("Ignatius Initialled", Appearance.INITIALS),
        ("Conrad Counted", Appearance.COUNTED),
        ("Wanda Withdrawn", Appearance.NAMED),
    ]:
        person = Person(name, f"Office of {name.split()[0]}", "Team Marigold", f"{name.split()[0]}@example.org")
        signatory = service.add_signatory(letter, person, appearance=appearance, actor=actor, now=NOW)
    service.withdraw_signature(signatory.signatures[0], reason="", actor=actor, now=NOW)
    service.add_organisation(letter, "Openly United", actor=actor, now=NOW)
    service.add_organisation(letter, "Quietly United", appearance=Appearance.COUNTED, actor=actor, now=NOW)


@pytest.mark.parametrize(
    ("visibility", "role", "membership", "expected", "protected"),
    [(*row, False) for row in EVERYBODY] + [(*row, True) for row in EVERYBODY if row[-1] is S.AS_CHOSEN],
)
def test_who_sees_the_names(
    app: Flask,
    visibility: Visibility,
    role: Role | None,
    membership: Membership | None,
    expected: Sight,
    protected: bool,
) -> None:
    """The table holds in the one function, on the list, in a search, and on a signatory's own page."""
    with app.app_context(), transaction():
        letter = campaign(protected=protected, visibility=visibility)
        people(letter, account("writer"))
        asker = account("asker", role) if role else None
        if asker and membership:
            join(letter, (asker, membership))
        db.session.flush()
        assert sight_of(asker, letter, membership) is expected
        number = asker.id if asker else None
        counted = queries.signatory_by_public_id(letter, next(iter(_public_ids(letter, Appearance.COUNTED))))
        assert counted is not None
        one = f"/campaigns/letter/signatories/{counted.public_id}"
    client = app.test_client()
    if number:
        sign_in(client, number)
    if expected is Sight.NOTHING:
        for path in ("/campaigns/letter/signatories", one):
            answer = client.get(path)
            assert answer.status_code == (404 if number else 302)
            assert "Nadia" not in answer.get_data(as_text=True)
        return
    page = visit(client, "/campaigns/letter/signatories")
    assert "example.org" not in page.text
    assert "Nadia Named" in page.text and "Openly United" in page.text
    hidden = ("Ignatius Initialled", "Conrad", "Quietly United")
    if expected is Sight.NAMES:
        assert all(name in page.text for name in hidden)
        assert "Wanda" not in page.text
        visit(client, one)
    else:
        assert all(name not in page.html for name in (*hidden, "Ignatius In", "Wanda"))
        assert "I. I. Office of Ignatius" in page.text
        assert "2 more signed and chose only to be counted" in page.text
        assert client.get(one).status_code == 404
        for search in ("conrad", "ignatius", "initialled", "united quietly", "wanda"):
            found = visit(client, "/campaigns/letter/signatories", method="POST", data={"search": search})
            assert "No signatory matches" in found.text
        for filters in ("status=withdrawn", "appearance=counted", "status=invalidated"):
            filtered = visit(client, f"/campaigns/letter/signatories?{filters}")
            assert all(name not in filtered.html for name in (*hidden, "Wanda"))
        found = visit(client, "/campaigns/letter/signatories", method="POST", data={"search": "nadia"})
        assert "Nadia Named" in found.text
    answer = client.post("/campaigns/letter/signatories", data={"step": "contacts", "reason": "curious"})
    assert answer.status_code == 403


def _public_ids(letter: Campaign, appearance: Appearance) -> list[str]:
    return [
        signatory.public_id
        for signatory in db.session.scalars(sa.select(Signatory).where(Signatory.campaign_id == letter.id))
        if signatory.stands_as in COUNTED and signatory.shown_as is appearance
    ]


@pytest.mark.parametrize("protected", [False, True])
def test_a_campaign_can_forbid_public_names(context: Flask, protected: bool) -> None:
    """Then people are shown by initials at most, bodies not at all, and nobody is found by name."""
    with transaction():
        letter = campaign(protected=protected, allows_public_names=False, visibility=Visibility.PUBLIC)
        people(letter, account("writer"))
    found = public_signatories([letter], None, now=NOW)
    assert [(shown.name, shown.office, shown.affiliation) for shown in found.shown] == [
        ("I. I.", "Office of Ignatius", ""),
        ("N. N.", "Office of Nadia", ""),
    ]
    assert (found.counted_only, found.bodies, found.gone) == (2, 1, 0)


def test_public_signatories_are_as_each_chose(context: Flask) -> None:
    """Bodies, names and initials in this order; withdrawn ones never; the rest is a number."""
    with transaction():
        letter = campaign(visibility=Visibility.PUBLIC)
        people(letter, account("writer"))
    found = public_signatories([letter], None, now=NOW)
    assert [shown.name for shown in found.shown] == ["Openly United", "Nadia Named", "I. I."]
    assert found.counted_only == 2


WRITES = [
    "/campaigns/letter/signatories/new",
    "/campaigns/letter/signatories/new-organisation",
    "/campaigns/letter/signatories/paste",
    "/campaigns/letter/sizes/new",
    "/campaigns/letter/signatories/{one}/edit",
    "/campaigns/letter/signatories/{one}/appearance",
    "/campaigns/letter/signatories/{one}/withdraw",
    "/campaigns/letter/signatories/{one}/invalidate",
    "/campaigns/letter/signatories/{one}/reinstate",
    "/campaigns/letter/signatories/{one}/remove",
    "/campaigns/letter/signatories/{one}/holdings",
    "/campaigns/letter/signatories/protect",
]


@pytest.mark.parametrize("path", WRITES)
def test_readers_change_nothing(app: Flask, path: str) -> None:
    """Whoever may only read is refused with 403; sealing the names is for leads."""
    with app.app_context(), transaction():
        letter, reader, editor = campaign(), account("reader", Role.VIEWER), account("editor")
        people(letter, account("writer"))
        join(letter, (reader, Membership.READER), (editor, Membership.EDITOR))
        one = _public_ids(letter, Appearance.NAMED)[0]
        numbers = reader.id, editor.id
    for number in numbers if path.endswith("protect") else numbers[:1]:
        client = app.test_client()
        sign_in(client, number)
        assert client.post(path.format(one=one)).status_code == 403
    stranger = app.test_client()
    sign_in(stranger, make_account(app, Role.ORGANISER))
    assert stranger.post(path.format(one=one)).status_code == 404
    assert app.test_client().post(path.format(one=one)).status_code in (302, 401)
