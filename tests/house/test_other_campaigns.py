"""Every address that names two things: what belongs to one campaign is not there under another's address.

Nothing here names an endpoint: whatever is registered below a campaign is walked with every random id there is.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from tests.support.accounts import make_member
from tests.support.attaching import add
from tests.support.happenings import Team
from tracker.accounts.access import MARK
from tracker.accounts.models import Account, Membership
from tracker.campaigns.models import Campaign, CampaignKind, CampaignText, Visibility
from tracker.campaigns.service import add_deadline
from tracker.db import Model, Precision, PublicId, db
from tracker.deliveries.models import Way
from tracker.deliveries.service import Handed, record_delivery, send_update
from tracker.engagements.models import EngagementKind
from tracker.engagements.service import Contact, Said, record_engagement, record_statement
from tracker.importing.service import begin
from tracker.outcomes.models import Implementation, OutcomeStatus
from tracker.outcomes.service import Became, Promise, grade_commitment, record_commitment, record_outcome
from tracker.resolutions.models import DispositionKind, Filer
from tracker.resolutions.service import Counted, Filing, file_resolution, record_disposition, record_vote
from tracker.signatures.models import Appearance, Provenance, Qualifier, Signatory
from tracker.signatures.people import Person
from tracker.signatures.service import SizeClaim, add_signatory, record_reported_count
from tracker.signatures.service.blocking import add_block
from tracker.sweeps.service import Conditions
from tracker.sweeps.service import begin as sweep_signatures
from tracker.timeline.editing import edit_fields
from tracker.timeline.models import EntryVisibility, Source
from tracker.web.dates import UncertainDate

OTHER = "another"
# Their second id is an account, not a part of a campaign; who is no member there is refused in words.
OF_PEOPLE = "members."


@pytest.fixture
def full(team: Team) -> Team:
    """A campaign with something of every kind, and another with nothing, both led by the same person."""
    with team.act() as now:
        campaign, actor = team.campaign, team.account("lead")
        told, by = team.told(words="It is said."), {"actor": team.account("lead"), "now": now}
        record_outcome(team.demand(), Became(OutcomeStatus.REFUSED), told, **by)
        promise = record_commitment(campaign, Promise("To stop"), told, **by)
        grade_commitment(promise, Implementation.PARTLY, told, **by)
        record_statement(campaign, Said(target=team.demand().target, quotation="No."), told, **by)
        record_engagement(campaign, Contact(EngagementKind.CALL), told, **by)
        company = campaign.subjects[0].company
        assert company is not None
        resolution = file_resolution(campaign, Filing("Halt sales", company, lead_filer="Sisters"), told, **by)
        record_disposition(resolution, DispositionKind.CHALLENGED, told, campaign=campaign, **by)
        record_vote(resolution, Counted(for_shares=1, against_shares=2), told, campaign=campaign, **by)
        size = SizeClaim(Qualifier.ABOUT, 100, "employees", UncertainDate(dt.date(2018, 6, 1), Precision.MONTH))
        source = Source(citation="The Hill", recorded_at=now)
        record_reported_count(campaign, size, team.told(sources=[source]), **by)
        for name in ("Ada Lovelace", "Grace Hopper"):  # two: one page compares them
            add_signatory(campaign, Person(name), appearance=Appearance.NAMED, **by)
        begin(campaign, [b"name\nAda\n"], appearance=Appearance.COUNTED, **by)
        sweep_signatures(campaign, Conditions(provenance=Provenance.LIST), reason="None of ours", **by)
        add_block(campaign, "throwaway.example", **by)
        db.session.add(CampaignText(campaign=campaign, number=1, body="We, the undersigned.", recorded_at=now))
        db.session.flush()
        record_delivery(campaign, Handed(now.date(), Way.POST, "The board"), **by)
        hearer = Person("Hedy Lamarr", address="hedy@example.org")
        add_signatory(campaign, hearer, appearance=Appearance.NAMED, wishes_updates=True, **by)
        send_update(campaign, "They answered.", **by)
        add_deadline(campaign, what="Answer", due_on=now.date(), owner=actor, **by)
        edit_fields(campaign, {"summary": "Said otherwise"}, record_type="campaign", campaign_id=campaign.id, **by)
        add(team, team.note("Mine alone", by="lead", visibility=EntryVisibility.OFF_THE_RECORD), now, by="lead")
        other = Campaign(
            slug=OTHER,
            title="Another",
            kind=CampaignKind.EMPLOYEE,
            visibility=Visibility.PUBLIC,
            link_token="other-token",
            is_protected=True,
            created_at=now,
            changed_at=now,
        )
        db.session.add(other)
        db.session.flush()
        number = other.id
    make_member(team.app, number, team.ids["lead"], Membership.LEAD)
    return team


def below_a_campaign(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every address of a part of a campaign, with each of its methods."""
    for rule in app.url_map.iter_rules():
        marked = str(getattr(app.view_functions[rule.endpoint], MARK, ""))
        ids = {name for name in rule.arguments - {"slug"} if "Integer" not in type(rule._converters[name]).__name__}
        if marked.startswith("campaign:") and ids and not rule.endpoint.startswith(OF_PEOPLE):
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield rule, method


