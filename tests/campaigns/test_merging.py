"""Merging campaigns: a pointer and a ledger; whatever is merged and undone, nothing is lost and nothing changes."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.support.accounts import make_account, make_member
from tracker import clock
from tracker.accounts.models import Account, Membership, Role
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.merged import listed_campaigns, standing_for, together
from tracker.campaigns.models import Campaign, CampaignKind, CampaignText, Demand, Visibility
from tracker.campaigns.relations import CampaignMention, CampaignMerge, LinkKind
from tracker.campaigns.service import CampaignError, edit_demand, link_campaigns, merge_campaigns, undo_merge
from tracker.db import Model, db, transaction
from tracker.outcomes.models import OutcomeStatus
from tracker.outcomes.service import Became, Promise, record_commitment, record_outcome
from tracker.signatures.models import Appearance
from tracker.signatures.people import Person
from tracker.signatures.service import add_signatory
from tracker.timeline.models import EntryKind, EntryVisibility, Source, TimelineEntry
from tracker.timeline.queries import entries_visible_to
from tracker.timeline.service import Told, append_entry

pytestmark = pytest.mark.each_database
MANY = 4
# To what merging adds rows of its own, and the index of words, which follows from the rest; all else must be as it was.
OWN = {CampaignMerge.__tablename__, CampaignMention.__tablename__, TimelineEntry.__tablename__}
INDEX = "search_"


@pytest.fixture
def campaigns(context: Flask) -> list[int]:
    """Campaigns of every visibility with rows of several kinds, and two readers: of all, and of the open ones."""
    make_account(context, Role.ADMINISTRATOR)
    with transaction():
        now, made = clock.now(), []
        for number, visibility in zip(
            range(MANY), [Visibility.PUBLIC, Visibility.SIGNED_IN, *[Visibility.MEMBERS] * 2], strict=True
        ):
            one = Campaign(
                slug=f"campaign-{number}", title=f"Campaign {number}", kind=CampaignKind.PUBLIC, visibility=visibility,
                link_token=f"token-{number}", is_protected=False, created_at=now, changed_at=now,
            )  # fmt: skip
            db.session.add(one)
            db.session.flush()
            db.session.add(Demand(campaign_id=one.id, position=1, words=f"Ask {number}", created_at=now))
            db.session.add(Deadline(campaign_id=one.id, what="Answer", due_on=now.date(), created_at=now))
            db.session.add(CampaignText(campaign_id=one.id, number=1, body="A letter", recorded_at=now))
            append_entry(
                campaign_id=one.id, kind=EntryKind.NOTE, headline=f"In {number}", occurred_on=now.date(), now=now,
                actor=None, visibility=EntryVisibility.PUBLIC,
            )  # fmt: skip
            made.append(one.id)
        for number, key in enumerate(made):
            _more(db.session.get_one(Campaign, key), number, now)
        follower, followed = (db.session.get_one(Campaign, key) for key in made[:2])
        link_campaigns(follower, followed, LinkKind.FOLLOWS, actor=None, now=now)
    return made


def _more(campaign: Campaign, number: int, now: dt.datetime) -> None:
    """What else hangs on a campaign: signers, evidence, what became of its ask, who follows and who may edit it."""
    actor = db.session.scalars(sa.select(Account)).first()
    assert actor is not None
    how: dict[str, Any] = {"actor": actor, "now": now}
    add_signatory(campaign, Person(f"Signer {number}"), appearance=Appearance.COUNTED, **how)
    source = Source(citation=f"Source {number}", recorded_at=now)
    told = Told(occurred_on=now.date(), visibility=EntryVisibility.PUBLIC, sources=[source])
    record_outcome(campaign.demands[0], Became(OutcomeStatus.REFUSED), told, **how)
    record_commitment(campaign, Promise(f"Promise {number}"), told, **how)
    edited = {"words": f"Ask {number} anew"}
    edit_demand(campaign.demands[0], edited, seen=campaign.demands[0].version, **how)


def rows(before: dict[str, list[Any]] | None = None) -> dict[str, list[Any]]:
    """Every row of every table that merging does not write itself; of what it adds to, all that was there `before`."""
    db.session.rollback()
    found = {}
    for table in Model.metadata.sorted_tables:
        if table.name.startswith(INDEX):
            continue
        # When the last entry was recorded is no row's own: the history tells of merging, and so it moves.
        columns = [column for column in table.c if (table.name, column.name) != ("campaign", "changed_at")]
        query = sa.select(*columns).order_by(*table.primary_key.columns)
        found[table.name] = [tuple(row) for row in db.session.execute(query)]
        if table.name in OWN and before is not None:
            found[table.name] = [row for row in found[table.name] if row in before[table.name]]
    return found


def without_pointers(dump: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """The same without the one column that merging sets."""
    place = [column.name for column in Campaign.__table__.c if column.name != "changed_at"].index("merged_into_id")
    return {**dump, "campaign": [row[:place] + row[place + 1 :] for row in dump["campaign"]]}


def merge(one: int, into: int, reason: str = "The same letter") -> None:
    with transaction():
        merge_campaigns(
            db.session.get_one(Campaign, one),
            db.session.get_one(Campaign, into),
            reason=reason,
            actor=None,
            now=clock.now(),
        )


def undo(one: int) -> None:
    with transaction():
        lasting = sa.select(CampaignMerge).where(CampaignMerge.campaign_id == one, CampaignMerge.undone_at.is_(None))
        undo_merge(db.session.scalars(lasting).one(), actor=None, now=clock.now())


def pointers() -> dict[int, int | None]:
    return dict(db.session.execute(sa.select(Campaign.id, Campaign.merged_into_id)).all())


def headlines(account: Account | None) -> list[str]:
    """All that a reader reads, campaign by campaign of the list, with what was merged into each."""
    found: list[str] = []
    today = dt.date(2100, 1, 1)
    for one in db.session.scalars(listed_campaigns(account)):
        query = sa.select(TimelineEntry.headline).where(
            TimelineEntry.campaign_id.in_(together([one.id], account)),
            TimelineEntry.kind == EntryKind.NOTE,
            entries_visible_to(account, today=today),
        )
        found += db.session.scalars(query)
    return sorted(found)


def test_merged_and_undone_is_as_before(campaigns: list[int]) -> None:
    """Every row is what it was: also the counter of saves."""
    before = rows()
    merge(campaigns[0], campaigns[1])
    assert without_pointers(rows(before)) == without_pointers(before)
    assert rows(before) != before
    undo(campaigns[0])
    assert rows(before) == before


def test_there_is_much_to_lose(campaigns: list[int]) -> None:
    """The campaigns of these tests have rows in every table that hangs on a campaign and that merging could touch."""
    filled = {name for name, found in rows().items() if found}
    assert {
        *("campaign", "campaign_text", "demand", "deadline", "timeline_entry", "signatory", "signature"),
        *("source", "outcome", "commitment", "revision", "campaign_link", "campaign_mention"),
    } <= filled


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.booleans(), st.integers(0, MANY - 1), st.integers(0, MANY - 1)), max_size=10))
@example(steps=[(True, 0, 1), (True, 1, 2), (False, 1, 0), (True, 2, 0), (False, 0, 0)])
def test_any_sequence_loses_nothing(campaigns: list[int], steps: list[tuple[bool, int, int]]) -> None:
    """Whatever is merged and undone in whatever order: no circle, the pointer is the top of the ledger's chain, each
    reader reads every entry once and none that it could not read before; and all undone, every row is as it was."""
    reader = db.session.scalar(sa.select(Account).where(Account.email == "reader@example.org")) or db.session.get(
        Account, make_account_here()
    )
    before = rows()
    everybody = [None, reader]
    read = [headlines(one) for one in everybody]
    for is_merge, first, second in steps:
        try:
            merge(campaigns[first], campaigns[second]) if is_merge else undo(campaigns[first])
        except (CampaignError, sa.exc.NoResultFound):
            continue
        ledger = dict(
            db.session.execute(
                sa.select(CampaignMerge.campaign_id, CampaignMerge.into_id).where(CampaignMerge.undone_at.is_(None))
            ).all()
        )
        for campaign_id, pointer in pointers().items():
            top, seen = campaign_id, {campaign_id}
            while top in ledger:
                top = ledger[top]
                assert top not in seen, "a circle"
                seen.add(top)
            assert pointer == (top if top != campaign_id else None)
        assert [headlines(one) for one in everybody] == read
        for account in everybody:
            listed = set(db.session.scalars(listed_campaigns(account).with_only_columns(Campaign.id)))
            assert set(standing_for(listed, account).values()) == listed
    assert without_pointers(rows(before)) == without_pointers(before), "merged, not moved"
    for campaign_id in campaigns:
        if db.session.scalar(
            sa.select(CampaignMerge.id).where(
                CampaignMerge.campaign_id == campaign_id, CampaignMerge.undone_at.is_(None)
            )
        ):
            undo(campaign_id)
    assert rows(before) == before


def make_account_here() -> int:
    from flask import current_app

    return make_account(current_app._get_current_object(), Role.VIEWER, email="reader@example.org")  # type: ignore[attr-defined]


def test_what_cannot_be_merged(campaigns: list[int]) -> None:
    """Itself, what was merged already, into what was merged, out of the bin, and without a reason."""
    a, b, c, _d = campaigns
    with pytest.raises(CampaignError, match="itself"):
        merge(a, a)
    with pytest.raises(CampaignError, match="why"):
        merge(a, b, reason="")
    merge(a, b)
    with pytest.raises(CampaignError, match="already"):
        merge(a, c)
    with pytest.raises(CampaignError, match="one that remains"):
        merge(c, a)
    with pytest.raises(CampaignError, match="one that remains"):
        merge(b, a)
    with transaction():
        db.session.get_one(Campaign, c).deleted_at = clock.now()
    with pytest.raises(CampaignError, match="bin"):
        merge(c, b)


def test_a_merged_one_brings_its_own_along(campaigns: list[int]) -> None:
    """What was merged into it goes with it, comes back with it, and can be taken out meanwhile."""
    a, b, c, _d = campaigns
    merge(a, b)
    merge(b, c)
    assert pointers() == {a: c, b: c, c: None, _d: None}
    undo(b)
    assert pointers() == {a: b, b: None, c: None, _d: None}
    merge(b, c)
    undo(a)
    assert pointers() == {a: None, b: c, c: None, _d: None}


def test_it_shows_only_to_who_may_read_both(campaigns: list[int], context: Flask) -> None:
    """A reader of one of the two sees it as it stood; so does a reader of both, once one lies in the bin."""
    public, _signed_in, members, _other = campaigns
    merge(public, members)
    stranger, member = make_account(context, Role.VIEWER), make_account(context, Role.VIEWER)
    make_member(context, members, member, Membership.READER)
    accounts = {None: None, **{n: db.session.get_one(Account, n) for n in (stranger, member)}}
    for number, account in accounts.items():
        listed = set(db.session.scalars(listed_campaigns(account).with_only_columns(Campaign.id)))
        assert (public in listed) is (number != member)
        assert (members in listed) is (number == member)
    assert together([members], accounts[member]) == {members: members, public: members}
    with transaction():
        db.session.get_one(Campaign, members).deleted_at = clock.now()
    assert standing_for([public], accounts[member]) == {public: public}
