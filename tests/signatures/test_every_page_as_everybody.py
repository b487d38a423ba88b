"""A crawl of every page as every role: no planted address, and no hidden name, is in any body or header.

Nothing here names a page: whatever is registered is opened with the random ids there are. The second test shows that
the crawl can find something.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.house.test_other_campaigns import full  # noqa: F401 - a fixture
from tests.support.accounts import code_of, forget_tries, give_factor
from tests.support.happenings import PEOPLE, Team
from tracker import clock
from tracker.accounts.access import LIBRARY_ENDPOINTS
from tracker.campaigns.models import CampaignText
from tracker.db import Model, PublicId, db, transaction
from tracker.signatures.models import Appearance, Signatory, SignatoryKind
from tracker.signatures.people import Person
from tracker.signatures.places import place_of
from tracker.signatures.service import FormAsks, Wish, ask_to_sign, open_signing, set_up_signing
from tracker.signatures.service.saving import new_signatory, save_people, sign

ADDRESSES = (
    "counted.planted@",
    "initials.planted@",
    "named.planted@",
    "waits.planted@",
    "+49 30 901820",
    "Thru-Planted",
)
HIDDEN = ("Counted-Planted", "Initials-Planted", "Waits-Planted", "Office-Counted-Planted", "Body-Initials-Planted")
SHOWN = "Named-Planted"
# A list is not shown whole to whoever is no member; who administers sees it in a campaign that is open.
MEMBERS = frozenset({"editor", "lead", "reader", "administrator"})


def plant(team: Team) -> None:
    """One of each: only counted, by initials, by name; an organisation through somebody; one who has yet to confirm."""
    with team.app.app_context(), transaction():
        now, campaign, actor = clock.now(), team.campaign, team.account("lead")
        counted = Person("Counted-Planted", "Office-Counted-Planted", "", "counted.planted@example.org")
        initials = Person("Initials-Planted", "Nurse", "Body-Initials-Planted", "initials.planted@example.org")
        named = Person(SHOWN, "", "", "named.planted@example.org", "+49 30 901820", "Thru-Planted")
        people = ((Appearance.COUNTED, counted), (Appearance.INITIALS, initials), (Appearance.NAMED, named))
        for appearance, person in people:
            (number,) = save_people(campaign, [(new_signatory(campaign, SignatoryKind.PERSON, now), person)], now)
            sign(campaign, [number], appearance, None, actor=actor, now=now)
        set_up_signing(campaign, FormAsks(), seen=None, actor=actor, now=now)
        open_signing(campaign, actor=actor, now=now)
        wish = Wish(Person("Waits-Planted", address="waits.planted@example.org"), Appearance.NAMED, text_id=_text())
        ask_to_sign(place_of(campaign), wish, locale="en", now=now)


def _text() -> int:
    return db.session.scalars(sa.select(CampaignText.id)).one()


def some_ids(app: Flask) -> list[str]:
    """The random ids of every signatory, and of two rows of each other kind."""
    found: list[str] = []
    with app.app_context():
        for mapper in sorted(Model.registry.mappers, key=lambda one: one.class_ is not Signatory):
            if issubclass(mapper.class_, PublicId) and "public_id" in mapper.columns:
                kind: Any = mapper.class_
                rows = sa.select(kind.public_id).order_by(kind.id.desc())
                found += db.session.scalars(rows if kind is Signatory else rows.limit(2))
    return found


def addresses(app: Flask, slug: str, ids: list[str]) -> Iterator[str]:
    """Every address that can be opened, with the campaign's name and each id."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint in LIBRARY_ENDPOINTS:
            continue
        many = rule.arguments - {"slug", "key"}
        for public_id in ids if many else [""]:
            values = {name: _value(rule, name, slug, public_id) for name in rule.arguments}
            if "other_id" in values:  # two signatories side by side
                values["other_id"] = next((one for one in ids if one != public_id), public_id)
            yield adapter.build(rule.endpoint, values)
    # Searched by a word that all of them share and that is none of them: a page says again what its reader typed.
    for path in (f"/campaigns/{slug}/signatories", "/search", "/campaigns"):
        yield f"{path}?q=planted"


def _value(rule: Rule, name: str, slug: str, public_id: str) -> object:
    if name in ("slug", "key"):
        return slug
    return 1 if type(rule._converters[name]).__name__ == "IntegerConverter" else public_id


def openable(client: FlaskClient, every: Iterator[str]) -> list[str]:
    """Those that show something to somebody."""
    return [path for path in every if client.get(path).status_code < 400]


