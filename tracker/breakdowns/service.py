"""A breakdown is made public, and counted once a day."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection
from itertools import groupby
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.breakdowns import queries
from tracker.breakdowns.models import Breakdown, Dimension
from tracker.breakdowns.suppressing import Group, Verdict, folded, groups_to_show, verdict
from tracker.campaigns.models import Campaign
from tracker.db import db, insert_missing, transaction
from tracker.sealing import campaign_keys
from tracker.signatures.models import Appearance
from tracker.signatures.people import opened_name
from tracker.timeline.editing import as_words
from tracker.timeline.queries import day_in
from tracker.timeline.service import record_revision
from tracker.words import LazyString, _

FORGOTTEN = _("The people of this campaign are forgotten: only what was counted before can be shown.")


class BreakdownError(Exception):
    """Something that cannot be done, in words for people."""

    def __init__(self, words: LazyString | str, field: str = "") -> None:
        super().__init__(str(words))
        self.field = field


def choose_public(campaign: Campaign, wanted: Collection[Dimension], *, actor: Account, now: dt.datetime) -> None:
    """Make these breakdowns public and no other. Each change leaves a Revision.

    Raises BreakdownError for one that can be counted no more.
    """
    known = {row.dimension for row in queries.breakdowns_of(campaign) if row.counted_until is not None}
    if campaign.people_forgotten_at is not None and not known.issuperset(wanted):
        raise BreakdownError(FORGOTTEN, "dimensions")
    insert_missing(Breakdown, [_empty(campaign, dimension) for dimension in sorted(wanted)])
    for row in queries.breakdowns_of(campaign):
        before, row.is_public = row.is_public, row.dimension in wanted
        record_revision(
            record_type=Breakdown.__tablename__,
            record_id=row.id,
            campaign_id=campaign.id,
            field=row.dimension.value,
            old_value=as_words(before),
            new_value=as_words(row.is_public),
            actor=actor,
            now=now,
        )


def count_domains(campaign: Campaign) -> None:
    """From now on count by the domain of the work address that somebody signed with, once a day."""
    insert_missing(Breakdown, [{**_empty(campaign, Dimension.DOMAIN), "is_public": True}])


def _empty(campaign: Campaign, dimension: Dimension) -> dict[str, object]:
    return {
        "campaign_id": campaign.id, "dimension": dimension, "is_public": False, "people": 0, "groups": "",
        "is_held": False, "version": 1,
    }  # fmt: skip


def count_groups(*, now: dt.datetime) -> int:
    """Count what is public and due, once a day in each campaign's zone; how many breakdowns were looked at.

    Opens its own transactions, and may run twice: who comes second finds that the first was there.
    """
    due = [row for row in queries.chosen_breakdowns() if row.looked_on != day_in(row.campaign.zone, now)]
    of_campaigns = [(campaign_id, [row.id for row in rows]) for campaign_id, rows in groupby(due, _campaign_id)]
    db.session.rollback()
    return sum(_look(campaign_id, ids, now) for campaign_id, ids in of_campaigns)


def _campaign_id(row: Breakdown) -> int:
    return row.campaign_id


def _look(campaign_id: int, ids: list[int], now: dt.datetime) -> int:
    """Look at these of one campaign, and count those that may be replaced."""
    campaign = db.session.get_one(Campaign, campaign_id)
    today, until = day_in(campaign.zone, now), midnight(campaign.zone, now)
    keys = campaign_keys(campaign.public_id, now=now)
    # Once its people are forgotten there is nothing left to count; what was told stays, until somebody goes.
    may_count = campaign.people_forgotten_at is None and (keys.can_open or not campaign.is_protected)
    people = queries.number_of_people(campaign_id, before=until)
    rows = db.session.scalars(sa.select(Breakdown).where(Breakdown.id.in_(ids))).all()
    anew, held = [], []
    for row in rows:
        since = queries.changes_since(row, before=until, people=people) if row.counted_until else None
        match verdict(people, since):
            case Verdict.COUNTED if may_count:
                anew.append(row.dimension)
            case Verdict.HELD:
                held.append(row.id)
            case Verdict.COUNTED if since is not None and since.must_be_held:
                held.append(row.id)
    db.session.rollback()
    counted, found = _counted(campaign, anew, until, now) if anew else (people, {})
    with transaction():
        mine = sa.select(Breakdown).where(Breakdown.id.in_(ids)).order_by(Breakdown.id).with_for_update()
        for row in db.session.scalars(mine.execution_options(populate_existing=True)).all():
            if row.looked_on == today:
                continue
            row.looked_on = today
            if row.dimension in found:
                row.counted_until, row.counted_at, row.people, row.is_held = until, now, counted, False
                row.groups = json.dumps(groups_to_show(found[row.dimension]), ensure_ascii=False)
            elif row.id in held:
                row.is_held, row.groups = True, ""
    return len(ids)


def midnight(zone: str, now: dt.datetime) -> dt.datetime:
    """When today began in a zone. What was signed since is counted tomorrow: a slip keeps no other moment."""
    return dt.datetime.combine(day_in(zone, now), dt.time.min, ZoneInfo(zone)).astimezone(dt.UTC)


def _counted(
    campaign: Campaign, dimensions: Collection[Dimension], until: dt.datetime, now: dt.datetime
) -> tuple[int, dict[Dimension, dict[str, Group]]]:
    """How many there are, and in which groups. Sealed words are opened one by one, and only their groups are kept."""
    opened = campaign_keys(campaign.public_id, now=now)
    columns = [dimension.column for dimension in dimensions if dimension is not Dimension.DOMAIN]
    found: dict[Dimension, dict[str, Group]] = {dimension: {} for dimension in dimensions}
    people = 0
    for window in queries.people_in_windows(campaign.id, columns, before=until):
        for row in window:
            people += 1
            person = opened_name(row, lambda: opened, columns)
            is_named = row.shown_as in (Appearance.NAMED, Appearance.INITIALS)
            for dimension in dimensions:
                at_work = dimension is Dimension.DOMAIN
                written = (row.work_domain or "") if at_work else getattr(person, dimension.column)
                found[dimension].setdefault(folded(written), Group()).add(written, is_named=is_named)
    return people, found
