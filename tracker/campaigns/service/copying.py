"""Begin a campaign from another one, as its template: what it asks and how, never who signed or what came of it."""

from __future__ import annotations

import datetime as dt
import enum
import secrets
from collections.abc import Collection

from tracker.accounts.models import Account, CampaignMember, Membership
from tracker.campaigns.models import (
    Campaign,
    CampaignKind,
    CampaignSubject,
    CampaignText,
    Demand,
    Stage,
    Target,
    Visibility,
)
from tracker.campaigns.queries import demands_of, latest_text, subjects_of, targets_of
from tracker.campaigns.relations import LinkKind
from tracker.campaigns.service.campaigns import FIRST_VISIBILITY, slug_is_taken
from tracker.campaigns.service.errors import CampaignError
from tracker.campaigns.service.links import link_campaigns, tell_of
from tracker.db import db
from tracker.slugs import free_slug
from tracker.timeline.models import EntryKind, EntryVisibility
from tracker.timeline.queries import day_in
from tracker.timeline.service import append_entry
from tracker.words import _, gettext

ORDER = tuple(Visibility)


class TemplatePart(enum.StrEnum):
    """What a new campaign may take over from another one."""

    SUBJECTS = "subjects"
    TARGETS = "targets"
    DEMANDS = "demands"
    ISSUES = "issues"
    TEXT = "text"
    SUMMARY = "summary"
    GOAL = "goal"


def start_from(
    source: Campaign,
    *,
    title: str,
    kind: CampaignKind,
    parts: Collection[TemplatePart],
    follows: bool,
    actor: Account,
    now: dt.datetime,
) -> Campaign:
    """Log a campaign with parts of another one; whoever does so leads it. Its text becomes the first version.

    Nobody may read the new one who could not read the other, until its lead opens it. Raises CampaignError.
    """
    if not title:
        raise CampaignError(_("Give the campaign a title."), "title")
    campaign = Campaign(
        slug=free_slug(title, taken=slug_is_taken, fallback="campaign"),
        title=title,
        kind=kind,
        stage=Stage.DRAFT,
        visibility=min(FIRST_VISIBILITY[kind], source.visibility, key=ORDER.index),
        link_token=secrets.token_urlsafe(16),
        summary=source.summary if TemplatePart.SUMMARY in parts else "",
        goal=source.goal if TemplatePart.GOAL in parts else None,
        zone=actor.zone,
        locale=source.locale,
        is_protected=kind is CampaignKind.EMPLOYEE or source.is_protected,
        allows_public_names=source.allows_public_names,
        created_at=now,
        created_by_id=actor.id,
        changed_at=now,
    )
    db.session.add(campaign)
    db.session.flush()
    db.session.add(
        CampaignMember(campaign_id=campaign.id, account_id=actor.id, membership=Membership.LEAD, joined_at=now)
    )
    _take_over(source, campaign, parts, now)
    if TemplatePart.TEXT in parts and (text := latest_text(source)) is not None:
        # No entry of its own: the one that names the template says where it is from.
        db.session.add(
            CampaignText(campaign_id=campaign.id, number=1, body=text.body, recorded_at=now, recorded_by_id=actor.id)
        )
    today = day_in(campaign.zone, now)
    append_entry(
        campaign_id=campaign.id,
        kind=EntryKind.CAMPAIGN_LOGGED,
        headline=gettext("The campaign “%(title)s” was logged.", title=title),
        occurred_on=today,
        now=now,
        actor=actor,
        visibility=EntryVisibility.PUBLIC,
    )
    if follows:
        said = gettext("This campaign follows another one, which was its template.")
        link_campaigns(campaign, source, LinkKind.FOLLOWS, said=said, actor=actor, now=now)
    else:
        tell_of(campaign, source, gettext("Another campaign was its template."), actor=actor, now=now)
    return campaign


def _take_over(source: Campaign, campaign: Campaign, parts: Collection[TemplatePart], now: dt.datetime) -> None:
    if TemplatePart.SUBJECTS in parts:
        for subject in subjects_of(source):
            db.session.add(
                CampaignSubject(
                    campaign_id=campaign.id,
                    company_id=subject.company_id,
                    organisation_id=subject.organisation_id,
                    role=subject.role,
                )
            )
    targets: dict[int, Target] = {}
    if TemplatePart.TARGETS in parts:
        for one in targets_of(source):
            targets[one.id] = Target(
                campaign=campaign,
                kind=one.kind,
                name=one.name,
                office=one.office,
                company=one.company,
                organisation=one.organisation,
            )
            db.session.add(targets[one.id])
    if TemplatePart.DEMANDS in parts:
        for position, asked in enumerate(demands_of(source), start=1):
            demand = Demand(
                campaign=campaign,
                target=targets.get(asked.target_id or 0),
                position=position,
                kind=asked.kind,
                words=asked.words,
                detail=asked.detail,
                created_at=now,
            )
            db.session.add(demand)
    if TemplatePart.ISSUES in parts:
        campaign.issues = list(source.issues)
    db.session.flush()
