"""Who signed, for outsiders: page by page, each once, in an order that tells nothing, and nobody under other words."""

import json

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.conftest import account, campaign
from tests.signatures.signing import SLUG, lead, letter, open_letter, signed
from tests.signatures.test_text_changed import change
from tests.support.pages import counted_queries, visit
from tracker import clock
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, transaction
from tracker.signatures import public_list, service
from tracker.signatures.models import Appearance, Signatory, SignatoryKind, SignatureStatus
from tracker.signatures.pasting import read_list
from tracker.signatures.people import Person
from tracker.signatures.public_list import PublicSignatories, public_signatories


def furnish(made: Campaign) -> None:
    """Four bodies, six names, five initials, three who are only counted, two who do not count."""
    by = {"actor": account("writer"), "now": clock.now()}
    for number in range(4):
        service.add_organisation(made, f"Body {number}", **by)
    shown = [Appearance.NAMED] * 6 + [Appearance.INITIALS] * 5 + [Appearance.COUNTED] * 3 + [Appearance.NAMED] * 2
    for number, appearance in enumerate(shown):
        one = service.add_signatory(made, Person(f"{'XYZABC'[number % 6]} Person{number}"), appearance=appearance, **by)
        if number >= 14:
            service.invalidate_signature(one.signatures[0], reason="A robot", **by)


def pages(made: Campaign, limit: int) -> list[PublicSignatories]:
    found, after = [], ""
    for _page in range(20):
        found.append(public_signatories([made], None, now=clock.now(), limit=limit, after=after))
        if not (after := found[-1].after):
            return found
    raise AssertionError("There is no last page.")


@pytest.mark.each_database
@pytest.mark.parametrize(
    ("protected", "hides"), [(False, False), (True, False), (False, True), (True, True)],
    ids=["plain", "protected", "no names", "protected, no names"],
)  # fmt: skip
def test_each_stands_on_one_page(context: Flask, protected: bool, hides: bool) -> None:
    """Turned over two at a time everybody is shown once, as on one long page; bodies first, then names by name, then
    initials. What is only a number is told truly on each, in the same number of statements."""
    with transaction():
        made = campaign(protected=protected, allows_public_names=not hides, visibility=Visibility.PUBLIC)
        furnish(made)
    (whole,) = pages(made, 500)
    turned = pages(made, 2)
    names = [one.name for page in turned for one in page.shown]
    assert sorted(names) == sorted(one.name for one in whole.shown)
    assert len(names) == (11 if hides else 15)
    if not hides:
        assert set(names[:4]) == {f"Body {number}" for number in range(4)}
        assert {name[0] for name in names[4:10]} == set("XYZABC")
    if not hides and not protected:
        assert names[4:10] == sorted(names[4:10])
    assert {(page.counted_only, page.bodies, page.gone) for page in turned} == {(3, 4 if hides else 0, 0)}
    assert [page.is_first for page in turned] == [True, *[False] * (len(turned) - 1)]
    numbers = []
    for limit in (2, 2, 4):  # once to have what is asked of the campaign
        with counted_queries() as statements:
            public_signatories([made], None, now=clock.now(), limit=limit, after=turned[1].after)
        numbers.append(len(statements))
    assert numbers[1] == numbers[2]


def test_who_is_gone_meanwhile_leads_to_the_beginning(context: Flask) -> None:
    """A page behind somebody who withdrew since, or of another campaign, begins with the first names."""
    with transaction():
        made = campaign(visibility=Visibility.PUBLIC)
        furnish(made)
    first, second, *_rest = pages(made, 2)
    assert public_signatories([made], None, now=clock.now(), limit=2, after=first.after).shown == second.shown
    with transaction():
        last = db.session.scalars(sa.select(Signatory).where(Signatory.public_id == first.after)).one()
        last.signatures[0].status = SignatureStatus.WITHDRAWN
    again = public_signatories([made], None, now=clock.now(), limit=2, after=first.after)
    assert again.is_first and again.shown[0] == first.shown[0]


def test_a_page_is_found_without_looking_at_the_rest(context: Flask) -> None:
    """SQLite walks along the two indexes made for it, and sorts nothing but the page."""
    with transaction():
        made = campaign(visibility=Visibility.PUBLIC)
        furnish(made)
    place = public_list._place_of([made], pages(made, 2)[0].after)
    statement = public_list._walk([made], place, 3, 0)
    compiled = str(statement.compile(db.engine, compile_kwargs={"literal_binds": True}))
    plan = [row[3] for row in db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {compiled}"))]
    walks = [step for step in plan if "signatory" in step]
    assert [step for step in walks if "ix_signatory_named" in step] == walks[:2], plan
    assert "public_id)>" in walks[0] and "ix_signatory_initials" in walks[2], plan


def test_a_long_list_goes_on_and_says_the_truth(app: Flask, client: FlaskClient) -> None:
    """Who does not fit on the first page stands on the next, not among those who chose only to be counted."""
    open_letter(app)
    with app.app_context(), transaction():
        lines = read_list("\n".join(f"Person {number:03}" for number in range(503)))
        how = {"kind": SignatoryKind.PERSON, "actor": lead(), "now": clock.now()}
        service.add_list(letter(), lines[:502], appearance=Appearance.NAMED, **how)
        service.add_list(letter(), lines[502:], appearance=Appearance.COUNTED, **how)
    page = visit(client, f"/c/{SLUG}")
    assert "1 more signed and chose only to be counted." in page.text
    assert len(page.select("#signatories li")) == 500 and "Person 500" not in page.text
    (more,) = page.select(".more-names a")
    assert "Person" not in str(more["href"]), "no name is in an address"
    page = visit(client, str(more["href"]).partition("#")[0])
    assert [one.get_text() for one in page.select("#signatories li")] == ["Person 500", "Person 501"]
    assert "1 more signed and chose only to be counted." in page.text
    assert [one.get_text(strip=True) for one in page.select(".more-names a")] == ["The first names"]
    found = json.loads(client.get(f"/c/{SLUG}.json").get_data())
    assert len(found["signatories"]) == 500 and found["chose_only_to_be_counted"] == 1
    rest = json.loads(client.get("/" + found["more_names"].split("/", 3)[3]).get_data())
    assert [one["name"] for one in rest["signatories"]] == ["Person 500", "Person 501"] and not rest["more_names"]


def test_nobody_stands_under_words_not_signed(app: Flask, client: FlaskClient) -> None:
    """Who signed before a change of substance stands apart on the page and in the JSON, until they sign the new text; a
    slip that is mended changes nothing."""
    open_letter(app)
    signed(client, app, name="Ada Early", email="ada@example.org")

    def groups() -> list[str]:
        page = visit(client, f"/c/{SLUG}")
        return [one.get_text(strip=True) for one in page.select("#signatories h3, #signatories li")]

    assert groups() == ["Ada Early"]
    change(app, in_substance=False)
    assert groups() == ["Ada Early"]
    change(app)
    earlier = "Signed an earlier text, before it was changed in substance"
    assert groups() == [earlier, "Ada Early"]
    signed(client, app, name="Zoe Late", email="zoe@example.org")
    assert groups() == ["Signed the text as it is now", "Zoe Late", earlier, "Ada Early"]
    found = json.loads(client.get(f"/c/{SLUG}.json").get_data())
    assert [one["name"] for one in found["signatories"]] == ["Zoe Late"]
    assert [one["name"] for one in found["signed_an_earlier_text"]] == ["Ada Early"]
