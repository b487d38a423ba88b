"""How each signatory stands, and how many stand so, is kept by the database: the same as counting, whatever is done."""

from __future__ import annotations

import random
from collections import Counter

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import selectinload

from bench.room.world import Size, fill
from tests.signatures.conftest import NOW
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.signatures import queries
from tracker.signatures.listing import PAGE, Filters, Order, members_list, outsiders_list
from tracker.signatures.models import (
    COUNTED,
    Appearance,
    Provenance,
    Signatory,
    SignatoryKind,
    SignatoryTally,
    Signature,
    SignatureStatus,
)
from tracker.signatures.service.tallying import fold_tallies

pytestmark = pytest.mark.each_database


def filled_with(app: Flask, signatures: int) -> list[int]:
    """The ids of two campaigns of so many signatories, the second with names sealed."""
    with app.app_context():
        filled = fill(Size(campaigns=3, entries=8, signatures=signatures))
        named = sa.select(Campaign.id).where(Campaign.slug.in_([filled.slug, filled.sealed_slug]))
        return list(db.session.scalars(named.order_by(Campaign.id)))


@pytest.fixture
def few(app: Flask) -> list[int]:
    """Two campaigns of a dozen signatories each."""
    return filled_with(app, 12)


@pytest.fixture
def campaigns(app: Flask) -> list[int]:
    """Two campaigns of more than two hundred."""
    return filled_with(app, 230)


def counted(campaign_id: int) -> Counter[tuple[str, ...]]:
    """Signatories by kind, status and appearance of their newest signature, counted one by one."""
    rows = db.session.execute(
        sa.select(Signatory.kind, Signature.status, Signature.appearance)
        .join(Signature.signatory)
        .where(Signatory.campaign_id == campaign_id, queries.newest_signature(), queries.present())
    )
    return Counter((kind.value, status.value, appearance.value) for kind, status, appearance in rows)


def tallied(campaign_id: int) -> Counter[tuple[str, ...]]:
    """The same as the tally has it."""
    found: Counter[tuple[str, ...]] = Counter()
    for row in db.session.scalars(sa.select(SignatoryTally).where(SignatoryTally.campaign_id == campaign_id)):
        found[row.kind.value, row.stands_as.value, row.shown_as.value] += row.number
    return Counter({key: number for key, number in found.items() if number})


def all_as_counted(campaigns: list[int]) -> None:
    """The tally is right, and so is what each signatory's row says of the newest signature."""
    db.session.expire_all()
    for campaign_id in campaigns:
        assert tallied(campaign_id) == counted(campaign_id)
    for signatory in db.session.scalars(sa.select(Signatory).options(selectinload(Signatory.signatures))):
        newest = max(signatory.signatures, key=lambda one: one.id, default=None)
        stands = (signatory.stands_as, signatory.shown_as, signatory.stands_on)
        if newest is None:
            assert stands == (None, None, None)
        else:
            assert stands == (newest.status, newest.appearance, newest.signed_on or newest.recorded_at.date())


def anything(chance: random.Random) -> None:
    """One change of a kind that the app makes now, or may make one day."""
    row = chance.choice(db.session.scalars(sa.select(Signatory)).all())
    one = chance.choice(db.session.scalars(sa.select(Signature)).all())
    match chance.randrange(9):
        case 0:
            one.status = chance.choice(list(SignatureStatus))
        case 1:
            one.appearance = chance.choice(list(Appearance))
        case 2:
            row.deleted_at = None if row.deleted_at else NOW
        case 3:
            other = chance.choice(db.session.scalars(sa.select(Signatory.id)).all())
            row.merged_into_id = None if row.merged_into_id or other == row.id else other
        case 4:
            one.signed_on = None if one.signed_on else NOW.date()
        case 5:  # signs again, before there was a text
            if not any(signature.text_id is None for signature in row.signatures):
                values = {"provenance": Provenance.SIGNER, "recorded_at": NOW, "status": SignatureStatus.CONFIRMED}
                shown = chance.choice(list(Appearance))
                db.session.add(Signature(campaign_id=row.campaign_id, signatory_id=row.id, appearance=shown, **values))
        case 6:
            db.session.delete(one)
        case 7:
            in_bulk = sa.update(Signature).where(Signature.id % 7 == chance.randrange(7))
            db.session.execute(in_bulk.values(status=chance.choice(list(SignatureStatus)).value))
        case _:
            fold_tallies(enough=chance.randrange(3))


