"""What the lines of a digest need to know of the records behind their entries, asked for all lines at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from tracker.accounts.models import Account, CampaignMember
from tracker.db import db
from tracker.digests.facts import Citation, Line, Share, Size, Tally
from tracker.digests.once import asked_once
from tracker.outcomes.models import Outcome
from tracker.resolutions.models import Denominator, Vote
from tracker.search.words import without_markdown
from tracker.search_text import normalise
from tracker.signatures.models import ReportedCount
from tracker.signatures.queries import headlines_among, reported_counts
from tracker.timeline.attached import sees_closed_files
from tracker.timeline.models import Attachment, EntryKind, EntryVisibility, TimelineEntry, entry_attachment
from tracker.timeline.words import shortened

MOST_WORDS = 400  # characters of a headline; entries are one sentence, but nothing keeps them short
EVIDENCE = 240
SOURCES = 3  # a line; the rest is a number


@dataclass(frozen=True)
class Reports:
    """What was reported of a campaign's size and everybody may read."""

    headline: Size | None = None
    claims: tuple[tuple[int, Size], ...] = ()  # by entry, newest first


@dataclass(frozen=True)
class _Original:
    """What an entry said that was corrected."""

    id: int
    headline: str
    visibility: EntryVisibility


@dataclass(frozen=True)
class Details:
    """Of some entries, by entry."""

    tallies: Mapping[int, Tally | None]
    attributions: Mapping[int, str]
    falls: Mapping[int, Size]
    originals: Mapping[int, _Original | None]  # by the id of the corrected entry
    files: Mapping[int, int]

    def line(self, entry: TimelineEntry, told_with: Collection[int]) -> Line:
        """An entry as a line. What it corrects is not quoted where `told_with` has it: it was never told apart."""
        original = self.originals.get(entry.corrects_id or 0)
        quotes = original is not None and original.visibility == entry.visibility and original.id not in told_with
        sources = [source for source in entry.sources if source.redacted_at is None]
        return Line(
            kind=entry.kind,
            headline=_in_one_line(entry.headline, MOST_WORDS),
            occurred_on=entry.occurred_on,
            precision=entry.occurred_precision,
            correction_reason=entry.correction_reason if entry.corrects_id is not None else None,
            sources=tuple(
                Citation(_in_one_line(source.publisher or source.title or source.citation, EVIDENCE), source.url)
                for source in sources[:SOURCES]
            ),
            more_sources=len(sources[SOURCES:]),
            before=original.headline if original is not None and quotes else "",
            evidence=_in_one_line(without_markdown(entry.words), EVIDENCE) if entry.kind is EntryKind.OUTCOME else "",
            attribution=self.attributions.get(entry.id, ""),
            tally=self.tallies.get(entry.id),
            files=self.files.get(entry.id, 0),
            fell_from=self.falls.get(entry.id),
        )


def details_of(entries: Sequence[TimelineEntry], account: Account | None) -> Details:
    """The details of these entries, which this account may read; nobody's: without an account."""
    by_kind: dict[EntryKind, set[int]] = {}
    for entry in entries:
        by_kind.setdefault(entry.kind, set()).add(entry.id)
    sizes = asked_once("sizes", by_kind.get(EntryKind.REPORTED_COUNT, ()), _sizes, None)
    reports = reports_of({entry.campaign_id for entry in entries if entry.kind is EntryKind.REPORTED_COUNT})
    campaigns = {entry.id: entry.campaign_id for entry in entries}
    falls = {
        entry_id: larger
        for entry_id, size in sizes.items()
        if size and (larger := _larger_before(entry_id, size, reports[campaigns[entry_id]]))
    }
    return Details(
        tallies=asked_once("tallies", by_kind.get(EntryKind.VOTE, ()), _tallies, None),
        attributions=asked_once("attributions", by_kind.get(EntryKind.OUTCOME, ()), _attributions, ""),
        falls=falls,
        originals=asked_once("originals", {one.corrects_id for one in entries if one.corrects_id}, _originals, None),
        files=_files_for(entries, account),
    )


def _files_for(entries: Sequence[TimelineEntry], account: Account | None) -> dict[int, int]:
    """How many files each entry has that the reader may have (ADR 18): of those not opened only members know."""
    attached = asked_once("files", {entry.id for entry in entries}, _files, (0, 0))
    members: set[int] = set()
    if account is not None and any(closed for _open, closed in attached.values()):
        member = sa.select(CampaignMember.campaign_id).where(CampaignMember.account_id == account.id)
        members = set(db.session.scalars(member))
    found = {}
    for entry in entries:
        is_open, closed = attached[entry.id]
        has_all = sees_closed_files(entry, account, is_member=entry.campaign_id in members)
        found[entry.id] = is_open + (closed if has_all else 0)
    return found


