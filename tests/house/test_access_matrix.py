"""Every endpoint, as everybody: who may enter is what product.md's table ("Who sees what") says.

Nothing here names an endpoint: whatever is registered is walked, and judged by the mark its view carries.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.support.accounts import forget_tries, make_account, make_member, sign_in
from tracker.accounts.access import LIBRARY_ENDPOINTS, MARK, NARROWER
from tracker.accounts.models import Membership, Role
from tracker.campaigns.models import Campaign, CampaignKind, Visibility
from tracker.clock import now
from tracker.db import db, transaction

pytestmark = pytest.mark.timeout(400)  # walks that grow with every address, on machines that do other things besides

NONE, READ, EDIT, LEAD = 0, 2, 3, 4
LEVELS = {"READ": READ, "EDIT": EDIT, "LEAD": LEAD}

# product.md, "Who sees what", for the team's pages. By link: whoever has the link sees the public page, not these.
CLOSED = {
    "nobody": NONE, "viewer": NONE, "organiser": NONE, "reader": READ, "editor": EDIT, "lead": LEAD,
    "administrator": READ,
}  # fmt: skip
OPEN = {
    "nobody": NONE, "viewer": READ, "organiser": READ, "reader": READ, "editor": EDIT, "lead": LEAD,
    "administrator": LEAD,
}  # fmt: skip
MATRIX = {
    Visibility.MEMBERS: CLOSED,
    Visibility.LINK: CLOSED,
    Visibility.SIGNED_IN: OPEN,
    Visibility.PUBLIC: OPEN,
}
ROLES = {
    "viewer": Role.VIEWER, "organiser": Role.ORGANISER, "reader": Role.VIEWER, "editor": Role.VIEWER,
    "lead": Role.ORGANISER, "administrator": Role.ADMINISTRATOR,
}  # fmt: skip
MEMBERSHIPS = {"reader": Membership.READER, "editor": Membership.EDITOR, "lead": Membership.LEAD}
UNKNOWN = "aaaaaaaaaaaaaaaa"
# Their 503 is an answer: no worker and no beat is alive in these tests.
TELLING = {"health.digests"}


@dataclass(frozen=True)
class Place:
    """One endpoint with one method."""

    rule: Rule
    method: str
    mark: str
    is_narrower: bool  # the view refuses some of those whom its mark admits

    def path(self, app: Flask, slug: str) -> str:
        """Its address for this campaign; whatever else it names does not exist."""
        values: dict[str, object] = {}
        for name in self.rule.arguments:
            number = self.rule._converters[name].__class__.__name__ == "IntegerConverter"
            values[name] = slug if name == "slug" else 1 if number else UNKNOWN
        with app.test_request_context():
            return app.url_map.bind("localhost").build(self.rule.endpoint, values)

    @property
    def exists(self) -> bool:
        """Whether its address names only a campaign, which is there. (Other pages may have nothing to show yet.)"""
        return self.is_of_campaign and self.rule.arguments == {"slug"}

    @property
    def is_of_campaign(self) -> bool:
        return self.mark.startswith("campaign:")


def places(app: Flask) -> Iterator[Place]:
    """Every endpoint with each of its methods."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint in LIBRARY_ENDPOINTS:
            continue
        view = app.view_functions[rule.endpoint]
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield Place(rule, method, getattr(view, MARK), hasattr(view, NARROWER))


@pytest.fixture
def campaigns(app: Flask) -> dict[Visibility, int]:
    """One campaign of each visibility."""
    made = {}
    with app.app_context(), transaction():
        for visibility in Visibility:
            campaign = Campaign(
                slug=f"about-{visibility.value.replace('_', '-')}",
                title=f"Campaign {visibility.value}",
                kind=CampaignKind.EMPLOYEE,
                visibility=visibility,
                link_token=f"link-{visibility.value}",
                is_protected=True,
                created_at=now(),
                changed_at=now(),
            )
            db.session.add(campaign)
            db.session.flush()
            made[visibility] = campaign.id
    return made


@pytest.fixture
def clients(app: Flask, campaigns: dict[Visibility, int]) -> dict[str, FlaskClient]:
    """A client for each column of the table."""
    found = {"nobody": app.test_client()}
    for who, role in ROLES.items():
        account = make_account(app, role)
        if who in MEMBERSHIPS:
            for campaign in campaigns.values():
                make_member(app, campaign, account, MEMBERSHIPS[who])
        found[who] = app.test_client()
        sign_in(found[who], account)
    return found


