"""What the lines of a digest need to know of the records behind their entries, asked for all lines at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from tracker.db import db
from tracker.digests.facts import Citation, Line, Share, Size, Tally
from tracker.digests.once import asked_once
from tracker.outcomes.models import Outcome
from tracker.resolutions.models import Denominator, Vote
from tracker.search.words import without_markdown
from tracker.search_text import normalise
from tracker.signatures.models import ReportedCount
from tracker.signatures.queries import headlines_among, reported_counts
from tracker.timeline.models import EntryKind, EntryVisibility, TimelineEntry
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
            fell_from=self.falls.get(entry.id),
        )


def details_of(entries: Sequence[TimelineEntry]) -> Details:
    """The details of these entries."""
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
        originals=asked_once(
            "originals", {entry.corrects_id for entry in entries if entry.corrects_id}, _originals, None
        ),
    )


def reports_of(campaign_ids: Iterable[int]) -> dict[int, Reports]:
    """What was reported of each campaign's size."""
    return asked_once("reports", campaign_ids, _reports, Reports())


def _reports(campaign_ids: set[int]) -> dict[int, Reports]:
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
