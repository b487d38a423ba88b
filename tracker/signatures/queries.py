"""What is asked of the database about signatures and sizes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, joinedload, load_only, selectinload

from tracker.campaigns.models import Campaign, CampaignText
from tracker.companies.models import Holding, Organisation
from tracker.db import db
from tracker.search_text import normalise
from tracker.signatures.appearing import hides_names
from tracker.signatures.models import (
    Appearance,
    ReportedCount,
    Signatory,
    SignatoryKind,
    SignatoryTally,
    Signature,
    SignatureStatus,
)
from tracker.signatures.people import chunks
from tracker.timeline.models import EntryKind, EntryVisibility, Source, SourceKind, TimelineEntry
from tracker.timeline.queries import standing

FEW = 10  # outside the team, a smaller number of some among those who count is told in words (safety.md, 6)

# What a list is sorted by, and whether it rises: so that a page far back can be counted from the end.
Rising = tuple[sa.ColumnElement[Any], bool]


@dataclass(frozen=True)
class Counts:
    """Signatories of a campaign, each once, by their newest signature. Never mixed with what others reported."""

    confirmed: int = 0  # "confirmed by the signer"
    listed: int = 0  # "from a list"
    withdrawn: int = 0
    pending: int = 0  # not counted: wait for their signer
    invalidated: int = 0  # not counted
    # Of merged campaigns: people of more than one are in it, and nothing tells whether somebody signed both.
    at_most: bool = False

    @property
    def here(self) -> int:
        """ "12 signed here": what counts, whoever vouches for it."""
        return self.confirmed + self.listed

    @property
    def is_few_confirmed(self) -> bool:
        """Whether outsiders are told only that few of them confirmed it; of one sort alone the total says it anyway."""
        return 0 < self.confirmed < FEW and self.listed > 0

    @property
    def is_few_listed(self) -> bool:
        """The same of those from a list."""
        return 0 < self.listed < FEW and self.confirmed > 0


def current_text_id(campaign: Campaign) -> int | None:
    """The version of the letter that a signature is given to now, if there is one."""
    return db.session.scalar(
        sa.select(CampaignText.id)
        .where(CampaignText.campaign_id == campaign.id)
        .order_by(CampaignText.number.desc())
        .limit(1)
    )


def newest_signature() -> sa.ColumnElement[bool]:
    """The condition that a signature is its signatory's newest: the one that says how it counts and is shown."""
    later = sa.alias(Signature.__table__)
    return ~sa.exists().where(later.c.signatory_id == Signature.signatory_id, later.c.id > Signature.id)


def present() -> sa.ColumnElement[bool]:
    """The condition that a signatory is neither removed nor merged into another."""
    return sa.and_(Signatory.deleted_at.is_(None), Signatory.merged_into_id.is_(None))


def counts(campaign: Campaign) -> Counts:
    """How many signed one campaign."""
    return counts_for([campaign.id])[campaign.id]


def counts_for(campaign_ids: Iterable[int]) -> dict[int, Counts]:
    """The same for several campaigns in one statement; each id has its Counts."""
    ids = list(campaign_ids)
    found: dict[int, dict[str, Any]] = {campaign_id: {} for campaign_id in ids}
    rows = db.session.execute(
        sa.select(SignatoryTally.campaign_id, SignatoryTally.stands_as, sa.func.sum(SignatoryTally.number))
        .where(SignatoryTally.campaign_id.in_(ids))
        .group_by(SignatoryTally.campaign_id, SignatoryTally.stands_as)
    )
    for campaign_id, status, number in rows:
        found[campaign_id][status.value] = int(number)
    return {campaign_id: Counts(**numbers) for campaign_id, numbers in found.items()}


def number_standing(
    campaign: Campaign,
    statuses: Collection[SignatureStatus],
    *,
    appearances: Collection[Appearance] = tuple(Appearance),
    kinds: Collection[SignatoryKind] = tuple(SignatoryKind),
) -> int:
    """How many signatories of a campaign stand so and are shown so, without counting them."""
    return int(
        db.session.scalar(
            sa.select(sa.func.coalesce(sa.func.sum(SignatoryTally.number), 0)).where(
                SignatoryTally.campaign_id == campaign.id,
                SignatoryTally.stands_as.in_(statuses),
                SignatoryTally.shown_as.in_(appearances),
                SignatoryTally.kind.in_(kinds),
            )
        )
        or 0
    )


def everybodys() -> sa.ColumnElement[bool]:
    """The condition that everybody who may read the campaign may read the entry: public, and no date to wait for."""
    return sa.and_(TimelineEntry.visibility == EntryVisibility.PUBLIC, TimelineEntry.public_from.is_(None))


def reported_counts(
    campaign_ids: Iterable[int],
    seen: sa.ColumnElement[bool] | None = None,
    stood: sa.ColumnElement[bool] | None = None,
) -> list[ReportedCount]:
    """The claims that still stand, newest as-of date first, with their entries and sources.

    `seen` is `entries_visible_to(account, today=…)`; without it only what everybody may read is here. `stood`, instead
    of that it stands now, that it did at another time (`timeline/rewinding.py`).
    """
    return list(
        db.session.scalars(
            sa.select(ReportedCount)
            .join(ReportedCount.entry)
            .where(
                ReportedCount.campaign_id.in_(list(campaign_ids)),
                standing(EntryKind.REPORTED_COUNT) if stood is None else stood,
                everybodys() if seen is None else seen,
            )
            .options(contains_eager(ReportedCount.entry).selectinload(TimelineEntry.sources))
            .order_by(ReportedCount.as_of_on.desc(), ReportedCount.recorded_at.desc(), ReportedCount.id.desc())
        )
    )