def slug_of(visibility: Visibility) -> str:
    return f"about-{visibility.value.replace('_', '-')}"


def asks_to_sign_in(answer: TestResponse) -> bool:
    """Whether this is the way to the sign-in page, or, for a form that was sent, that page itself."""
    return answer.status_code == 401 or (
        answer.status_code == 302 and answer.headers["Location"].startswith("/login?next=")
    )


def verdict(place: Place, who: str, level: int, answer: TestResponse) -> str | None:
    """What is wrong with this answer, or None. Only refusals are asked of a method that changes something."""
    status = answer.status_code
    if status == 503 and place.rule.endpoint in TELLING:
        return None
    if status >= 500:
        return f"broke with {status}"
    kind, _, needed = place.mark.partition(":")
    if kind == "public":
        return "refused" if asks_to_sign_in(answer) or status == 403 else None
    if who == "nobody":
        return None if asks_to_sign_in(answer) else f"let nobody in with {status}"
    if kind == "signed_in":
        allowed = True
    elif kind == "requires":
        allowed = ROLES[who].value in needed.split(",")
    else:
        if level < READ:
            return None if status == 404 else f"answered {status} for a campaign that is not there for them"
        allowed = level >= LEVELS[needed]
    if not allowed:
        return None if status == 403 else f"answered {status}, not 403"
    if place.is_narrower and status == 403:
        # Never for those who may do everything the table gives.
        return "refused" if level >= LEAD or who == "administrator" else None
    if asks_to_sign_in(answer) or status == 403:
        return f"refused with {status}"
    if place.exists and status >= 400 and status != 405:
        return f"answered {status} to somebody who may"
    return None


def walk(app: Flask, clients: dict[str, FlaskClient], *, changing: bool, only: str = "") -> Iterator[str]:
    """Every fault found; of methods that change something only those calls that must be refused are made."""
    app.config["PROPAGATE_EXCEPTIONS"] = False  # a view that breaks is a fault among others, not the end of the walk
    for place in places(app):
        if (place.method != "GET") != changing or only not in ("", place.rule.endpoint):
            continue
        visibilities = list(Visibility) if place.is_of_campaign else [Visibility.PUBLIC]
        for visibility in visibilities:
            for who, client in clients.items():
                level = MATRIX[visibility][who]
                if changing and _may(place, who, level):
                    continue
                forget_tries()
                answer = client.open(place.path(app, slug_of(visibility)), method=place.method)
                fault = verdict(place, who, level, answer)
                if fault:
                    yield f"{place.method} {place.rule.rule} ({place.mark}, {visibility}): {who}: {fault}"


def _may(place: Place, who: str, level: int) -> bool:
    kind, _, needed = place.mark.partition(":")
    if kind == "public":
        return True
    if who == "nobody":
        return False
    if kind == "requires":
        return ROLES[who].value in needed.split(",")
    return kind == "signed_in" or level >= LEVELS[needed]


def test_who_may_read_every_page(app: Flask, clients: dict[str, FlaskClient]) -> None:
    """Each page opens for whom the table says and for nobody else; a campaign one may not read is not there at all."""
    assert not list(walk(app, clients, changing=False))


def test_who_may_not_change_anything(app: Flask, clients: dict[str, FlaskClient]) -> None:
    """Each form is refused from everybody below its mark, in every visibility."""
    assert not list(walk(app, clients, changing=True))


def test_the_walk_sees_a_hole(app: Flask, clients: dict[str, FlaskClient]) -> None:
    """A page that lets in whom its mark keeps out is found: the walk can fail."""
    endpoint = "accounts.people"
    view = app.view_functions[endpoint]

    def open_to_all() -> str:
        return "everything"

    setattr(open_to_all, MARK, getattr(view, MARK))
    app.view_functions[endpoint] = open_to_all
    faults = list(walk(app, clients, changing=False, only=endpoint))
    assert {fault.split(": ")[1] for fault in faults if fault.startswith("GET /people ")} >= {
        "nobody",
        "viewer",
        "lead",
    }
