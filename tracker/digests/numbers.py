"""How many signed a campaign, as a digest may say it to its reader.

Outside the team numbers are full tens, rounded down: two mails one after another never tell of a single signer
(safety.md, 6). A step from "at least 110" to "at least 120" may stand for any number from 1 to 19.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from tracker.campaigns.merged import together
from tracker.digests.details import reports_of
from tracker.digests.facts import Signed, Size
from tracker.digests.movements import Movement
from tracker.digests.once import asked_once
from tracker.digests.readers import Reader
from tracker.signatures.growth import FLOOR
from tracker.signatures.queries import Counts, counts_for
from tracker.signatures.together import counts_together
from tracker.timeline.models import EntryKind, TimelineEntry
from tracker.timeline.queries import sees_actors


@dataclass(frozen=True)
class Numbers:
    """How many signed, and what was reported of it, by the campaign that stands for others (ADR 013)."""

    team: Collection[int]  # in whose team the reader is
    moved: Collection[int]  # of which it may be said that some came or went since the reader's last digest
    signed: Mapping[int, Signed]
    sizes: Mapping[int, Size]
    sized: Collection[int]  # the campaigns that were looked at for these, also those merged into others

    @classmethod
    def of(
        cls,
        reader: Reader,
        moved: Mapping[int, Movement],  # by the campaign that stands for others; see `as_told`
        standing: Mapping[int, int],  # by campaign: the one that stands for it
        changed: Iterable[int],  # of which the digest tells anyway
    ) -> Numbers:
        """Of the campaigns that changed or grew."""
        account = reader.account
        team = team_of(reader, standing)
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
            sized=tuple(parts),
        )

    def hides(self, entry: TimelineEntry, campaign_id: int) -> bool:
        """Whether an entry says exactly how many signed, to somebody outside the team."""
        return entry.kind is EntryKind.SIGNATURES and campaign_id not in self.team


def team_of(reader: Reader, standing: Mapping[int, int]) -> frozenset[int]:
    """In which of the campaigns they follow somebody belongs to the team: wholly, where several are read as one."""
    if reader.subscriber.account_id is None:
        return frozenset()
    followed = {standing[one] for one in reader.since}
    if sees_actors(reader.subscriber, is_member=False):  # by the role, without loading each reader's account
        return frozenset(followed)
    return frozenset(followed - {standing[one] for one in reader.since if one not in reader.joined})


def as_told(moved: Mapping[int, Movement], standing: Mapping[int, int], team: Collection[int]) -> dict[int, Movement]:
    """How much of a movement a reader may know of, by the campaign that stands for others: outside the team full tens.
    What moved by less is left out."""
    found: dict[int, Movement] = {}
    for one, movement in moved.items():
        found[standing[one]] = found.get(standing[one], Movement()) + movement
    rounded = {
        one: movement if one in team else Movement(in_tens(movement.came), in_tens(movement.went))
        for one, movement in found.items()
    }
    return {one: movement for one, movement in rounded.items() if movement != Movement()}


def counts_of(campaign_ids: Iterable[int]) -> dict[int, Counts]:
    """How many signed each campaign."""
    return asked_once("counts", campaign_ids, counts_for, Counts())


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