def reports_of(campaign_ids: Iterable[int]) -> dict[int, Reports]:
    """What was reported of each campaign's size."""
    return asked_once("reports", campaign_ids, read_reports, Reports())


def read_reports(campaign_ids: Collection[int]) -> dict[int, Reports]:
    """The same as it is at this moment; campaigns of which nothing was reported are left out."""
    claims = reported_counts(campaign_ids)
    headlines = headlines_among(claims)
    return {
        campaign_id: Reports(
            headline=_size(headline),
            claims=tuple((claim.entry_id, _size(claim)) for claim in claims if claim.campaign_id == campaign_id),
        )
        for campaign_id, headline in headlines.items()
    }


def _sizes(entry_ids: set[int]) -> dict[int, Size | None]:
    found = sa.select(ReportedCount).where(ReportedCount.entry_id.in_(entry_ids))
    loaded = found.options(joinedload(ReportedCount.entry).selectinload(TimelineEntry.sources))
    return {one.entry_id: _size(one) for one in db.session.scalars(loaded)}


def _size(count: ReportedCount) -> Size:
    publishers = [source.publisher.strip() for source in count.entry.sources if source.redacted_at is None]
    return Size(
        value=count.value,
        qualifier=count.qualifier.value,
        population=count.population,
        as_of_on=count.as_of_on,
        precision=count.as_of_precision,
        reported_by=next((publisher for publisher in publishers if publisher), ""),
    )


def _larger_before(entry_id: int, size: Size, reports: Reports) -> Size | None:
    """The claim of the same people before this one, if more were reported then."""
    for other_id, other in reports.claims:
        is_before = other.as_of_on <= size.as_of_on and other_id != entry_id
        if is_before and normalise(other.population) == normalise(size.population):
            return other if other.value > size.value else None
    return None


def _tallies(entry_ids: set[int]) -> dict[int, Tally | None]:
    found = sa.select(Vote).where(Vote.entry_id.in_(entry_ids))
    loaded = found.options(joinedload(Vote.resolution), selectinload(Vote.percentages))
    return {
        vote.entry_id: Tally(
            resolution=_in_one_line(vote.resolution.title, EVIDENCE),
            for_shares=vote.for_shares,
            against_shares=vote.against_shares,
            abstained_shares=vote.abstained_shares,
            broker_non_votes=vote.broker_non_votes,
            share=_share(vote),
        )
        for vote in db.session.scalars(loaded)
    }


def _share(vote: Vote) -> Share | None:
    """The one percentage that a subject line names: as the SEC counts if it is known so, else the first published."""
    computed = vote.percentage_as_the_sec_counts
    if computed is not None:
        return Share(computed, Denominator.FOR_AND_AGAINST.value)
    order = list(Denominator)
    published = sorted(vote.percentages, key=lambda one: (order.index(one.denominator), one.id))
    return Share(published[0].value, published[0].denominator.value, published[0].published_by) if published else None


def _files(entry_ids: set[int]) -> dict[int, tuple[int, int]]:
    found = (
        sa.select(
            entry_attachment.c.entry_id,
            sa.func.sum(sa.case((Attachment.is_open, 1), else_=0)),
            sa.func.count(),
        )
        .join(Attachment, Attachment.id == entry_attachment.c.attachment_id)
        .where(entry_attachment.c.entry_id.in_(entry_ids), Attachment.redacted_at.is_(None))
        .group_by(entry_attachment.c.entry_id)
    )
    return {entry_id: (int(opened), total - int(opened)) for entry_id, opened, total in db.session.execute(found)}


def _attributions(entry_ids: set[int]) -> dict[int, str]:
    found = sa.select(Outcome.entry_id, Outcome.attribution).where(Outcome.entry_id.in_(entry_ids))
    return {entry_id: attribution.value for entry_id, attribution in db.session.execute(found)}


def _originals(entry_ids: set[int]) -> dict[int, _Original | None]:
    found = sa.select(TimelineEntry.id, TimelineEntry.headline, TimelineEntry.visibility).where(
        TimelineEntry.id.in_(entry_ids),
        TimelineEntry.redacted_at.is_(None),
        TimelineEntry.deleted_at.is_(None),
        TimelineEntry.public_from.is_(None),
    )
    return {
        entry_id: _Original(entry_id, _in_one_line(headline, EVIDENCE), visibility)
        for entry_id, headline, visibility in db.session.execute(found)
    }


def _in_one_line(text: str, length: int) -> str:
    return shortened(" ".join(text.split()), length)
