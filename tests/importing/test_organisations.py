"""Institutions on a list: as a column says, or all of it; each signs once, however it is written."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from tests.data.files import as_csv
from tests.importing.lists import IN_THE_OPEN, brought, counted, run
from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, CampaignSubject, SubjectRole
from tracker.companies.models import Organisation
from tracker.companies.service import find_or_add_organisation
from tracker.db import db, transaction
from tracker.importing import running, service
from tracker.importing.models import Import, ImportOrganisation
from tracker.operations import migrate
from tracker.signatures.models import Appearance, Signatory, SignatoryKind, Signature
from tracker.signatures.people import keys_of, read_contact, read_name


def shown(letter: Campaign) -> set[tuple[str, str, str, str]]:
    """Kind, name, who signs through, and how it appears, of everybody."""
    keys = keys_of(letter, now=clock.now())
    rows = db.session.execute(sa.select(Signatory, Signature.appearance).join_from(Signatory, Signature))
    return {
        (person.kind, read_name(person, keys).name, read_contact(person, keys)[2], appearance)
        for person, appearance in rows
    }


@pytest.mark.each_database
def test_a_column_says_who_is_an_organisation(letter: Campaign, organiser: Account) -> None:
    """People and institutions in one list; an institution met twice signs once, and again brings nobody."""
    file = as_csv([
        ["Name", "Organisation", "Email", "Kind", "Appearance"],
        ["Ada Knot", "Heron Works", "ada@example.org", "person", "initials"],
        ["", "Heron Works", "ada@example.org", "organisation", "initials"],
        ["Bea Reeve", "Order of the Plover", "bea@example.org", "Organization", "counted"],
        ["HERON  works", "", "", "organization", "named"],
    ])  # fmt: skip
    with transaction():
        row = service.begin(letter, [file], appearance=Appearance.NAMED, actor=organiser, now=clock.now())
    with transaction():
        service.check(row, row.columns, order=row.day_order, appearance=Appearance.NAMED, now=clock.now())
    running.work()
    db.session.refresh(row)
    assert (row.rows, row.new, row.here, row.refused) == (4, 3, 1, 0)
    run(row)
    assert row.new == 3
    assert shown(letter) == {
        ("person", "Ada Knot", "", "initials"),
        ("organisation", "Heron Works", "", "named"),
        ("organisation", "Order of the Plover", "Bea Reeve", "counted"),
    }
    again = brought(letter, organiser, file)
    assert (again.new, again.here) == (0, 4)
    with transaction():
        service.undo(row, now=clock.now())
    running.work()
    assert counted() == (0, 0, 0)


def test_a_list_of_nothing_but_organisations(letter: Campaign, organiser: Account) -> None:
    """Where there is no other name, they are the signatories; one that is known already is not added anew."""
    run(brought(letter, organiser, as_csv([["Name", "Kind"], ["Heron Works", "organisation"]])))
    file = as_csv([["Organisation", "Country"], ["Heron works", "NL"], ["Möwe & Söhne", "DE"], ["", "FR"]])
    with transaction():
        row: Import = service.begin(letter, [file], appearance=Appearance.NAMED, actor=organiser, now=clock.now())
    assert row.kind is SignatoryKind.ORGANISATION
    with transaction():
        service.check(
            row, row.columns, order=row.day_order, appearance=Appearance.NAMED, kind=row.kind, now=clock.now()
        )
    running.work()
    db.session.refresh(row)
    assert (row.new, row.here, row.refused) == (1, 1, 1)
    run(row)
    assert sorted(db.session.scalars(sa.select(Organisation.name))) == ["Heron Works", "Möwe & Söhne"]
    assert {each[1] for each in shown(letter)} == {"Heron Works", "Möwe & Söhne"}


@pytest.mark.each_database
def test_organisations_go_with_the_list_that_made_them_known(letter: Campaign, organiser: Account) -> None:
    """What nothing else names: who was known, or is named elsewhere by now, stays. Brought again, it is back."""
    with transaction():
        find_or_add_organisation("Known Before", now=clock.now())
    file = as_csv([["Name", "Kind"], *([name, "organisation"] for name in ("Known Before", "Only Here", "Used Since"))])
    row = brought(letter, organiser, file)
    run(row)
    with transaction():
        used = find_or_add_organisation("Used Since", now=clock.now())
        db.session.add(CampaignSubject(campaign=letter, organisation=used, role=SubjectRole.ASKED))
        only = find_or_add_organisation("Only Here", now=clock.now()).slug
    with transaction():
        service.undo(row, now=clock.now())
    running.work()
    db.session.refresh(row)
    assert counted() == (0, 0, 0)
    assert row.organisations_gone == 1
    present = sa.select(Organisation.name).where(Organisation.deleted_at.is_(None)).order_by(Organisation.name)
    assert list(db.session.scalars(present)) == ["Known Before", "Used Since"]
    mine = sa.select(Organisation.name).join(ImportOrganisation, ImportOrganisation.organisation_id == Organisation.id)
    assert db.session.scalars(mine).all() == []
    again = brought(letter, organiser, file)
    run(again)
    assert list(db.session.scalars(present)) == ["Known Before", "Only Here", "Used Since"]
    assert db.session.scalars(mine).all() == ["Only Here"]
    assert db.session.scalars(sa.select(Organisation.slug).where(Organisation.name == "Only Here")).one() == only
    with transaction():
        service.undo(again, now=clock.now())
    running.work()
    assert list(db.session.scalars(present)) == ["Known Before", "Used Since"]


@pytest.mark.each_database
@IN_THE_OPEN
def test_lists_of_before_know_what_they_made_known(letter: Campaign, organiser: Account) -> None:
    """Down to before imports had organisations of their own and up again: a moment tells whom each made known."""
    with transaction():
        find_or_add_organisation("Known Before", now=clock.now() - dt.timedelta(seconds=1))
    file = as_csv([["Name", "Kind"], *([name, "organisation"] for name in ("Known Before", "Only Here"))])
    run(brought(letter, organiser, file))
    links = sa.select(ImportOrganisation.import_id, ImportOrganisation.organisation_id)
    before = db.session.execute(links).all()
    assert len(before) == 1
    db.session.remove()
    migrate.alembic().downgrade(revision="0046")
    migrate.upgrade()
    assert db.session.execute(links).all() == before
