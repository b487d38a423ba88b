"""Organisations written in several ways become one, whatever names them, and go apart again exactly as they were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.signatures.conftest import account, campaign
from tests.support.accounts import SignedIn
from tests.support.pages import submit, visit
from tracker.accounts.models import Account, Role
from tracker.campaigns.models import Campaign, CampaignSubject, SubjectRole, Target, TargetKind
from tracker.companies.merges import OrganisationMerge, like_organisations
from tracker.companies.merging import merge_organisations, part_organisations
from tracker.companies.models import Holding, Organisation
from tracker.companies.service import CompanyError, find_or_add_company, find_or_add_organisation
from tracker.db import Model, db, transaction
from tracker.signatures import queries
from tracker.signatures.service import add_organisation

NOW = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
NAMES = ("Google Inc.", "Google, Inc.", "Google")


def names() -> list[list[str]]:
    """The groups that are proposed."""
    return [[one.name for one in group] for group in like_organisations()]


def known(name: str) -> Organisation:
    return db.session.scalars(sa.select(Organisation).where(Organisation.name == name)).one()


def everything() -> dict[str, list[Any]]:
    """Every row of whatever names an organisation, and the organisations, but for what counts their saves."""
    db.session.expire_all()
    found = {}
    for table in Model.metadata.sorted_tables:
        names_one = any(key.column.table is Organisation.__table__ for key in table.foreign_keys)
        if (names_one or table.name == "organisation") and not table.name.startswith("organisation_"):
            columns = [column for column in table.columns if column.name != "version"]
            found[table.name] = [tuple(row) for row in db.session.execute(sa.select(*columns).order_by(table.c.id))]
    return found


@pytest.fixture
def actor(context: Flask) -> Account:
    """Three ways to write one name: all signed one campaign, one is asked by another, one holds shares."""
    with transaction():
        by, first, second = account("organiser"), campaign("first"), campaign("second")
        db.session.flush()
        for name in NAMES:
            add_organisation(first, name, actor=by, now=NOW)
        add_organisation(second, NAMES[1], actor=by, now=NOW)
        find_or_add_organisation("Google Cloud", now=NOW)
        for name in NAMES[1:]:
            row = CampaignSubject(campaign_id=second.id, organisation_id=known(name).id, role=SubjectRole.ABOUT)
            db.session.add(row)
        db.session.add(
            Target(campaign_id=second.id, kind=TargetKind.AGENCY, name="It", organisation_id=known(NAMES[0]).id)
        )
        shares = Holding(organisation=known(NAMES[1]), company=find_or_add_company("Example Stores", now=NOW))
        shares.shares, shares.recorded_at = 5, NOW  # type: ignore[assignment]
        db.session.add(shares)
    return by


def here(slug: str) -> int:
    found = db.session.scalars(sa.select(Campaign).where(Campaign.slug == slug)).one()
    return queries.counts(found).here


@pytest.mark.each_database
def test_merged_and_parted_again_is_as_before(actor: Account) -> None:
    """Each campaign counts it once; what named the others names it; in any order of parting all of it goes back."""
    assert names() == [list(NAMES)]
    before = everything()
    assert (here("first"), here("second")) == (3, 1)
    for order in ((0, 1), (1, 0)):
        with transaction():
            kept, *others = (known(name) for name in reversed(NAMES))
            merges = merge_organisations(kept, others, actor=actor, now=NOW)
        assert (here("first"), here("second")) == (1, 1) and names() == []
        assert {row.organisation_id for row in db.session.scalars(sa.select(Holding))} == {known("Google").id}
        assert {row.organisation_id for row in db.session.scalars(sa.select(Target))} == {known("Google").id}
        with transaction():
            assert find_or_add_organisation("google inc.", now=NOW).name == "Google"
        with transaction(), pytest.raises(CompanyError):
            merge_organisations(known("Google"), [known("Google Inc.")], actor=actor, now=NOW)
        for at in order:
            with transaction():
                part_organisations(db.session.get_one(OrganisationMerge, merges[at].id), actor=actor, now=NOW)
        assert everything() == before
    with transaction(), pytest.raises(CompanyError):
        part_organisations(db.session.get_one(OrganisationMerge, merges[0].id), actor=actor, now=NOW)


def test_decided_on_a_page(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """The chosen name stays and the other addresses lead to it; taken back; different is remembered."""
    client = signed_in(Role.ORGANISER)
    with app.app_context(), transaction():
        for name in NAMES:
            find_or_add_organisation(name, now=NOW)
    page = visit(client, "/organisations/same")
    assert [one.get_text() for one in page.select(".pair label")] == sorted(NAMES, key=len, reverse=True)
    with app.app_context():
        ids, google = [known(name).public_id for name in NAMES], known("Google").public_id
    page = submit(client, "/organisations/same", "form[action$=one]", one=ids[:1], kept="")
    assert "Tick at least two" in page.text
    page = submit(client, "/organisations/same", "form[action$=one]", one=ids, kept=google)
    assert "They are one" in page.text and len(page.select("#merged li")) == 2
    assert visit(client, "/organisations/google-inc").heading == "Google"
    page = submit(client, "/organisations/same", "form[action$=undo]")
    page = submit(client, "/organisations/same", "form[action$=undo]")
    assert "Taken back" in page.text
    client.post("/organisations/same/two", data={"one": ids})
    assert "Nothing to decide" in visit(client, "/organisations/same").text
    viewer = signed_in(Role.VIEWER)
    visit(viewer, "/organisations/same", status=403)


def test_the_most_used_name_is_offered_then_the_fullest(
    actor: Account, app: Flask, signed_in: Callable[..., SignedIn]
) -> None:
    """`Google, Inc.` signed twice, is asked about and holds shares: it stands first and is chosen, with its number."""
    page = visit(signed_in(Role.ORGANISER), "/organisations/same")
    labels = [one.get_text() for one in page.select(".pair label")]
    assert labels[0] == NAMES[1] and page.select(".pair input[type=radio]")[0].has_attr("checked")
    assert [cell.get_text(strip=True) for cell in page.select(".pair td.num")] == [
        "4 records",
        "2 records",
        "2 records",
    ]
    assert labels[1:] == [NAMES[0], NAMES[2]], "of two that are used as often the fuller one"