def leaks(app: Flask, client: FlaskClient, paths: list[str], planted: tuple[str, ...]) -> list[str]:
    """Where one of these is in a body or a header."""
    found = []
    for path in paths:
        forget_tries()
        answer = client.get(path)
        text = answer.get_data().decode("utf-8", "replace") + str(answer.headers)
        found += [f"{path}: {one}" for one in planted if one in text]
    return found


def exported(client: FlaskClient, slug: str, *, columns: tuple[str, ...], extent: str) -> str:
    """What an export gives this reader; a page where it is refused."""
    forget_tries()
    asked: dict[str, object] = {
        "extent": extent,
        "format": "csv",
        "columns": list(columns),
        "reason": "delivery",
        "code": code_of(),
    }
    answer = client.post(f"/campaigns/{slug}/signatories/export", data=asked)
    return answer.get_data().decode("utf-8", "replace") + str(answer.headers)


@pytest.fixture
def planted(app: Flask, full: Team) -> Team:  # noqa: F811
    """The team with people planted."""
    plant(full)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return full


@pytest.mark.timeout(600)
def test_nobody_reads_what_is_hidden(app: Flask, planted: Team) -> None:
    """Addresses: in no page of anybody, also of those who may see contact data, until they ask for it with a reason.
    Hidden names: in no page of who is no member. The name that is shown is shown, and the lead sees the hidden one."""
    team, ids = planted, some_ids(app)
    # Every address that opens for its lead or an administrator.
    opened = openable(team.client("lead"), addresses(app, team.slug, ids))
    opened += openable(team.client("administrator"), addresses(app, team.slug, ids[:0]))
    paths = sorted(set(opened))
    assert len(paths) > 90, "most of the pages there are"
    readers: dict[str, FlaskClient] = {"nobody": app.test_client()} | {
        name: team.client(name)
        for name in PEOPLE
        if name != "editor"  # who reads what the lead reads
    }
    found = []
    for who, client in readers.items():
        hidden = () if who in MEMBERS else HIDDEN
        found += [f"{who}: {leak}" for leak in leaks(app, client, paths, (*ADDRESSES, *hidden))]
    assert not found
    public = readers["nobody"].get(f"/c/{team.slug}").get_data(as_text=True)
    assert SHOWN in public and "I." in public


def test_the_crawl_finds_what_a_page_gives_away(app: Flask, planted: Team) -> None:
    """A lead reads hidden names, so the same crawl finds them there; a page that told an address would be found."""
    team = planted
    lead = team.client("lead")
    asked = (path for path in addresses(app, team.slug, some_ids(app)) if "signatories" in path)
    found = leaks(app, lead, openable(lead, asked), HIDDEN)
    assert {leak.rpartition(": ")[2] for leak in found} >= {"Counted-Planted", "Initials-Planted"}

    def tells(**_: object) -> str:
        return "counted.planted@example.org"

    endpoint = "pages.public_json"
    app.view_functions[endpoint] = tells
    assert leaks(app, app.test_client(), [f"/c/{team.slug}.json"], ADDRESSES)


def test_an_export_gives_nobody_more_than_they_may_have(app: Flask, full: Team) -> None:  # noqa: F811
    """Whoever asks for everything: who may not export gets no file; who may, without contact data, no address; the list
    as each chose to appear has no hidden name for anybody. Who may have all of it does get it."""
    team = full
    plant(team)
    everything = ("name", "role", "organisation", "email", "phone")
    for who in ("nobody", *PEOPLE):
        client = app.test_client() if who == "nobody" else team.client(who)
        got = exported(client, team.slug, columns=everything, extent="whole")
        assert not [one for one in (*ADDRESSES, SHOWN) if one in got], f"{who} may not export"
    with team.act():
        for who in PEOPLE:
            team.account(who).may_export = True
    for who in PEOPLE:
        give_factor(app, team.ids[who])
        shown = exported(team.client(who), team.slug, columns=("name", "role", "organisation"), extent="as_shown")
        assert SHOWN in shown and not [one for one in (*ADDRESSES, *HIDDEN) if one in shown], who
        whole = exported(team.client(who), team.slug, columns=everything, extent="whole")
        assert not [one for one in ADDRESSES if one in whole], who
    with team.act():
        team.account("lead").may_see_contacts = True
    with time_machine.travel(clock.now() + dt.timedelta(minutes=5), tick=False):  # each code works once
        whole = exported(team.client("lead"), team.slug, columns=everything, extent="whole")
    assert "counted.planted@example.org" in whole and "Counted-Planted" in whole
