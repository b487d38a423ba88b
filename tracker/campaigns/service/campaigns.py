"""Log, edit and remove a campaign."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from tracker.accounts.models import Account, CampaignMember, Membership
from tracker.campaigns.models import (
    Campaign,
    CampaignKind,
    CampaignSubject,
    Demand,
    FormerSlug,
    Issue,
    Stage,
    SubjectRole,
    Target,
    TargetKind,
    Visibility,
)
from tracker.campaigns.protection import change_protection
from tracker.campaigns.service.deadlines import add_deadline
from tracker.campaigns.service.errors import CampaignError
from tracker.campaigns.service.issues import name_issue
from tracker.companies.models import Company, Organisation
from tracker.db import Precision, db
from tracker.slugs import RESERVED, free_slug, slug_of
from tracker.timeline.editing import edit_fields, refuse_stale
from tracker.timeline.models import EntryKind, EntryVisibility, Source
from tracker.timeline.service import append_entry, record_revision
from tracker.words import _, gettext

# An employee campaign can only be found by those who were given its address until it is delivered (product.md); the
# others begin in front of the whole team. Nothing begins in front of everybody.
FIRST_VISIBILITY = {
    CampaignKind.EMPLOYEE: Visibility.LINK,
    CampaignKind.SHAREHOLDER: Visibility.SIGNED_IN,
    CampaignKind.PUBLIC: Visibility.SIGNED_IN,
}
_NUMBERED = re.compile(r"^\s*(?:[-–•*·]|\(?\d{1,2}[.)])\s+")


@dataclass(frozen=True)
class QuickLog:
    """What the quick log asks; only title, kind and company are needed."""

    title: str
    kind: CampaignKind
    company: Company
    demands: Sequence[str] = ()
    began_on: dt.date | None = None
    began_precision: Precision = Precision.DAY
    due_on: dt.date | None = None
    due_what: str = ""
    sources: Sequence[Source] = field(default_factory=tuple)


def log_campaign(
    log: QuickLog,
    *,
    actor: Account | None,
    now: dt.datetime,
    visibility: Visibility | None = None,
    announce: bool = True,
) -> Campaign:
    """Begin the record of a campaign: the company asked, its demands, the first deadline, and the entry that says so.

    Whoever logs it leads it. Raises CampaignError.
    """
    if not log.title:
        raise CampaignError(_("Give the campaign a title."), "title")
    if bool(log.due_on) != bool(log.due_what):
        raise CampaignError(_("A deadline needs a date and what is due."), "due_what" if log.due_on else "due_on")
    zone = actor.zone if actor else "UTC"
    campaign = Campaign(
        slug=free_slug(log.title, taken=slug_is_taken, fallback="campaign"),
        title=log.title,
        kind=log.kind,
        stage=Stage.DRAFT,
        visibility=visibility or FIRST_VISIBILITY[log.kind],
        link_token=secrets.token_urlsafe(16),
        began_on=log.began_on,
        began_precision=log.began_precision if log.began_on else None,
        zone=zone,
        is_protected=log.kind is CampaignKind.EMPLOYEE,
        created_at=now,
        created_by_id=actor.id if actor else None,
        changed_at=now,
    )
    db.session.add(campaign)
    target = Target(campaign=campaign, kind=TargetKind.COMPANY, name=log.company.name, company=log.company)
    db.session.add(target)
    campaign.subjects.append(CampaignSubject(company=log.company, role=SubjectRole.ASKED))
    for position, words in enumerate(one_each(log.demands), start=1):
        db.session.add(Demand(campaign=campaign, target=target, position=position, words=words, created_at=now))
    db.session.flush()
    if actor is not None:
        db.session.add(
            CampaignMember(campaign_id=campaign.id, account_id=actor.id, membership=Membership.LEAD, joined_at=now)
        )
    if log.due_on:
        add_deadline(campaign, what=log.due_what, due_on=log.due_on, owner=actor, actor=actor, now=now)
    words_of = {"title": log.title, "company": log.company.name}
    append_entry(
        campaign_id=campaign.id,
        kind=EntryKind.CAMPAIGN_LOGGED,
        headline=(
            gettext("The campaign “%(title)s” began; it asks %(company)s.", **words_of)
            if log.began_on
            else gettext("The campaign “%(title)s” was logged; it asks %(company)s.", **words_of)
        ),
        occurred_on=log.began_on or now.astimezone(ZoneInfo(zone)).date(),
        precision=log.began_precision if log.began_on else Precision.DAY,
        now=now,
        actor=actor,
        visibility=EntryVisibility.PUBLIC,
        sources=log.sources,
        announce=announce,
    )
    return campaign


def one_each(lines: Sequence[str]) -> list[str]:
    """The lines without bullets, numbers, blanks and repetitions, in their order."""
    bare = (" ".join(_NUMBERED.sub("", line).split()) for line in lines)
    return list(dict.fromkeys(line for line in bare if line))


def slug_is_taken(slug: str, by_other_than: int | None = None) -> bool:
    """Whether a campaign has this address or once had it; public pages share the room with link tokens."""
    holders = sa.select(Campaign.id).where(sa.or_(Campaign.slug == slug, Campaign.link_token == slug))
    former = sa.select(FormerSlug.record_id).where(FormerSlug.record_type == "campaign", FormerSlug.slug == slug)
    found = set(db.session.scalars(holders)) | set(db.session.scalars(former))
    return bool(found - {by_other_than})


def edit_campaign(
    campaign: Campaign,
    values: Mapping[str, Any],
    *,
    slug: str,
    issues: Sequence[str],
    seen: int | None,
    actor: Account,
    now: dt.datetime,
) -> None:
    """Change what the edit page shows. An address that changes still leads here.

    Raises Stale when somebody else saved first, CampaignError for what cannot be.
    """
    refuse_stale(campaign, seen)
    if not values["title"]:
        raise CampaignError(_("Give the campaign a title."), "title")
    wanted = slug_of(slug)
    if not wanted:
        raise CampaignError(_("The address needs letters or digits."), "slug")
    if wanted != campaign.slug and (wanted in RESERVED or slug_is_taken(wanted, by_other_than=campaign.id)):
        raise CampaignError(_("Another campaign has or had this address."), "slug")
    former = campaign.slug
    if "is_protected" in values:
        change_protection(campaign, values["is_protected"], actor=actor, now=now)
    changed = edit_fields(
        campaign,
        {**values, "slug": wanted},
        record_type="campaign",
        actor=actor,
        now=now,
        campaign_id=campaign.id,
    )
    if "slug" in changed:
        _keep_former_slug(campaign, former, now)
    if set_issues(campaign, issues, actor=actor, now=now) or changed:
        campaign.changed_at = now


def _keep_former_slug(campaign: Campaign, former: str, now: dt.datetime) -> None:
    is_former = sa.and_(FormerSlug.record_type == "campaign", FormerSlug.record_id == campaign.id)
    # A campaign that takes an address of its own back.
    db.session.execute(sa.delete(FormerSlug).where(is_former, FormerSlug.slug == campaign.slug))
    db.session.add(FormerSlug(record_type="campaign", slug=former, record_id=campaign.id, retired_at=now))


def set_issues(campaign: Campaign, names: Sequence[str], *, actor: Account | None, now: dt.datetime) -> bool:
    """Name the campaign's issue areas anew; unknown ones are added. Whether anything changed."""
    wanted: dict[str, Issue] = {}
    for name in (" ".join(name.split()) for name in names):
        slug = slug_of(name)
        if not slug or slug in wanted:
            continue
        issue = name_issue(name, now=now)
        wanted[issue.slug] = issue
    before = ", ".join(sorted(issue.name for issue in campaign.issues))
    after = ", ".join(sorted(issue.name for issue in wanted.values()))
    if before == after:
        return False
    campaign.issues = list(wanted.values())
    record_revision(
        record_type="campaign",
        record_id=campaign.id,
        field="issues",
        old_value=before,
        new_value=after,
        actor=actor,
        now=now,
        campaign_id=campaign.id,
    )
    return True