def all_ids(app: Flask) -> list[str]:
    """The random id of every row that has one, but accounts."""
    found: list[str] = []
    with app.app_context():
        for mapper in Model.registry.mappers:
            if issubclass(mapper.class_, PublicId) and mapper.class_ is not Account and "public_id" in mapper.columns:
                kind: Any = mapper.class_
                found += db.session.scalars(sa.select(kind.public_id))
    return found


def path(app: Flask, rule: Rule, slug: str, public_id: str, other_id: str | None = None) -> str:
    ids = {"slug": slug, "other_id": other_id or public_id}
    values = {name: ids.get(name, public_id) for name in rule.arguments}
    return app.url_map.bind("localhost").build(rule.endpoint, values)


@pytest.mark.timeout(600)  # a walk that grows with every address and every kind of row
def test_nothing_of_another_campaign_is_there(app: Flask, full: Team) -> None:
    """Every id there is, under the address of a campaign it does not belong to, answers 404; to read or to change."""
    client, ids = full.client("lead"), all_ids(app)
    faults = []
    for rule, method in below_a_campaign(app):
        for public_id in ids:
            answer = client.open(path(app, rule, OTHER, public_id), method=method)
            if answer.status_code != 404:
                faults.append(f"{method} {rule.rule}: {answer.status_code}")
    assert not faults


def test_everything_is_there_under_its_own(app: Flask, full: Team) -> None:
    """Each page asked for above opens under the campaign's own address: the walk above could fail."""
    client, ids = full.client("lead"), all_ids(app)
    with app.app_context():
        one, another = db.session.scalars(sa.select(Signatory.public_id).order_by(Signatory.id).limit(2))
    missed = [
        rule.rule
        for rule, method in below_a_campaign(app)
        if method == "GET"
        and not any(
            _opens(client, path(app, rule, full.slug, *of)) for of in [(one, another), *((each,) for each in ids)]
        )
    ]
    assert not missed


def test_a_part_of_a_part(app: Flask, full: Team) -> None:
    """Another resolution's filer is not taken out through this one's address."""
    with full.act() as now:
        campaign = full.campaign
        company = campaign.subjects[0].company
        assert company is not None
        here = file_resolution(
            campaign, Filing("A study", company), full.told(), actor=full.account("lead"), now=now
        ).public_id
        there = campaign_filer()
    answer = full.client("lead").post(full.path(f"/resolutions/{here}/filers/{there}/remove"))
    assert answer.status_code == 404
    with full.look():
        assert campaign_filer() == there


def campaign_filer() -> str:
    """The one filer that there is."""

    return db.session.scalars(sa.select(Filer.public_id).where(Filer.deleted_at.is_(None))).one()


def _opens(client: FlaskClient, address: str) -> bool:
    return client.get(address).status_code in (200, 302)
