"""Name, describe, rename, merge and remove issue areas."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tracker.accounts.models import Account
from tracker.campaigns.issue_merges import IssueMerge, IssueMergeCampaign
from tracker.campaigns.issues import ISSUE, issue_named, merged_issue_ids
from tracker.campaigns.models import Campaign, FormerSlug, Issue, campaign_issue
from tracker.campaigns.service.errors import CampaignError
from tracker.db import db
from tracker.slugs import RESERVED, free_slug, slug_of
from tracker.timeline.editing import edit_fields, refuse_stale
from tracker.timeline.models import Revision
from tracker.timeline.service import record_revision
from tracker.words import _

LONGEST_NAME = 120


def name_issue(name: str, *, now: dt.datetime) -> Issue:
    """The issue area that a name means, now or formerly: known, taken out of the bin, or new. Inside a transaction."""
    known = issue_named(name)
    if known is not None:
        if known.deleted_at is not None:
            edit_fields(known, {"deleted_at": None}, record_type=ISSUE, actor=None, now=now)
        return known
    issue = Issue(slug=free_slug(name, taken=_is_taken, fallback="issue"), name=name[:LONGEST_NAME])
    db.session.add(issue)
    db.session.flush()
    return issue


def open_issue(name: str, description: str = "", *, actor: Account, now: dt.datetime) -> Issue:
    """Give an issue area a page for everybody with an account, whether or not a campaign bears it already."""
    name = " ".join(name.split())
    if not name:
        raise CampaignError(_("Give the issue area a name."), "name")
    issue = name_issue(name, now=now)
    issue.is_open = True
    values = {"description": description or issue.description}
    edit_fields(issue, values, record_type=ISSUE, actor=actor, now=now)
    return issue


def edit_issue(
    issue: Issue, *, name: str, description: str, seen: int | None, actor: Account, now: dt.datetime
) -> None:
    """Rename or describe an issue area; the former address keeps leading to it, and the former name still means it.

    Raises Stale when somebody saved first, CampaignError when another one has or had the name.
    """
    refuse_stale(issue, seen)
    name = " ".join(name.split())[:LONGEST_NAME]
    if not name:
        raise CampaignError(_("Give the issue area a name."), "name")
    other = issue_named(name)
    if other is not None and other.id != issue.id:
        raise CampaignError(_("Another issue area has or had this name; merge the two instead."), "name")
    issue.is_open = True
    former, slug = issue.slug, slug_of(name) or issue.slug
    if slug != former and (slug in RESERVED or _is_taken(slug, but=issue)):
        slug = free_slug(name, taken=_is_taken, fallback="issue")
    edit_fields(
        issue,
        {"name": name, "slug": slug, "description": description},
        record_type=ISSUE,
        actor=actor,
        now=now,
    )
    if slug != former:
        mine = sa.and_(FormerSlug.record_type == ISSUE, FormerSlug.record_id == issue.id)
        db.session.execute(sa.delete(FormerSlug).where(mine, FormerSlug.slug == slug))
        db.session.add(FormerSlug(record_type=ISSUE, slug=former, record_id=issue.id, retired_at=now))


def issue_change_may_be_restored(revision: Revision) -> bool:
    """Whether the change is of what people edit; the address follows the name."""
    return revision.record_type == ISSUE and (
        revision.field == "description" or (revision.field == "name" and bool(revision.old_value))
    )


def restore_issue(revision: Revision, issue: Issue, *, seen: int | None, actor: Account, now: dt.datetime) -> None:
    """Set its name or description back to what it was; that leaves a Revision of its own. Raises as `edit_issue`."""
    if not issue_change_may_be_restored(revision):
        raise CampaignError(_("This cannot be set back; change it where it stands."))
    values = {"name": issue.name, "description": issue.description, revision.field: revision.old_value or ""}
    edit_issue(issue, **values, seen=seen, actor=actor, now=now)


def merge_issues(issue: Issue, into: Issue, *, actor: Account, now: dt.datetime) -> IssueMerge:
    """Let another issue area stand for this one: campaigns bear its name, addresses and names lead there.

    The ledger keeps which campaigns changed, so that `undo_issue_merge` restores them. Raises CampaignError.
    """
    if issue.id == into.id:
        raise CampaignError(_("That is this issue area itself; name another."), "other")
    gone = set(db.session.scalars(merged_issue_ids()))
    if issue.id in gone or into.id in gone:
        raise CampaignError(_("One of them was merged already; name the one that remains."), "other")
    merge = IssueMerge(issue=issue, into=into, merged_at=now, merged_by_id=actor.id)
    for campaign in _bearing(issue):
        merge.campaigns.append(IssueMergeCampaign(campaign_id=campaign.id, bore_both=into in campaign.issues))
        _swap(campaign, issue, into, actor=actor, now=now)
    db.session.add(merge)
    into.is_open = into.is_open or issue.is_open
    try:
        db.session.flush()
    except IntegrityError:
        raise CampaignError(_("Somebody else merged it meanwhile."), "other") from None
    return merge


def undo_issue_merge(merge: IssueMerge, *, actor: Account, now: dt.datetime) -> None:
    """Give the campaigns that changed their issue area back, unless somebody took it off since; twice is once."""
    if merge.undone_at is not None:
        return
    merge.undone_at, merge.undone_by_id = now, actor.id
    for one in merge.campaigns:
        campaign = db.session.get_one(Campaign, one.campaign_id)
        if merge.into in campaign.issues:
            _swap(campaign, merge.into, merge.issue, actor=actor, now=now, keep=one.bore_both)


def remove_issue(issue: Issue, *, actor: Account, now: dt.datetime) -> None:
    """Put an issue area into the bin: its campaigns no longer show it, and bear it again when it is put back."""
    edit_fields(issue, {"deleted_at": now}, record_type=ISSUE, actor=actor, now=now)


def put_back_issue(issue: Issue, *, actor: Account, now: dt.datetime) -> None:
    """Take it out of the bin again."""
    edit_fields(issue, {"deleted_at": None}, record_type=ISSUE, actor=actor, now=now)


def _bearing(issue: Issue) -> list[Campaign]:
    bear = sa.select(campaign_issue.c.campaign_id).where(campaign_issue.c.issue_id == issue.id)
    return list(db.session.scalars(sa.select(Campaign).where(Campaign.id.in_(bear)).order_by(Campaign.id)))


def _swap(campaign: Campaign, old: Issue, new: Issue, *, actor: Account, now: dt.datetime, keep: bool = False) -> None:
    before = ", ".join(sorted(one.name for one in campaign.issues))
    wanted = [one for one in campaign.issues if keep or one is not old]
    campaign.issues = wanted if new in wanted else [*wanted, new]
    record_revision(
        record_type="campaign",
        record_id=campaign.id,
        field="issues",
        old_value=before,
        new_value=", ".join(sorted(one.name for one in campaign.issues)),
        actor=actor,
        now=now,
        campaign_id=campaign.id,
    )


def _is_taken(slug: str, but: Issue | None = None) -> bool:
    number = but.id if but is not None else 0
    has = sa.select(Issue.id).where(Issue.slug == slug, Issue.id != number)
    had = sa.select(FormerSlug.id).where(
        FormerSlug.record_type == ISSUE, FormerSlug.slug == slug, FormerSlug.record_id != number
    )
    return db.session.scalar(has) is not None or db.session.scalar(had) is not None
