"""Records as the components of pages show them. Here words are chosen; nothing is asked of the database."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import url_for

from tracker.campaigns.models import Campaign
from tracker.engagements.models import Statement
from tracker.engagements.words import CHANNELS
from tracker.timeline.models import EntryVisibility, TimelineEntry
from tracker.words import _


def entry_in_short(entry: TimelineEntry, campaign: Campaign) -> dict[str, Any]:
    """An entry as one line of components/timeline.html, without its evidence.

    The mark of a public entry says nothing new, so it is left out.
    """
    return {
        "sentence": entry.headline,
        "kind": entry.kind,
        "date": entry.occurred_on,
        "precision": entry.occurred_precision,
        "url": url_for("timeline.show", slug=campaign.slug, public_id=entry.public_id),
        "redacted": (entry.redaction_reason or _("no reason given")) if entry.redacted_at else None,
        "visibility": entry.visibility if entry.visibility != EntryVisibility.PUBLIC else None,
        "corrects": {"reason": entry.correction_reason} if entry.corrects_id else None,
    }


def statement_shown(
    statement: Statement, campaign: Campaign, files: Mapping[int, list[dict[str, Any]]] = MappingProxyType({})
) -> dict[str, Any]:
    """What a target said, or that it did not answer, for components/statement.html; `files` by the entry's id."""
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
        "files": files.get(entry.id, []),
        "visibility": entry.visibility if entry.visibility != EntryVisibility.PUBLIC else None,
        "url": url_for("timeline.show", slug=campaign.slug, public_id=entry.public_id),
    }


def for_outsiders(row: dict[str, Any]) -> dict[str, Any]:
    """An entry as outsiders read it: who recorded it, when, and where the team reads it, is the team's own."""
    corrected = row["corrected_by"]
    return {
        **row,
        "url": None,
        "actor": None,
        "recorded_at": None,
        "visibility": None,
        "corrected_by": {**corrected, "url": None} if corrected else None,
    }