def test_whatever_is_done_the_tally_is_right(app: Flask, few: list[int]) -> None:
    """After each of many changes, one by one or in bulk, folded or not, the tally is what counting finds."""
    chance = random.Random(7)
    with app.app_context():
        all_as_counted(few)
        for _ in range(30):
            with transaction():
                anything(chance)
            all_as_counted(few)


def test_folding_keeps_every_number(app: Flask, campaigns: list[int]) -> None:
    """Hundreds of changes become a row for each way to stand, and the counts of pages are the same before and after."""
    with app.app_context():
        with transaction():
            some = sa.update(Signature).where(Signature.campaign_id == campaigns[0], Signature.id % 2 == 0)
            db.session.execute(some.values(status=SignatureStatus.WITHDRAWN.value))
        before = queries.counts_for(campaigns)
        assert before[campaigns[0]].withdrawn > 100
        with transaction():
            assert fold_tallies(enough=150) == 1
        assert queries.counts_for(campaigns) == before
        rows = sa.select(sa.func.count()).where(SignatoryTally.campaign_id == campaigns[0])
        assert (db.session.scalar(rows) or 0) <= len(SignatureStatus) * len(Appearance)
        with transaction():
            assert fold_tallies(enough=150) == 0
        all_as_counted(campaigns)


def signatures_of(campaign: Campaign) -> list[Signature]:
    """The newest signatures of a campaign that count, with nothing kept beside them asked."""
    return list(
        db.session.scalars(
            sa.select(Signature)
            .join(Signature.signatory)
            .where(
                Signature.campaign_id == campaign.id,
                Signature.status.in_(COUNTED),
                queries.newest_signature(),
                queries.present(),
            )
        )
    )


@pytest.mark.parametrize("order", [Order.NAME, Order.NEWEST, Order.OLDEST])
def test_pages_of_the_list_hold_everybody_once_and_in_order(app: Flask, campaigns: list[int], order: Order) -> None:
    """Page after page, also those that are counted from the end, gives the whole list as sorting all of it does."""
    with app.app_context():
        campaign = db.session.get_one(Campaign, campaigns[0])
        found = signatures_of(campaign)
        keys = {
            Order.NAME: lambda one: (one.signatory.sort_text.encode(), one.signatory_id),
            Order.OLDEST: lambda one: (one.signed_on, one.signatory_id),
            Order.NEWEST: lambda one: (one.signed_on, one.signatory_id),
        }
        wanted = [one.signatory.public_id for one in sorted(found, key=keys[order], reverse=order is Order.NEWEST)]
        listed = members_list(campaign, Filters(order=order), now=NOW)
        assert listed.total == len(wanted) and listed.pages == -(-len(wanted) // PAGE) > 3
        shown = [
            row.public_id
            for page in range(1, listed.pages + 1)
            for row in members_list(campaign, Filters(order=order, page=page), now=NOW).rows
        ]
        assert shown == wanted


def test_filters_and_searches_count_what_they_show(app: Flask, campaigns: list[int]) -> None:
    """Every filter's total is the number of rows behind it, for members and for outsiders."""
    with app.app_context():
        for campaign_id in campaigns:
            campaign = db.session.get_one(Campaign, campaign_id)
            newest = (
                sa.select(Signature)
                .join(Signature.signatory)
                .where(Signature.campaign_id == campaign.id, queries.newest_signature(), queries.present())
            )
            everybody = db.session.scalars(newest).all()
            for status in (None, *SignatureStatus):
                for appearance in (None, *Appearance):
                    listed = members_list(campaign, Filters(status=status, appearance=appearance), now=NOW)
                    wanted = [
                        one
                        for one in everybody
                        if (one.status in COUNTED if status is None else one.status is status)
                        and appearance in (None, one.appearance)
                    ]
                    assert listed.total == len(wanted)
                    assert len(listed.rows) == min(PAGE, len(wanted))
            shown = [one for one in signatures_of(campaign) if one.appearance is not Appearance.COUNTED]
            assert outsiders_list(campaign, Filters(), now=NOW).total == len(shown)
            bodies = outsiders_list(campaign, Filters(kind=SignatoryKind.ORGANISATION), now=NOW)
            assert bodies.total == 0 and bodies.rows == []
            name = members_list(campaign, Filters(), now=NOW).rows[0].name
            found = members_list(campaign, Filters(search=name), now=NOW)
            assert found.total == len(found.rows) and name in {row.name for row in found.rows}
