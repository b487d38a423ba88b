"""File a resolution, join it, say what became of it, record its votes."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.companies.models import Company, Organisation
from tracker.companies.service import find_or_add_organisation
from tracker.db import Precision, db
from tracker.resolutions.models import (
    Denominator,
    Disposition,
    DispositionKind,
    Filer,
    FilerRole,
    Resolution,
    Vote,
    VotePercentage,
)
from tracker.timeline.models import EntryKind, Source, SourceKind
from tracker.timeline.service import TimelineError, Told, record_revision, tell
from tracker.timeline.words import shortened
from tracker.words import _, gettext, ngettext


class ResolutionError(TimelineError):
    """Why it was not recorded, in words; `field` says where that belongs."""


@dataclass(frozen=True)
class Filing:
    """A resolution as filed."""

    title: str
    company: Company
    resolved_clause: str = ""
    received_on: dt.date | None = None
    meeting_on: dt.date | None = None
    meeting_precision: Precision | None = None
    item_number: str = ""
    lead_filer: str = ""
    co_filers: Sequence[str] = ()
    refiled_from: Resolution | None = None


def file_resolution(
    campaign: Campaign,
    filing: Filing,
    told: Told,
    *,
    actor: Account,
    now: dt.datetime,
    known: Resolution | None = None,
) -> Resolution:
    """Record that a resolution was filed, on the entry's date; of a `known` one, tell anew how (filers stay).

    Raises ResolutionError without a title, or when a filer is named twice.
    """
    if not filing.title:
        raise ResolutionError(_("Give the resolution a title."), "title")
    names = _distinct(filing)
    entry = tell(
        told,
        campaign_id=campaign.id,
        kind=EntryKind.RESOLUTION,
        headline=filing_headline(filing),
        record_type=Resolution.__tablename__,
        actor=actor,
        now=now,
    )
    resolution = known or Resolution(campaign_id=campaign.id, recorded_at=now)
    if known is not None:
        _revise(known, filing, actor, now)
    resolution.entry = entry
    resolution.company = filing.company
    resolution.title = filing.title
    resolution.resolved_clause = filing.resolved_clause
    resolution.filed_on, resolution.filed_precision = told.occurred_on, told.precision
    resolution.received_on = filing.received_on
    resolution.meeting_on, resolution.meeting_precision = filing.meeting_on, filing.meeting_precision
    resolution.item_number = filing.item_number
    resolution.refiled_from_id = filing.refiled_from.id if filing.refiled_from else None
    db.session.add(resolution)
    db.session.flush()
    if known is None:
        for name in names:
            role = FilerRole.LEAD if name == filing.lead_filer else FilerRole.CO_FILER
            _join(resolution, find_or_add_organisation(name, now=now), role, now)
    campaign.changed_at = now
    db.session.flush()
    return resolution


def filing_headline(filing: Filing) -> str:
    """One sentence: what was filed, where, and by whom."""
    title, company = shortened(filing.title, 160).rstrip("."), filing.company.name
    others = len(filing.co_filers)
    if filing.lead_filer and others:
        return ngettext(
            "Resolution filed at %(company)s: “%(title)s”, led by %(lead)s with %(num)d co-filer.",
            "Resolution filed at %(company)s: “%(title)s”, led by %(lead)s with %(num)d co-filers.",
            others,
            company=company,
            title=title,
            lead=filing.lead_filer,
        )
    if filing.lead_filer:
        return gettext(
            "Resolution filed at %(company)s by %(lead)s: “%(title)s”.",
            company=company,
            title=title,
            lead=filing.lead_filer,
        )
    return gettext("Resolution filed at %(company)s: “%(title)s”.", company=company, title=title)


def join_resolution(
    resolution: Resolution,
    name: str,
    role: FilerRole,
    told: Told,
    *,
    campaign: Campaign,
    actor: Account,
    now: dt.datetime,
) -> Filer:
    """Record that an organisation files, too. Raises ResolutionError for a second lead, or the same one twice."""
    if not name.strip():
        raise ResolutionError(_("Name the organisation."), "organisation")
    filer = _join(resolution, find_or_add_organisation(name, now=now), role, now)
    words = {
        FilerRole.LEAD: gettext("%(who)s leads the filing of “%(title)s”.", who=name, title=resolution.title),
        FilerRole.CO_FILER: gettext("%(who)s joined as a co-filer of “%(title)s”.", who=name, title=resolution.title),
    }
    tell(
        told,
        campaign_id=campaign.id,
        kind=EntryKind.RESOLUTION,
        headline=words[role],
        record_type="",
        actor=actor,
        now=now,
    )
    campaign.changed_at = now
    return filer


def leave_resolution(filer: Filer, *, campaign: Campaign, actor: Account, now: dt.datetime) -> None:
    """Take a filer out who was entered by mistake; a Revision remains."""
    filer.deleted_at = now
    record_revision(
        record_type=Filer.__tablename__,
        record_id=filer.id,
        campaign_id=campaign.id,
        field="organisation",
        old_value=filer.organisation.name,
        new_value=None,
        actor=actor,
        now=now,
    )


def _join(resolution: Resolution, organisation: Organisation, role: FilerRole, now: dt.datetime) -> Filer:
    """The database decides whether there is a lead filer already; two people may click at once."""
    known = db.session.scalar(
        sa.select(Filer).where(Filer.resolution_id == resolution.id, Filer.organisation_id == organisation.id)
    )
    if known is not None and known.deleted_at is None:
        raise ResolutionError(_("This organisation files it already."), "organisation")
    try:
        with db.session.begin_nested():
            if known is None:
                known = Filer(resolution_id=resolution.id, organisation_id=organisation.id, role=role, created_at=now)
                db.session.add(known)
            known.role, known.deleted_at = role, None
    except sa.exc.IntegrityError as error:
        if role is FilerRole.LEAD and lead_filer(resolution) is not None:
            raise ResolutionError(_("There is a lead filer already; a resolution has exactly one."), "role") from error
        raise ResolutionError(_("This organisation files it already."), "organisation") from error
    return known


def lead_filer(resolution: Resolution) -> Filer | None:
    """Who leads the filing, if that is known."""
    return db.session.scalar(
        sa.select(Filer).where(
            Filer.resolution_id == resolution.id, Filer.role == FilerRole.LEAD, Filer.deleted_at.is_(None)
        )
    )


def record_disposition(
    resolution: Resolution, kind: DispositionKind, told: Told, *, campaign: Campaign, actor: Account, now: dt.datetime
) -> Disposition:
    """Record one step in what became of a resolution between its filing and the meeting."""
    title = shortened(resolution.title, 160).rstrip(".")
    company = resolution.company.name
    headline = {
        DispositionKind.CHALLENGED: gettext(
            "%(company)s asked the SEC to let it leave out “%(title)s”.", company=company, title=title
        ),
        DispositionKind.CHALLENGE_REFUSED: gettext(
            "The SEC’s staff did not let %(company)s leave out “%(title)s”.", company=company, title=title
        ),
        DispositionKind.OMITTED: gettext(
            "%(company)s left “%(title)s” out of its proxy statement.", company=company, title=title
        ),
        DispositionKind.WITHDRAWN: gettext("The filers withdrew “%(title)s”.", title=title),
        DispositionKind.IN_PROXY: gettext(
            "“%(title)s” is in the proxy statement of %(company)s.", company=company, title=title
        ),
        DispositionKind.NOT_PRESENTED: gettext("“%(title)s” was not presented at the meeting.", title=title),
    }[kind]
    entry = tell(
        told,
        campaign_id=campaign.id,
        kind=EntryKind.DISPOSITION,
        headline=headline,
        record_type=Disposition.__tablename__,
        actor=actor,
        now=now,
    )
    disposition = Disposition(resolution_id=resolution.id, entry=entry, kind=kind, recorded_at=now)
    db.session.add(disposition)
    campaign.changed_at = now
    db.session.flush()
    return disposition


@dataclass(frozen=True)
class Published:
    """A percentage FOR as somebody published it."""

    value: decimal.Decimal
    denominator: Denominator
    published_by: str = ""
    url: str = ""


@dataclass(frozen=True)
class Counted:
    """A vote as told: the raw counts where they are known, and every published percentage."""

    for_shares: int | None = None
    against_shares: int | None = None
    abstained_shares: int | None = None
    broker_non_votes: int | None = None
    percentages: Sequence[Published] = ()


def record_vote(
    resolution: Resolution, counted: Counted, told: Told, *, campaign: Campaign, actor: Account, now: dt.datetime
) -> Vote:
    """Record a vote at the meeting on the entry's date. Percentages that differ stand side by side.

    Raises ResolutionError when neither a percentage nor both counts are given, or a percentage is impossible.
    """
    has_counts = counted.for_shares is not None and counted.against_shares is not None
    if not counted.percentages and not has_counts:
        raise ResolutionError(_("Give a published percentage, or the votes for and against."), "percentages")
    if any(not 0 <= published.value <= 100 for published in counted.percentages):
        raise ResolutionError(_("A percentage lies between 0 and 100."), "percentages")
    vote = Vote(
        resolution_id=resolution.id,
        for_shares=counted.for_shares,
        against_shares=counted.against_shares,
        abstained_shares=counted.abstained_shares,
        broker_non_votes=counted.broker_non_votes,
        recorded_at=now,
    )
    sources = [_publication(published, actor, now) for published in counted.percentages]
    vote.percentages = [
        VotePercentage(
            value=published.value,
            denominator=published.denominator,
            published_by=published.published_by,
            source=source,
            recorded_at=now,
        )
        for published, source in zip(counted.percentages, sources, strict=True)
    ]
    entry = tell(
        told,
        campaign_id=campaign.id,
        kind=EntryKind.VOTE,
        headline=vote_headline(resolution, vote),
        record_type=Vote.__tablename__,
        actor=actor,
        now=now,
    )
    if told.corrects is None and told.replaces is None:
        entry.sources.extend(source for source in sources if source is not None)
    else:
        known = {(source.citation, source.url) for source in entry.sources}
        entry.sources.extend(s for s in sources if s is not None and (s.citation, s.url) not in known)
    vote.entry = entry
    db.session.add(vote)
    if resolution.meeting_on is None:
        resolution.meeting_on, resolution.meeting_precision = told.occurred_on, told.precision
    campaign.changed_at = now
    db.session.flush()
    return vote


def vote_headline(resolution: Resolution, vote: Vote) -> str:
    """One sentence with every percentage, each with its denominator and who published it."""
    parts = [percentage_words(p.value, p.denominator, p.published_by) for p in vote.percentages]
    computed = vote.percentage_as_the_sec_counts
    if computed is not None:
        parts.append(gettext("%(value)s of for and against, computed from the counts", value=_per_cent(computed)))
    return gettext(
        "Vote on “%(title)s” at %(company)s: %(parts)s.",
        title=shortened(resolution.title, 120).rstrip("."),
        company=resolution.company.name,
        parts="; ".join(parts),
    )


def percentage_words(value: decimal.Decimal, denominator: Denominator, published_by: str) -> str:
    """ "27.5 % for, abstentions counted as against, Reuters": never a percentage without what it is a share of."""
    number = _per_cent(value)
    words = {
        Denominator.FOR_AND_AGAINST: gettext("%(value)s of for and against", value=number),
        Denominator.WITH_ABSTENTIONS: gettext("%(value)s for, abstentions counted as against", value=number),
        Denominator.OUTSTANDING: gettext("%(value)s of all shares outstanding", value=number),
        Denominator.INDEPENDENT: gettext("%(value)s of independent shares", value=number),
        Denominator.NOT_STATED: gettext("%(value)s for, of what is not said", value=number),
    }[denominator]
    return f"{words}, {published_by}" if published_by else words


def _per_cent(value: decimal.Decimal) -> str:
    return f"{value.normalize():f}\N{NO-BREAK SPACE}%"


def _publication(published: Published, actor: Account, now: dt.datetime) -> Source | None:
    if not published.published_by and not published.url:
        return None
    return Source(
        citation=published.published_by or published.url,
        url=published.url,
        publisher=published.published_by,
        kind=SourceKind.PRESS,
        seen_on=now.date() if published.url else None,
        recorded_at=now,
        recorded_by_id=actor.id,
    )


def _distinct(filing: Filing) -> list[str]:
    names = [name for name in (filing.lead_filer, *filing.co_filers) if name]
    if len({name.casefold() for name in names}) < len(names):
        raise ResolutionError(_("Each organisation files once; the lead filer is no co-filer."), "co_filers")
    return names


def _revise(known: Resolution, filing: Filing, actor: Account, now: dt.datetime) -> None:
    for field in ("title", "resolved_clause", "received_on", "meeting_on", "item_number"):
        old, new = getattr(known, field), getattr(filing, field)
        record_revision(
            record_type=Resolution.__tablename__,
            record_id=known.id,
            campaign_id=known.campaign_id,
            field=field,
            old_value=None if old is None else str(old),
            new_value=None if new is None else str(new),
            actor=actor,
            now=now,
        )
