"""What is asked of the database about resolutions. `visible` is `entries_visible_to(account, today=…)`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager, selectinload

from tracker.campaigns.models import Campaign, CampaignSubject
from tracker.campaigns.queries import among
from tracker.companies.merges import who_remains
from tracker.companies.models import Company, Organisation
from tracker.db import db
from tracker.resolutions.models import Disposition, Filer, FilerRole, Resolution, Vote, VotePercentage
from tracker.timeline.models import EntryKind, TimelineEntry
from tracker.timeline.queries import standing

Visible = sa.ColumnElement[bool]


def _shown(visible: Visible) -> sa.Select[Resolution]:
    return (
        sa.select(Resolution)
        .join(Resolution.entry)
        .where(Resolution.deleted_at.is_(None), TimelineEntry.deleted_at.is_(None), visible)
        .options(contains_eager(Resolution.entry), selectinload(Resolution.company))
    )


def resolutions(campaign_ids: Iterable[int], visible: Visible) -> list[Resolution]:
    """The resolutions of these campaigns, the latest meeting first, with their filers."""
    found = _shown(visible).where(Resolution.campaign_id.in_(list(campaign_ids)))
    order = (Resolution.meeting_on.is_(None).desc(), Resolution.meeting_on.desc(), Resolution.id.desc())
    filers = selectinload(Resolution.filers).selectinload(Filer.organisation)
    return list(db.session.scalars(found.order_by(*order).options(filers)))


def resolution_by_public_id(campaign: Campaign, public_id: str, visible: Visible) -> Resolution | None:
    """One resolution of a campaign, if its filing may be read."""
    return db.session.scalar(
        _shown(visible).where(Resolution.campaign_id == campaign.id, Resolution.public_id == public_id)
    )


@dataclass(frozen=True)
class Proponent:
    """Who files: an organisation, once, also where it was entered under several names that were found to be one."""

    organisation: Organisation
    filers: tuple[Filer, ...]  # its rows, the leading one first

    @property
    def role(self) -> FilerRole:
        """Lead where one of its rows leads."""
        return self.filers[0].role

    @property
    def public_id(self) -> str:
        """What names it in an address."""
        return self.filers[0].public_id


def proponents(filers: Iterable[Filer]) -> list[Proponent]:
    """Each organisation once, of the rows that stand: the lead filer first, then by when they joined."""
    found: dict[int, tuple[Organisation, list[Filer]]] = {}
    standing_ones = (filer for filer in filers if filer.deleted_at is None)
    for filer in sorted(standing_ones, key=lambda one: (one.role is not FilerRole.LEAD, one.id)):
        organisation = who_remains(filer.organisation)
        found.setdefault(organisation.id, (organisation, []))[1].append(filer)
    return [Proponent(organisation, tuple(rows)) for organisation, rows in found.values()]


def proponents_of(resolution: Resolution) -> list[Proponent]:
    """Who files it."""
    rows = sa.select(Filer).where(Filer.resolution_id == resolution.id).options(selectinload(Filer.organisation))
    return proponents(db.session.scalars(rows))


def dispositions_of(resolution: Resolution, visible: Visible) -> list[Disposition]:
    """What became of it before any vote, earliest first."""
    return list(
        db.session.scalars(
            sa.select(Disposition)
            .join(Disposition.entry)
            .where(Disposition.resolution_id == resolution.id, standing(EntryKind.DISPOSITION), visible)
            .order_by(TimelineEntry.occurred_on, TimelineEntry.id)
            .options(contains_eager(Disposition.entry).selectinload(TimelineEntry.sources))
        )
    )


def _votes(visible: Visible) -> sa.Select[Vote]:
    return (
        sa.select(Vote)
        .join(Vote.entry)
        .where(standing(EntryKind.VOTE), visible)
        .order_by(TimelineEntry.occurred_on, TimelineEntry.id)
        .options(
            contains_eager(Vote.entry).selectinload(TimelineEntry.sources),
            selectinload(Vote.percentages).selectinload(VotePercentage.source),
        )
    )


def votes_of(resolution: Resolution, visible: Visible) -> list[Vote]:
    """Its votes that stand, earliest first."""
    return list(db.session.scalars(_votes(visible).where(Vote.resolution_id == resolution.id)))


def votes_of_company(
    company: Company, visible: Visible, *, campaign_ids: Iterable[int] | sa.Select[int], latest: int | None = None
) -> list[Vote]:
    """The votes on resolutions at a company, over the years, in campaigns that may be read; only so many of the latest
    ones if a number is given."""
    found = _votes_at(company, visible, campaign_ids).options(selectinload(Vote.resolution)).order_by(None)
    newest_first = found.order_by(TimelineEntry.occurred_on.desc(), TimelineEntry.id.desc()).limit(latest)
    return list(reversed(db.session.scalars(newest_first).all()))


def number_of_votes(company: Company, visible: Visible, *, campaign_ids: Iterable[int] | sa.Select[int]) -> int:
    """How many these are."""
    found = _votes_at(company, visible, campaign_ids).order_by(None)
    keys = found.with_only_columns(Vote.id, maintain_column_froms=True).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(keys)) or 0


def _votes_at(company: Company, visible: Visible, campaign_ids: Iterable[int] | sa.Select[int]) -> sa.Select[Vote]:
    at_company = sa.select(Resolution.id).where(
        Resolution.company_id == company.id,
        Resolution.deleted_at.is_(None),
        among(Resolution.campaign_id, campaign_ids),
    )
    return _votes(visible).where(Vote.resolution_id.in_(at_company))


def votes_on(campaign_ids: Iterable[int], visible: Visible) -> list[Vote]:
    """The votes on the resolutions of these campaigns."""
    theirs = sa.select(Resolution.id).where(
        Resolution.campaign_id.in_(list(campaign_ids)), Resolution.deleted_at.is_(None)
    )
    found = _votes(visible).where(Vote.resolution_id.in_(theirs)).options(selectinload(Vote.resolution))
    return list(db.session.scalars(found))


def refilings_of(resolution: Resolution, visible: Visible) -> list[Resolution]:
    """What it was filed again as, in the same campaign."""
    return list(
        db.session.scalars(
            _shown(visible).where(
                Resolution.refiled_from_id == resolution.id, Resolution.campaign_id == resolution.campaign_id
            )
        )
    )


def asked_companies(campaign: Campaign) -> list[Company]:
    """Where a resolution of this campaign may be filed: the companies it asks or is about, those asked first."""
    found = db.session.execute(
        sa.select(Company, CampaignSubject.role)
        .join(CampaignSubject, CampaignSubject.company_id == Company.id)
        .where(CampaignSubject.campaign_id == campaign.id)
        .order_by(CampaignSubject.role.desc(), Company.name)
    )
    return list(dict.fromkeys(company for company, _role in found))
