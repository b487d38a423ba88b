"""Records as the components of pages show them. Here words are chosen; nothing is asked of the database."""

from __future__ import annotations

from typing import Any

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.engagements.models import Statement
from tracker.engagements.words import CHANNELS
from tracker.timeline.models import EntryVisibility, TimelineEntry
from tracker.web.chrome import link
from tracker.words import _


def entry_shown(
    entry: TimelineEntry, campaign: Campaign, *, names_actors: bool, in_short: bool = False
) -> dict[str, Any]:
    """An entry for components/timeline.html; in short, without its evidence.

    The mark of a public entry says nothing new, so it is left out.
    """
    return {
        "sentence": entry.headline,
        "kind": entry.kind,
        "date": entry.occurred_on,
        "precision": entry.occurred_precision,
        "body": "" if in_short else entry.words,
        "url": link("timeline.show", slug=campaign.slug, public_id=entry.public_id),
        "sources": [] if in_short else [source for source in entry.sources if source.redacted_at is None],
        "redacted": entry.redaction_reason or _("no reason given") if entry.redacted_at else None,
        "visibility": entry.visibility if entry.visibility != EntryVisibility.PUBLIC else None,
        "actor": actor_shown(entry.actor) if names_actors and not in_short else None,
        "recorded_at": None if in_short else entry.recorded_at,
        "corrects": {"reason": entry.correction_reason} if entry.corrects_id else None,
    }


def actor_shown(actor: Account | None) -> str:
    """What the team calls somebody."""
    return (actor.name or actor.email) if actor else str(_("the organisers"))


def statement_shown(statement: Statement, campaign: Campaign) -> dict[str, Any]:
    """What a target said, or that it did not answer, for components/statement.html."""
    entry = statement.entry
    company = statement.company.name if statement.company else (statement.target.name if statement.target else "")
    office = ", ".join(filter(None, (statement.office, company if statement.speaker else "")))
    return {
        # Only its own words stand in quotation marks.
        "words": statement.quotation or None,
        "told": None if statement.is_silence or statement.quotation else entry.headline,
        "speaker": statement.speaker or company or str(_("The target")),
        "office": office,
        "silence": entry.headline,
        "date": entry.occurred_on,
        "precision": entry.occurred_precision,
        "channel": CHANNELS[statement.channel] if statement.channel else None,
        "demands": [demand.words for demand in statement.demands],
        "sources": [source for source in entry.sources if source.redacted_at is None],
        "visibility": entry.visibility if entry.visibility != EntryVisibility.PUBLIC else None,
        "url": link("timeline.show", slug=campaign.slug, public_id=entry.public_id),
    }


def public_entry_shown(entry: TimelineEntry) -> dict[str, Any]:
    """An entry as outsiders read it: who recorded it, and when, is the team's own."""
    return {
        "sentence": entry.headline,
        "kind": entry.kind,
        "date": entry.occurred_on,
        "precision": entry.occurred_precision,
        "body": entry.words,
        "sources": [source for source in entry.sources if source.redacted_at is None],
        "redacted": entry.redaction_reason or _("no reason given") if entry.redacted_at else None,
        "corrects": {"reason": entry.correction_reason} if entry.corrects_id else None,
    }
