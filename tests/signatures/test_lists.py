"""Organisations and lists: found or added, known ones pointed at, nothing merged."""

from __future__ import annotations

import datetime as dt
import decimal

import pytest
import sqlalchemy as sa

from tests.signatures.conftest import NOW, add, campaign, source
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.companies.models import Company, Holding, Organisation
from tracker.db import Precision, db, transaction
from tracker.signatures import queries, service
from tracker.signatures.known import mark_known
from tracker.signatures.models import (
    Appearance,
    SignatoryKind,
)
from tracker.signatures.pasting import Reading, read_list
from tracker.signatures.public_list import public_signatories
from tracker.signatures.service import HoldingClaim, SignatureError
from tracker.web.dates import UncertainDate


def test_an_organisation_is_found_or_added_with_its_holding(letter: Campaign, organiser: Account) -> None:
    """An organisation signs once a campaign, is shared by campaigns, and its holdings stand with their source."""
    with transaction():
        company = Company(slug="amazon", name="Amazon", created_at=NOW)
        db.session.add(company)
        service.add_organisation(
            letter,
            "Sisters of St. Joseph",
            holding=HoldingClaim(
                company=company,
                amount=decimal.Decimal("1320000000"),
                currency="usd",
                as_of=UncertainDate(dt.date(2019, 1, 1), Precision.MONTH),
                source=source("Business Insider, January 2019"),
            ),
            actor=organiser,
            now=NOW,
        )
    holding = db.session.scalars(sa.select(Holding)).one()
    assert (holding.amount, holding.currency, holding.as_of_precision) == (1320000000, "USD", Precision.MONTH)
    assert holding.source is not None
    with pytest.raises(SignatureError, match="already"), transaction():
        service.add_organisation(letter, "SISTERS of St. Joseph ", actor=organiser, now=NOW)
    with transaction():
        other = campaign("other")
        service.add_organisation(other, "Sisters of St. Joseph", actor=organiser, now=NOW)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Organisation)) == 1
    for claim in (HoldingClaim(company), HoldingClaim(company, amount=decimal.Decimal(5))):
        with pytest.raises(SignatureError), transaction():
            service.add_organisation(other, "Another", holding=claim, actor=organiser, now=NOW)


def test_a_list_says_who_is_here_already(letter: Campaign, organiser: Account) -> None:
    """The same address is left out with the reason, the same name is only pointed at, nothing is merged."""
    add(letter, organiser, "Ada Lovelace", address="ada@example.org")
    gone = add(letter, organiser, "Grace Hopper", address="grace@example.org")
    with transaction():
        service.withdraw_signature(gone.signatures[0], reason="", actor=organiser, now=NOW)
    lines = read_list("A. L. <ADA@example.org>\nGrace <grace@example.org>\nlovelace ADA\nada lovelace\nBo")
    mark_known(letter, lines, SignatoryKind.PERSON, now=NOW)
    assert [line.reading for line in lines[:2]] == [Reading.HERE, Reading.HERE]
    assert "withdrew" in str(lines[1].why)
    assert [bool(line.perhaps) for line in lines[2:]] == [letter.is_protected, True, False]
    with transaction():
        service.add_list(
            letter, lines, kind=SignatoryKind.PERSON, appearance=Appearance.COUNTED, actor=organiser, now=NOW
        )
    assert queries.counts(letter).here == 4
    with pytest.raises(SignatureError, match="Nothing in this list is new"), transaction():
        service.add_list(
            letter, lines[:2], kind=SignatoryKind.PERSON, appearance=Appearance.COUNTED, actor=organiser, now=NOW
        )


def test_a_list_of_organisations(letter: Campaign, organiser: Account) -> None:
    """Organisations are found by name, also within the list, and are never shown by initials."""
    with transaction():
        service.add_organisation(letter, "Google, Inc.", actor=organiser, now=NOW)
    lines = read_list("google, inc.\nMaryknoll Sisters\nMaryknoll sisters", organisations=True)
    mark_known(letter, lines, SignatoryKind.ORGANISATION, now=NOW)
    assert [line.reading for line in lines] == [Reading.HERE, Reading.SIGNATORY, Reading.REPEATED]
    with transaction():
        service.add_list(
            letter, lines, kind=SignatoryKind.ORGANISATION, appearance=Appearance.INITIALS, actor=organiser, now=NOW
        )
    shown = public_signatories([letter], None, now=NOW)
    assert [each.name for each in shown.shown] == ["Google, Inc.", "Maryknoll Sisters"]
