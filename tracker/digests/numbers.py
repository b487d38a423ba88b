"""How many signed a campaign, as a digest may say it to its reader.

Outside the team numbers are full tens, rounded down: two mails one after another never tell of a single signer
(safety.md, 6). A step from "at least 110" to "at least 120" may stand for any number from 1 to 19.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.accounts.models import Account, CampaignMember
from tracker.campaigns.merged import together
from tracker.db import db
from tracker.digests.details import reports_of
from tracker.digests.facts import Signed, Size
from tracker.digests.models import Subscriber
from tracker.digests.once import asked_once
from tracker.signatures.growth import FLOOR
from tracker.signatures.models import COUNTED, Provenance, Signature, SignatureStatus
from tracker.signatures.queries import Counts, counts_for, newest_signature, present
from tracker.signatures.together import counts_together
from tracker.timeline.models import EntryKind, TimelineEntry
from tracker.timeline.queries import sees_actors


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


@dataclass(frozen=True)
class Numbers:
    """How many signed, and what was reported of it, by the campaign that stands for others (ADR 013)."""

    team: Collection[int]  # in whose team the reader is
    moved: Collection[int]  # of which it may be said that some came or went since the reader's last digest
    signed: Mapping[int, Signed]
    sizes: Mapping[int, Size]

    @classmethod
    def of(
        cls,
        subscriber: Subscriber,
        since: Mapping[int, dt.datetime],  # what the reader follows, from when on
        standing: Mapping[int, int],  # by campaign: the one that stands for it
        changed: Iterable[int],  # of which the digest tells anyway
        *,
        last: dt.datetime | None,  # the reader's last digest
        until: dt.datetime,
    ) -> Numbers:
        """Of the campaigns that changed or grew."""
        account = subscriber.account
        own = of_the_team(account, since)
        team = {standing[one] for one in since} - {standing[one] for one in since if one not in own}
        start = last or min(since.values())
        # Of what was not followed then nothing is new "since your last digest".
        steady = [one for one, began_at in since.items() if began_at <= start]
        moved: dict[int, Movement] = {}
        for one, movement in movements(steady, since=start, until=until).items():
            moved[standing[one]] = moved.get(standing[one], Movement()) + movement
        tellable = {one for one, movement in moved.items() if movement.may_be_told(in_the_team=one in team)}
        parts = together({*changed, *tellable}, account)
        counts = counts_together(parts, counts_of(parts))
        sizes: dict[int, Size] = {}
        for one, reports in reports_of(parts).items():
            if reports.headline and (parts[one] not in sizes or reports.headline.as_of_on > sizes[parts[one]].as_of_on):
                sizes[parts[one]] = reports.headline
        return cls(
            team=team,
            moved=tellable,
            signed={
                one: told(counts[one], moved.get(one, Movement()), in_the_team=one in team)
                for one in set(parts.values())
            },
            sizes=sizes,
        )

    def hides(self, entry: TimelineEntry, campaign_id: int) -> bool:
        """Whether an entry says exactly how many signed, to somebody outside the team."""
        return entry.kind is EntryKind.SIGNATURES and campaign_id not in self.team


def of_the_team(account: Account | None, campaign_ids: Iterable[int]) -> set[int]:
    """In which of these campaigns somebody belongs to the team."""
    ids = set(campaign_ids)
    if account is None:
        return set()
    if sees_actors(account, is_member=False):
        return ids
    member = sa.select(CampaignMember.campaign_id).where(CampaignMember.account_id == account.id)
    return set(db.session.scalars(member)) & ids


def counts_of(campaign_ids: Iterable[int]) -> dict[int, Counts]:
    """How many signed each campaign."""
    return asked_once("counts", campaign_ids, counts_for, Counts())


def movements(campaign_ids: Iterable[int], *, since: dt.datetime, until: dt.datetime) -> dict[int, Movement]:
    """How each campaign's number moved since a moment."""

    def ask(ids: set[int]) -> dict[int, Movement]:
        came, went = _came(ids, since, until), _went(ids, since, until)
        return {one: Movement(came.get(one, 0), went.get(one, 0)) for one in came.keys() | went.keys()}

    return asked_once((since, until), campaign_ids, ask, Movement())


def told(counts: Counts, movement: Movement, *, in_the_team: bool) -> Signed:
    """What this reader may know of it."""
    if in_the_team:
        return Signed(counts.confirmed, counts.listed, movement.came, movement.went)
    return Signed(
        confirmed=in_tens(counts.confirmed),
        listed=in_tens(counts.listed),
        joined=in_tens(movement.came),
        left=in_tens(movement.went),
        is_exact=False,
    )


def in_tens(number: int) -> int:
    """A number rounded down to full groups of the size that may be told apart."""
    return number - number % FLOOR


_counted_at = sa.func.coalesce(Signature.confirmed_at, Signature.recorded_at)


def _came(ids: set[int], since: dt.datetime, until: dt.datetime) -> dict[int, int]:
    """Whoever had signed an earlier version of the text is not new."""
    earlier = sa.alias(Signature.__table__)
    again = sa.exists().where(earlier.c.signatory_id == Signature.signatory_id, earlier.c.id < Signature.id)
    return _by_campaign(ids, Signature.status.in_(COUNTED), _counted_at > since, _counted_at <= until, ~again)


def _went(ids: set[int], since: dt.datetime, until: dt.datetime) -> dict[int, int]:
    return _by_campaign(
        ids,
        Signature.status.in_([SignatureStatus.WITHDRAWN, SignatureStatus.INVALIDATED]),
        sa.or_(Signature.provenance == Provenance.LIST, Signature.confirmed_at.is_not(None)),
        Signature.ended_at > since,
        Signature.ended_at <= until,
        _counted_at <= since,
    )


def _by_campaign(ids: set[int], *conditions: sa.ColumnElement[bool]) -> dict[int, int]:
    found = (
        sa.select(Signature.campaign_id, sa.func.count())
        .join(Signature.signatory)
        .where(Signature.campaign_id.in_(ids), *conditions, newest_signature(), present())
        .group_by(Signature.campaign_id)
    )
    return dict(db.session.execute(found).all())
