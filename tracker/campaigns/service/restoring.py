"""Set a field back to what it was before a change: an edit like any other, through the same rules."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.deadlines import Deadline
from tracker.campaigns.models import Campaign, Demand, DemandKind, Target, TargetKind
from tracker.campaigns.queries import members_of, targets_of
from tracker.campaigns.service.campaigns import edit_campaign
from tracker.campaigns.service.deadlines import edit_deadline
from tracker.campaigns.service.demands import edit_demand
from tracker.campaigns.service.errors import CampaignError
from tracker.campaigns.service.targets import edit_target
from tracker.companies.models import Company
from tracker.db import Precision, db
from tracker.timeline.editing import as_words
from tracker.timeline.models import Revision
from tracker.words import _

# What people edit, and an edit may set back. Who may see a campaign, whose names are sealed and how far it has come
# are changed where their consequences are said, never by setting a value back.
RESTORED: dict[str, frozenset[str]] = {
    "campaign": frozenset({"title", "slug", "summary", "began_on", "goal", "zone", "issues"}),
    "demand": frozenset({"words", "kind", "target", "detail"}),
    "target": frozenset({"kind", "name", "office", "company"}),
    "deadline": frozenset({"what", "due_on", "owner"}),
}
_KINDS: dict[str, Any] = {"demand": DemandKind, "target": TargetKind}
_MODELS: dict[str, Any] = {"campaign": Campaign, "demand": Demand, "target": Target, "deadline": Deadline}


def may_be_restored(revision: Revision) -> bool:
    """Whether the change is of a field that people edit, and says what was there before."""
    return (
        not revision.is_sealed
        and revision.field in RESTORED.get(revision.record_type, ())
        # A name that was given when the thing was made had none before.
        and not (revision.record_type == "target" and revision.field == "name" and revision.old_value is None)
    )


def record_of(revision: Revision, campaign: Campaign) -> Any:
    """What was changed, if it is the campaign or a part of it that is still there."""
    model = _MODELS.get(revision.record_type)
    if model is None:
        return None
    found: Any = db.session.get(model, revision.record_id)
    if found is None or found.deleted_at is not None:
        return None
    return found if found is campaign or getattr(found, "campaign_id", None) == campaign.id else None


def words_now(revision: Revision, record: Any) -> str | None:
    """What the field holds at present, as a Revision would keep it."""
    if revision.field == "issues":
        return ", ".join(sorted(issue.name for issue in record.issues))
    return as_words(getattr(record, revision.field))


def restore_field(
    revision: Revision, campaign: Campaign, *, seen: int | None, actor: Account, now: dt.datetime
) -> None:
    """Set the field back to what it was before this change; that leaves a Revision of its own.

    Raises Stale when somebody saved the record since `seen`, CampaignError when the field is not one that is set back,
    the record is gone, or the value is no longer possible.
    """
    record = record_of(revision, campaign)
    if not may_be_restored(revision):
        raise CampaignError(_("This cannot be set back; change it where it stands."))
    if record is None:
        raise CampaignError(_("What was changed here has been removed; put it back from the bin first."))
    values = {revision.field: _value(revision, record, campaign)}
    match record:
        case Campaign():
            _restore_campaign(revision, record, values, seen, actor, now)
        case Demand():
            edit_demand(record, {"words": record.words, **values}, seen=seen, actor=actor, now=now)
        case Target():
            edit_target(record, {"name": record.name, **values}, seen=seen, actor=actor, now=now)
        case Deadline():
            kept = {"what": record.what, "due_on": record.due_on}
            edit_deadline(record, {**kept, **values}, seen=seen, actor=actor, now=now)


def _restore_campaign(
    revision: Revision, campaign: Campaign, values: dict[str, Any], seen: int | None, actor: Account, now: dt.datetime
) -> None:
    slug = values.pop("slug", campaign.slug)
    issues = values.pop("issues", [issue.name for issue in campaign.issues])
    if revision.field == "began_on":
        values["began_precision"] = _precision_with(revision, campaign) if values["began_on"] else None
    edit_campaign(
        campaign, {"title": campaign.title, **values}, slug=slug, issues=issues, seen=seen, actor=actor, now=now
    )


def _precision_with(revision: Revision, campaign: Campaign) -> Precision:
    """How exactly the date was known: what changed with it, else what it is now."""
    with_it = db.session.scalar(
        sa.select(Revision.old_value).where(
            Revision.record_type == "campaign",
            Revision.record_id == campaign.id,
            Revision.field == "began_precision",
            Revision.recorded_at == revision.recorded_at,
        )
    )
    return Precision(with_it) if with_it else campaign.began_precision or Precision.DAY


def _value(revision: Revision, record: Any, campaign: Campaign) -> Any:
    """The value that the words of a Revision stand for."""
    words = revision.old_value
    match revision.field:
        case "goal":
            return int(words) if words else None
        case "began_on" | "due_on":
            return dt.date.fromisoformat(words) if words else None
        case "kind":
            return _KINDS[revision.record_type](words) if words else None
        case "issues":
            return (words or "").split(",")
        case "target":
            return _one(words, [(target.name, target) for target in targets_of(campaign)])
        case "company":
            named = db.session.scalars(sa.select(Company).where(Company.name == words, Company.deleted_at.is_(None)))
            return _one(words, [(company.name, company) for company in named])
        case "owner":
            people = [member.account for member in members_of(campaign) if member.account.active]
            return _one(words, [(as_words(person) or "", person) for person in people])
        case _:
            return words or ""


def _one(words: str | None, named: list[tuple[str, Any]]) -> Any:
    """The one that is meant by a name; nobody when nobody was."""
    if not words:
        return None
    found = [one for name, one in named if name == words]
    if len(found) != 1:
        raise CampaignError(_("“%(name)s” can no longer be chosen here.", name=words))
    return found[0]
