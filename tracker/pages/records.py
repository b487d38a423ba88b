"""What the record behind an entry adds to its words, for the entry's own page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tracker.accounts.models import Account
from tracker.campaigns.related import mentioned_in
from tracker.campaigns.relations import CampaignMention, CampaignMerge
from tracker.engagements.models import Engagement, Statement
from tracker.engagements.queries import sees_participants
from tracker.engagements.words import CHANNELS
from tracker.outcomes.models import Commitment, CommitmentGrade, Outcome
from tracker.outcomes.words import CLAIMS, IMPLEMENTATIONS, STATUSES
from tracker.resolutions.models import Disposition, Resolution, Vote
from tracker.timeline.models import TimelineEntry
from tracker.timeline.queries import record_behind
from tracker.timeline.words import date_words
from tracker.words import _


@dataclass
class RecordFacts:
    """What to print beside an entry."""

    pairs: list[tuple[Any, Any]] = field(default_factory=list)  # (term, value)
    quotation: str = ""
    by: str = ""
    vote: Vote | None = None
    resolution: Resolution | None = None
    demand: Any = None


def record_facts(entry: TimelineEntry, account: Account | None) -> RecordFacts:
    """What the record adds; who took part only for those who may know it. Nothing of a redacted one."""
    facts = RecordFacts()
    record = None if entry.redacted_at else record_behind(entry)
    match record:
        case Statement():
            facts.quotation = record.quotation
            facts.by = ", ".join(part for part in (record.speaker, record.office) if part)
            if record.channel:
                facts.pairs.append((_("How"), CHANNELS[record.channel]))
            facts.pairs += [(_("Answers"), demand.words) for demand in record.demands]
        case Engagement():
            if record.participants:
                seen = sees_participants(entry, account)
                facts.pairs.append((_("Who took part"), record.participants if seen else _("not for attribution")))
            if record.next_step:
                facts.pairs.append((_("Next step"), record.next_step))
        case Outcome():
            facts.demand = record.demand
            facts.pairs.append((_("Status"), STATUSES[record.status]))
            if record.attribution in CLAIMS:
                claim = str(CLAIMS[record.attribution])
                facts.pairs.append(
                    (_("Whose doing"), f"{claim}: {record.attribution_words}" if record.attribution_words else claim)
                )
            if record.replaced_by:
                facts.pairs.append((_("Replaced by"), record.replaced_by.words))
        case Commitment():
            facts.demand = record.demand
            facts.quotation = record.words
            if record.due_on and record.due_precision:
                facts.pairs.append((_("By when"), date_words(record.due_on, record.due_precision)))
        case CommitmentGrade():
            facts.pairs.append((_("How far"), IMPLEMENTATIONS[record.implementation]))
            facts.pairs.append((_("Promised"), record.commitment.words or _("Words removed")))
        case Resolution():
            facts.resolution = record
        case Disposition():
            facts.resolution = record.resolution
        case Vote():
            facts.resolution, facts.vote = record.resolution, record
        case CampaignMention() | CampaignMerge():
            if other := mentioned_in([entry], account).get(entry.id):
                facts.pairs.append((_("The other campaign"), other.title))
        case _:
            pass
    return facts
