"""Which address each page of the tracker has on the site of these tests; found from the map of all addresses."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask import Flask
from werkzeug.routing import Rule

from tests.browser.mailed import unopened
from tests.browser.site import EMPTY, PUBLIC, SHOP
from tracker.accounts.access import LIBRARY_ENDPOINTS, MARK
from tracker.accounts.models import Account
from tracker.app import create_app
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.models import Campaign, Demand, Issue, SavedSearch, Target
from tracker.companies.models import Company, Organisation
from tracker.config import Config
from tracker.db import db
from tracker.deliveries.models import SignerUpdate
from tracker.digests.models import DigestRun, Subscriber
from tracker.engagements.models import Engagement, Statement
from tracker.importing.models import Import
from tracker.mail.models import Email
from tracker.outcomes.models import Commitment, Outcome
from tracker.resolutions.models import Disposition, Resolution, Vote
from tracker.signatures.models import ReportedCount, Signatory, SignatoryKind
from tracker.sweeps.models import Sweep
from tracker.timeline.models import EntryKind, EntryVisibility, Revision, TimelineEntry

# Not pages for people, or pages that these tests cannot hold open; each with its reason.
SKIPPED = {
    "campaigns.suggest": "a part of a page: the suggestions below a field",
    "attachments.download": "no page: a file, always saved and never shown; tests/pages/test_attachments.py fetches it",
    "attachments.public": "no page, as above",
    "campaigns.suggest_issues": "a part of a page: the suggestions below a field",
    "companies.suggest": "a part of a page: the suggestions below a field",
    "pages.public_json": "for machines: JSON; tests/signatures/test_planted.py reads it",
    "pages.counter": "the inside of a frame on other sites, with a style of its own; tests/signatures visit it",
    "pages.counter_picture": "no page: a picture, tested there",
    "pages.code": "no page: a picture, tested there",
    "pages.restore_company": "the page of pages.restore, of another record; tests/pages/test_set_back.py opens it",
    "pages.restore_organisation": "as above",
    "pages.restore_issue_area": "as above",
    "health.show": "for machines: plain text or JSON",
    "health.ready": "for machines: plain text",
    "health.digests": "for machines: plain text",
    "mail.show_html": "the inside of a frame: a mail's own HTML under a policy of its own, tested with the mails",
    "digests.preview_mail": "the inside of a frame, as above",
    "desk.foreseen_mail": "the inside of a frame, as above",
    "deliveries.stop": "a link of a mail; tests/deliveries open it",
    "accounts.set_up": "there only until the first administrator exists; test_main_job opens it",
    "accounts.code_page": "leads back to the sign-in page; tests/accounts/test_second_factor.py opens what follows",
    "accounts.follow_link": "works once; tests/accounts open it",
    "accounts.confirm_email": "works once; tests/accounts open it",
    "accounts.reset": "works once; tests/accounts open it",
}

# Whose entry, demand or record an address names, where it names one by a random id.
NAMED: dict[str, Callable[[], Any]] = {
    "attachments.new": lambda: _public_note(),
    "attachments.redact": lambda: _public_note().attachments[0],
    "accounts.person": lambda: _first(Account),
    "campaigns.edit_deadline": lambda: _first(Deadline),
    "campaigns.edit_demand": lambda: _first(Demand, SHOP),
    "campaigns.remove_demand": lambda: _first(Demand, SHOP),
    "campaigns.edit_target": lambda: _first(Target, SHOP),
    "deliveries.redact_update": lambda: _first(SignerUpdate, SHOP),
    "desk.run": lambda: _first(DigestRun),
    "desk.foreseen_one": lambda: _first(Subscriber),
    "engagements.edit_engagement": lambda: _first(Engagement, SHOP).entry,
    "engagements.edit_statement": lambda: _first(Statement, SHOP).entry,
    "importing.show": lambda: _first(Import),
    "mail.show": lambda: _first(Email),
    "pages.restore": lambda: _restorable(),
    "outcomes.edit": lambda: _first(Outcome, SHOP).entry,
    "outcomes.edit_commitment": lambda: _first(Commitment, SHOP).entry,
    "outcomes.edit_grade": lambda: _grade(),
    "outcomes.new": lambda: _first(Demand, SHOP),
    "outcomes.new_grade": lambda: _first(Commitment, SHOP),
    "outcomes.show": lambda: _first(Demand, SHOP),
    "sweeps.show": lambda: _first(Sweep),
    "signatures": lambda: _first(Signatory, SHOP),
    "signatures.choose_same": lambda: _person(0),
    "signatures.compare_same": lambda: _person(0),
    "signatures.edit_reported_count": lambda: _first(ReportedCount, SHOP).entry,
    "pages.rename_search": lambda: _first(SavedSearch),
    "resolutions": lambda: _first(Resolution),
    "resolutions.edit": lambda: _first(Resolution).entry,
    "resolutions.edit_disposition": lambda: _first(Disposition).entry,
    "resolutions.edit_vote": lambda: _first(Vote).entry,
    "timeline": lambda: _public_note(),
    "timeline.edit": lambda: _confidence(),
    "timeline.remove": lambda: _confidence(),
}

# The same page in other states: empty, filtered, of another campaign, not there.
VARIANTS = (
    ("owner", "pages.campaign", "/campaigns/{empty}"),
    ("owner", "pages.campaign", "/campaigns/we-wont-build-it"),
    ("owner", "pages.campaign", "/campaigns/shareholders-to-amazon-rekognition"),
    ("owner", "pages.history", "/campaigns/shareholders-to-amazon-rekognition/history"),
    ("owner", "pages.history", "/campaigns/we-wont-build-it/history?kind=statement"),
    ("owner", "pages.history", "/campaigns/shareholders-to-amazon-rekognition/history?by=2019-05-30&dates=sources"),
    ("owner", "pages.briefing", "/campaigns/shareholders-to-amazon-rekognition/briefing?version=public"),
    ("owner", "pages.company_briefing", "/companies/amazon/briefing"),
    ("owner", "pages.company", "/companies/amazon"),
    ("owner", "signatures.index", "/campaigns/{empty}/signatories"),
    ("owner", "campaigns.index", "/campaigns?q=nothing+has+these+words"),
    ("owner", "pages.search", "/search?q=rekognition+palentir"),
    ("owner", "pages.search", "/search?q=xylophone"),
    ("owner", "pages.keep_search", "/searches/new?q=rekognition&kind=shareholder"),
    ("viewer", "pages.saved", "/searches"),
    ("owner", "errors.404", "/campaigns/there-is-none"),
    ("stranger", "pages.home", "/"),
    ("stranger", "campaigns.index", "/campaigns"),
    ("stranger", "pages.public", "/c/shareholders-to-amazon-rekognition"),
    ("stranger", "errors.404", "/nothing/here"),
    ("viewer", "pages.home", "/"),
    ("viewer", "errors.403", "/people"),
    ("viewer", "digests.index", "/digests"),
    ("viewer", "pages.campaign", "/campaigns/{shop}"),
)


@dataclass(frozen=True)
class Place:
    """One page: who opens it, what it is called here, its address."""

    who: str  # owner, viewer or stranger
    endpoint: str
    path: str = ""  # found from the endpoint when empty

    @property
    def id(self) -> str:
        """How a test names it."""
        return f"{self.who}-{self.path or self.endpoint}"


def _rules(app: Flask) -> Iterator[Rule]:
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint not in LIBRARY_ENDPOINTS and rule.endpoint not in SKIPPED:
            yield rule


@cache
def places() -> list[Place]:
    """Every page there is, as whoever may open it, and the variants."""
    app = create_app(Config.from_environ({"TRACKER_INSTANCE": tempfile.mkdtemp(prefix="tracker-")}))
    endpoints = sorted({rule.endpoint for rule in _rules(app)})
    found = [Place(_who(app, endpoint), endpoint) for endpoint in endpoints]
    return [*found, *(Place(*variant) for variant in VARIANTS)]


def _who(app: Flask, endpoint: str) -> str:
    if endpoint in ("pages.home", "campaigns.index", "companies.index"):
        return "owner"
    return "stranger" if getattr(app.view_functions[endpoint], MARK) == "public" else "owner"


def path_of(app: Flask, place: Place) -> str:
    """Where the page is on this site."""
    with app.app_context():
        shop, empty = _campaign(SHOP), _campaign(EMPTY)
        if place.path:
            return place.path.format(shop=shop.slug, empty=empty.slug)
        mailed = unopened(app)
        if place.endpoint in mailed:
            return mailed[place.endpoint]
        rule = next(rule for rule in _rules(app) if rule.endpoint == place.endpoint)
        return app.url_map.bind("localhost").build(place.endpoint, _values(rule))


def _values(rule: Rule) -> dict[str, object]:
    feature = rule.endpoint.split(".")[0]
    values: dict[str, object] = {}
    for name in rule.arguments:
        if name == "public_id":
            named = NAMED.get(rule.endpoint) or NAMED.get(feature)
            assert named, f"say in tests/browser/addresses.py, NAMED, what {rule.rule} names"
            values[name] = named().public_id
        elif name == "other_id":
            values[name] = _person(1).public_id
        elif name == "slug":
            values[name] = _slug(rule)
        elif name == "key":
            values[name] = _campaign(PUBLIC).slug if rule.endpoint == "following.ask" else _campaign(SHOP).link_token
        elif name == "code":
            values[name] = "2345623456"  # of the shape of one
        elif name == "number":
            values[name] = 1  # the first version of the text
        else:
            raise AssertionError(f"say in tests/browser/addresses.py what {name!r} of {rule.rule} is")
    return values


def _slug(rule: Rule) -> str:
    if rule.rule.startswith("/companies"):
        return db.session.scalars(sa.select(Company.slug).where(Company.name == "Example Stores")).one()
    if rule.rule.startswith("/issues"):
        return db.session.scalars(sa.select(Issue.slug).where(Issue.slug == "facial-recognition")).one()
    if rule.rule.startswith("/organisations"):
        return db.session.scalars(sa.select(Organisation.slug).limit(1)).one()
    if rule.endpoint.startswith("resolutions."):
        return "shareholders-to-amazon-rekognition"
    return _campaign(SHOP).slug


def _campaign(title: str) -> Campaign:
    return db.session.scalars(sa.select(Campaign).where(Campaign.title == title)).one()


def _first(model: Any, title: str = "") -> Any:
    found = sa.select(model).order_by(model.id)
    if title:
        found = found.where(model.campaign_id == _campaign(title).id)
    return db.session.scalars(found.limit(1)).one()


def _person(number: int) -> Signatory:
    """One of the people who signed, by when they did."""
    people = sa.select(Signatory).where(
        Signatory.campaign_id == _campaign(SHOP).id, Signatory.kind == SignatoryKind.PERSON
    )
    return db.session.scalars(people.order_by(Signatory.id).offset(number).limit(1)).one()


def _restorable() -> Revision:
    found = sa.select(Revision).where(Revision.campaign_id == _campaign(SHOP).id, Revision.field == "summary")
    return db.session.scalars(found.order_by(Revision.id.desc()).limit(1)).one()


def _note(*conditions: sa.ColumnElement[bool]) -> TimelineEntry:
    found = sa.select(TimelineEntry).where(TimelineEntry.campaign_id == _campaign(SHOP).id, *conditions)
    return db.session.scalars(found.order_by(TimelineEntry.id).limit(1)).one()


def _public_note() -> TimelineEntry:
    return _note(TimelineEntry.kind == EntryKind.CORRECTION)


def _confidence() -> TimelineEntry:
    return _note(TimelineEntry.visibility == EntryVisibility.OFF_THE_RECORD)


def _grade() -> TimelineEntry:
    return _note(TimelineEntry.record_type == "commitment_grade")