def is_well_sourced(count: ReportedCount, cited: Sequence[Source] | None = None) -> bool:
    """Whether a claim has a primary source or two publishers (product.md, "Headline size"); `cited`: then."""
    known = count.entry.sources if cited is None else cited
    sources = [source for source in known if source.redacted_at is None]
    publishers = {normalise(source.publisher) for source in sources if source.publisher.strip()}
    return len(publishers) >= 2 or any(source.kind is SourceKind.PRIMARY for source in sources)


def headline_size(campaign: Campaign, seen: sa.ColumnElement[bool] | None = None) -> ReportedCount | None:
    """The size to print first: the latest as-of date among well sourced claims, else the latest claim."""
    return headline_sizes([campaign.id], seen).get(campaign.id)


def headline_sizes(campaign_ids: Iterable[int], seen: sa.ColumnElement[bool] | None = None) -> dict[int, ReportedCount]:
    """The same for several campaigns in two statements; a campaign without a claim is left out.

    A mapping gives for each campaign the one that stands for it (`campaigns.merged.together`): claims about any of them
    are about that one.
    """
    standing = campaign_ids if isinstance(campaign_ids, Mapping) else {}
    return headlines_among(reported_counts(campaign_ids, seen), standing)


def headlines_among(
    claims: Iterable[ReportedCount], standing: Mapping[int, int] | None = None
) -> dict[int, ReportedCount]:
    """The same among claims that are known already, newest as-of date first."""
    latest: dict[int, ReportedCount] = {}
    best: dict[int, ReportedCount] = {}
    for count in claims:
        about = (standing or {}).get(count.campaign_id, count.campaign_id)
        latest.setdefault(about, count)
        if is_well_sourced(count):
            best.setdefault(about, count)
    return latest | best


def ids_of(public_ids: Sequence[str]) -> dict[str, int]:
    """The keys of signatories by their public ids."""
    found: dict[str, int] = {}
    for some in chunks(public_ids):
        rows = db.session.execute(sa.select(Signatory.public_id, Signatory.id).where(Signatory.public_id.in_(some)))
        found.update((public_id, number) for public_id, number in rows)
    return found


def signatory_of(campaign: Campaign, organisation: Organisation) -> Signatory | None:
    """An organisation's part in a campaign."""
    return db.session.scalar(
        sa.select(Signatory).where(Signatory.campaign_id == campaign.id, Signatory.organisation_id == organisation.id)
    )


def signatory_by_address(campaign: Campaign, address_hash: str) -> Signatory | None:
    """Who has this address in the campaign, by its keyed hash; perhaps merged into another (`who_counts`)."""
    return db.session.scalar(_BY_ADDRESS, {"campaign_id": campaign.id, "address_hash": address_hash})


# Made once: it is asked for each who signs.
_BY_ADDRESS = (
    sa.select(Signatory)
    .where(
        Signatory.campaign_id == sa.bindparam("campaign_id", type_=sa.Integer),
        Signatory.address_hash == sa.bindparam("address_hash", type_=sa.String),
        Signatory.deleted_at.is_(None),
    )
    .options(load_only(Signatory.public_id, Signatory.merged_into_id), selectinload(Signatory.signatures))
)


def holdings_of(organisation: Organisation) -> list[Holding]:
    """What an organisation holds, newest first, with who says so."""
    return list(
        db.session.scalars(
            sa.select(Holding)
            .where(Holding.organisation_id == organisation.id)
            .options(joinedload(Holding.company), joinedload(Holding.source))
            .order_by(sa.func.coalesce(Holding.as_of_on, sa.func.date(Holding.recorded_at)).desc(), Holding.id.desc())
        )
    )


def signatory_by_public_id(campaign: Campaign, public_id: str) -> Signatory | None:
    """One signatory of this campaign, removed ones left out."""
    return db.session.scalar(
        sa.select(Signatory)
        .where(Signatory.campaign_id == campaign.id, Signatory.public_id == public_id, present())
        .options(selectinload(Signatory.signatures).joinedload(Signature.text))
    )


def newest_of(signatory_ids: Sequence[int]) -> list[Signature]:
    """The newest signature of each of these signatories, with them, in their order."""
    if not signatory_ids:
        return []
    newest = sa.select(sa.func.max(Signature.id)).where(Signature.signatory_id.in_(signatory_ids))
    found = db.session.scalars(
        sa.select(Signature)
        .join(Signature.signatory)
        .where(Signature.id.in_(newest.group_by(Signature.signatory_id)))
        .options(contains_eager(Signature.signatory).joinedload(Signatory.organisation))
    )
    by_signatory = {signature.signatory_id: signature for signature in found}
    return [by_signatory[number] for number in signatory_ids if number in by_signatory]


def by_what_is_shown(campaign: Campaign) -> tuple[Rising, ...]:
    """Organisations first, then names in the open by name; the order never tells a name or a time that is hidden."""
    name: sa.ColumnElement[str] = sa.literal("")
    if not hides_names(campaign):
        name = sa.case((Signatory.shown_as == Appearance.NAMED, Signatory.sort_text), else_="")
    by_initials = sa.case((Signatory.shown_as == Appearance.INITIALS, 1), else_=0)
    is_person = sa.case((Signatory.kind == SignatoryKind.PERSON, 1), else_=0)
    return ((is_person, True), (by_initials, True), (name, True), (Signatory.public_id.expression, True))
