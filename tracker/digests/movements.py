"""How campaigns' numbers of signers moved since somebody's last digest, or since they began to follow.

Many readers had their last digest at one moment: that is counted by the database. The moments since which they follow
are each reader's own: then the moments of signing are read once, and counted here.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa

from tracker.db import db
from tracker.digests.once import asked_once
from tracker.digests.readers import Reader
from tracker.signatures.growth import FLOOR
from tracker.signatures.models import COUNTED, Provenance, Signature, SignatureStatus
from tracker.signatures.queries import newest_signature, present

FEW = 3  # so many moments are cheaper asked about one by one


@dataclass(frozen=True)
class Movement:
    """Who came to be counted within a time, and who was counted before it and is no more."""

    came: int = 0
    went: int = 0

    def __add__(self, other: Movement) -> Movement:
        return Movement(self.came + other.came, self.went + other.went)

    def may_be_told(self, *, in_the_team: bool) -> bool:
        """Whether enough came or went for this reader to hear of it."""
        return max(self.came, self.went) >= (1 if in_the_team else FLOOR)


def moved_for(
    readers: Iterable[Reader], *, last: Mapping[int, dt.datetime], due_at: Mapping[int, dt.datetime]
) -> dict[int, dict[int, Movement]]:
    """For each reader how the campaigns they follow moved since their last digest, or since they began; those that did
    not are left out. Moments and answers by subscriber."""
    starts: dict[int, dt.datetime] = {}
    steady: dict[int, list[int]] = {}
    wanted: dict[tuple[dt.datetime, dt.datetime], set[int]] = defaultdict(set)  # campaigns by since, until
    for reader in readers:
        start = starts[reader.id] = last.get(reader.id) or min(reader.since.values())
        # Of what was not followed then nothing is new "since your last digest".
        steady[reader.id] = [one for one, began_at in reader.since.items() if began_at <= start]
        wanted[start, due_at[reader.id]].update(steady[reader.id])
    answers: dict[tuple[dt.datetime, dt.datetime], Mapping[int, Movement]] = {}
    by_until: dict[dt.datetime, list[dt.datetime]] = defaultdict(list)
    for since, until in wanted:
        by_until[until].append(since)
    for until, moments in by_until.items():
        if len(moments) <= FEW:
            for since in moments:
                answers[since, until] = movements(wanted[since, until], since=since, until=until)
        else:
            ids = set().union(*(wanted[since, until] for since in moments))
            signed = _Signed.of(ids, since=min(moments), until=until)
            moving = signed.came.keys() | signed.gone_came.keys()  # most campaigns stand still
            for since in moments:
                answers[since, until] = {one: signed.moved(one, since) for one in wanted[since, until] & moving}
    nothing = Movement()
    found: dict[int, dict[int, Movement]] = {}
    for subscriber_id, campaign_ids in steady.items():
        answer = answers[starts[subscriber_id], due_at[subscriber_id]]
        found[subscriber_id] = (
            {one: answer[one] for one in campaign_ids if answer.get(one, nothing) != nothing} if answer else {}
        )
    return found


def movements(campaign_ids: Iterable[int], *, since: dt.datetime, until: dt.datetime) -> dict[int, Movement]:
    """How each campaign's number moved since a moment."""

    def ask(ids: set[int]) -> dict[int, Movement]:
        came = _by_campaign(_came(ids, since, until))
        went = _by_campaign(_went(ids, since, until).where(_counted_at <= since))
        return {one: Movement(came.get(one, 0), went.get(one, 0)) for one in came.keys() | went.keys()}

    return asked_once((since, until), campaign_ids, ask, Movement())


@dataclass
class _Signed:
    """The moments at which campaigns' signers came, and those of the ones who went: came and went; each in order."""

    came: dict[int, list[dt.datetime]] = field(default_factory=lambda: defaultdict(list))
    gone_came: dict[int, list[dt.datetime]] = field(default_factory=lambda: defaultdict(list))
    gone_went: dict[int, list[dt.datetime]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, ids: Collection[int], *, since: dt.datetime, until: dt.datetime) -> _Signed:
        """Of these campaigns, within a time."""
        found = cls()
        columns = Signature.campaign_id, _counted_at, Signature.ended_at
        for campaign_id, counted_at, _none in db.session.execute(_came(ids, since, until).with_only_columns(*columns)):
            found.came[campaign_id].append(counted_at)
        for campaign_id, counted_at, ended_at in db.session.execute(
            _went(ids, since, until).with_only_columns(*columns)
        ):
            if ended_at is not None and counted_at < ended_at:
                found.gone_came[campaign_id].append(counted_at)
                found.gone_went[campaign_id].append(ended_at)
        for moments in (found.came, found.gone_came, found.gone_went):
            for one in moments.values():
                one.sort()
        return found

    def moved(self, campaign_id: int, since: dt.datetime) -> Movement:
        """The same as `movements` says of one of them."""
        came = self.came.get(campaign_id, ())
        return Movement(
            came=len(came) - bisect_right(came, since),
            went=bisect_right(self.gone_came.get(campaign_id, ()), since)
            - bisect_right(self.gone_went.get(campaign_id, ()), since),
        )


_counted_at = sa.func.coalesce(Signature.confirmed_at, Signature.recorded_at)


def _came(ids: Collection[int], since: dt.datetime, until: dt.datetime) -> sa.Select[int]:
    """Whoever had signed an earlier version of the text is not new."""
    earlier = sa.alias(Signature.__table__)
    again = sa.exists().where(earlier.c.signatory_id == Signature.signatory_id, earlier.c.id < Signature.id)
    return _newest(ids).where(Signature.status.in_(COUNTED), _counted_at > since, _counted_at <= until, ~again)


def _went(ids: Collection[int], since: dt.datetime, until: dt.datetime) -> sa.Select[int]:
    return _newest(ids).where(
        Signature.status.in_([SignatureStatus.WITHDRAWN, SignatureStatus.INVALIDATED]),
        sa.or_(Signature.provenance == Provenance.LIST, Signature.confirmed_at.is_not(None)),
        Signature.ended_at > since,
        Signature.ended_at <= until,
    )


def _newest(ids: Collection[int]) -> sa.Select[int]:
    found: sa.Select[int] = (
        sa.select(Signature.campaign_id)
        .join(Signature.signatory)
        .where(Signature.campaign_id.in_(ids), newest_signature(), present())
    )
    return found


def _by_campaign(found: sa.Select[int]) -> dict[int, int]:
    counted = found.with_only_columns(Signature.campaign_id, sa.func.count()).group_by(Signature.campaign_id)
    return dict(db.session.execute(counted).all())
