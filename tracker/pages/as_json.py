"""What a public page shows, as JSON: the same facts, of the same objects, and no others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from tracker.breakdowns.queries import PublicBreakdown
from tracker.breakdowns.words import NOTHING
from tracker.db import Precision
from tracker.outcomes.words import STATUSES
from tracker.pages.charts import Growth
from tracker.pages.parts import MergedPart
from tracker.pages.public import PublicPage, Told, address_of
from tracker.settings import config
from tracker.signatures.appearing import Shown
from tracker.signatures.models import ReportedCount
from tracker.signatures.queries import Counts
from tracker.timeline.models import Source


def facts(here: PublicPage, told: Told) -> dict[str, Any]:
    """All of the page."""
    campaign, signed = here.campaign, here.counts
    assert here.signatories is not None
    closes_on = here.signing.closes_on if here.signing is not None else None
    return {
        "title": campaign.title,
        "address": address_of(campaign.slug),
        "kind": campaign.kind.value,
        "asked": [whom.name for one in here.asked if (whom := one.company or one.organisation)],
        "text": {"version": here.text.number, "markdown": here.text.body} if here.text else None,
        "summary": None if here.text else campaign.summary or None,
        "signing": here.state.value,
        "signing_until": closes_on.isoformat() if closes_on and here.state == "open" else None,
        "signed_here": {
            "total": signed.here,
            **_origins(signed),
            "is_at_most": signed.at_most,
        },
        "verified_by_work_address": {"at_least": here.at_work} if here.at_work else None,
        "by_text": _by_text(here),
        "goal": campaign.goal,
        "size_as_reported": _size(here.size) if here.size is not None else None,
        "growth": _growth(told.growth) if told.growth is not None and told.growth.is_chart else None,
        "asks": [
            {
                "words": score.text,
                "outcome": str(STATUSES[score.outcome]),
                "since": score.since.isoformat() if score.since else None,
                "evidence": [_source(one) for one in score.evidence],
            }
            for score in here.scores
        ],
        "signatories": _names(here.signatories.shown),
        "signed_an_earlier_text": _names(here.signatories.earlier),
        "more_names": _more(here),
        "chose_only_to_be_counted": here.signatories.counted_only,
        "breakdowns": {one.dimension.value: _breakdown(one) for one in told.breakdowns},
        "organisations_not_named": here.signatories.bodies,
        "names_kept_no_longer": here.signatories.gone,
        "merged_into_it": [_merged(part) for part in told.merged],
        "related": [
            {"how": str(words), "title": one.campaign.title, "address": address_of(one.campaign.slug)}
            for words, one in told.related
        ],
        "history": {"page": told.page, "pages": told.pages, "entries": [_entry(row) for row in told.entries]},
    }


def _origins(signed: Counts) -> dict[str, int | str]:
    """Where the number comes from; of fewer than ten only that."""
    if not (signed.is_few_confirmed or signed.is_few_listed):
        return {"confirmed_by_the_signer": signed.confirmed, "from_a_list": signed.listed}
    few = {"confirmed_by_the_signer": signed.is_few_confirmed, "from_a_list": signed.is_few_listed}
    return {name: "fewer than 10" for name, is_few in few.items() if is_few}


def _names(some: Sequence[Shown]) -> list[dict[str, str]]:
    return [{"name": one.name, "role": one.office, "organisation": one.affiliation} for one in some]


def _more(here: PublicPage) -> str | None:
    """Where the names behind these are."""
    assert here.signatories is not None
    after = here.signatories.after
    return f"{address_of(here.campaign.slug)}.json?after={after}" if after else None


def _size(size: ReportedCount) -> dict[str, Any]:
    return {
        "qualifier": size.qualifier.value,
        "value": size.value,
        "population": size.population,
        "as_of": size.as_of_on.isoformat(),
        "precision": size.as_of_precision.value,
        "sources": [_source(one) for one in size.entry.sources],
    }


def _by_text(here: PublicPage) -> dict[str, int | str] | None:
    """Who signed the text as it is now, and who an earlier one; of fewer than ten only that."""
    versions = here.versions
    if versions is None:
        return None
    if versions.is_few_now:
        return {"as_it_is_now": "fewer than 10"}
    if versions.is_few_earlier:
        return {"before_it_was_changed": "fewer than 10"}
    return {"as_it_is_now": versions.now, "before_it_was_changed": versions.earlier}


def _breakdown(one: PublicBreakdown) -> dict[str, Any]:
    """Full tens, never fewer than ten; or why there is nothing."""
    return {
        "at_the_end_of": one.on.isoformat() if one.on else None,
        "people_at_least": one.at_least or None,
        "groups": [{"name": name, "at_least": number} for name, number in one.groups],
        "nothing": str(NOTHING[one.nothing]) if one.nothing else None,
    }


def _growth(growth: Growth) -> dict[str, Any]:
    return {
        "zone": growth.zone,
        "each": str(growth.unit),
        "signed_here": [{"on": day.on.isoformat(), "total": day.total} for day in growth.days],
        "as_reported": [_size(size) for size in growth.sizes],
    }


def _merged(part: MergedPart) -> dict[str, Any]:
    return {
        "title": part.campaign.title,
        "merged_on": part.merge.merged_at.date().isoformat(),
        "asks": part.asks,
        "text": {"version": part.text.number, "markdown": part.text.body} if part.text else None,
    }


def _entry(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the page's history: of a redacted or corrected entry only what the page says of it."""
    on: dt.date | None = row["date"]
    precision: Precision | None = row["precision"]
    found: dict[str, Any] = {
        "kind": str(row["kind_word"]),
        "on": on.isoformat() if on else None,
        "precision": precision.value if precision else None,
        "from": row["part"],
    }
    if row["redacted"]:
        return found | {"words_removed": str(row["redacted"])}
    found["words"] = row["sentence"]
    if (right := row["corrected_by"]) is not None:
        return found | {"corrected_by": {"words": right["sentence"], "reason": right["reason"]}}
    wrong, about = row["corrects"], row["about"]
    return found | {
        "corrects": {"words": wrong["sentence"], "reason": wrong["reason"]} if wrong else None,
        "about": {"title": about["title"], "address": f"{config().public_base_url}{about['url']}"} if about else None,
        "markdown": row["body"] or None,
        "sources": [_source(one) for one in row["sources"]],
        "files": [
            {"name": one["name"], "bytes": one["size"], "address": f"{config().public_base_url}{one['url']}"}
            for one in row["files"]
            if one["url"]
        ],
    }


def _source(source: Source) -> dict[str, Any]:
    if source.redacted_at is not None:
        return {"citation": None, "url": None}
    return {"citation": source.citation, "url": source.url or None}