def add_subject(
    campaign: Campaign,
    role: SubjectRole,
    *,
    company: Company | None = None,
    organisation: Organisation | None = None,
    actor: Account | None,
    now: dt.datetime,
) -> CampaignSubject:
    """Name one more that the campaign asks, or asks about. Raises CampaignError when it is named already."""
    whom = company or organisation
    assert whom is not None
    for subject in campaign.subjects:
        if (subject.company or subject.organisation) is whom and subject.role is role:
            raise CampaignError(_("It is named already."), "name")
    subject = CampaignSubject(company=company, organisation=organisation, role=role)
    campaign.subjects.append(subject)
    _subject_revision(campaign, role, None, whom.name, actor, now)
    return subject


def remove_subject(campaign: Campaign, subject_id: int, *, actor: Account, now: dt.datetime) -> None:
    """Take one away again. A campaign keeps at least one that it asks."""
    for subject in campaign.subjects:
        if subject.id != subject_id:
            continue
        asked = [other for other in campaign.subjects if other.role is SubjectRole.ASKED]
        if asked == [subject]:
            raise CampaignError(_("A campaign asks somebody: add another before you remove the last."))
        whom = subject.company or subject.organisation
        _subject_revision(campaign, subject.role, whom.name if whom else "", None, actor, now)
        campaign.subjects.remove(subject)
        return


def _subject_revision(
    campaign: Campaign, role: SubjectRole, old: str | None, new: str | None, actor: Account | None, now: dt.datetime
) -> None:
    campaign.changed_at = now
    record_revision(
        record_type="campaign",
        record_id=campaign.id,
        field=role.value,
        old_value=old,
        new_value=new,
        actor=actor,
        now=now,
        campaign_id=campaign.id,
    )


def remove_campaign(campaign: Campaign, *, actor: Account, now: dt.datetime) -> None:
    """Put the campaign into the bin: nobody finds it any more; `put_back_campaign` takes it out again."""
    edit_fields(campaign, {"deleted_at": now}, record_type="campaign", actor=actor, now=now, campaign_id=campaign.id)


def put_back_campaign(campaign: Campaign, *, actor: Account, now: dt.datetime) -> None:
    """Take the campaign out of the bin again, as it was."""
    edit_fields(campaign, {"deleted_at": None}, record_type="campaign", actor=actor, now=now, campaign_id=campaign.id)
