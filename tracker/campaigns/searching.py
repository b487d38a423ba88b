"""How campaigns, what they ask, and issue areas are found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

import sqlalchemy as sa

from tracker.campaigns.models import Campaign, CampaignText, Demand, Issue, Target
from tracker.db import db
from tracker.search.keeping import ASIDE, SENTENCE, WORDS, Document, register
from tracker.search.words import without_markdown

CAMPAIGN, ASK, ISSUE = "campaign", "ask", "issue"


def _campaigns() -> sa.Select[int]:
    return sa.select(Campaign.id).where(Campaign.deleted_at.is_(None))


def _campaign_documents(ids: Collection[int]) -> dict[int, Document]:
    """By title and summary, whom it asks, and the letter as it reads now."""
    letters = _latest_letters(ids)
    targets: dict[int, list[str]] = defaultdict(list)
    asked = sa.select(Target.campaign_id, Target.name, Target.office).where(
        Target.campaign_id.in_(ids), Target.deleted_at.is_(None)
    )
    for key, *words in db.session.execute(asked.order_by(Target.id)):
        targets[key].append(", ".join(filter(None, words)))
    found = db.session.execute(
        _campaigns()
        .where(Campaign.id.in_(ids))
        .with_only_columns(Campaign.id, Campaign.title, Campaign.summary, Campaign.began_on)
    )
    return {
        key: Document(
            CAMPAIGN,
            title,
            fields=[
                (WORDS, without_markdown(summary)),
                (WORDS, "; ".join(targets[key])),
                (ASIDE, without_markdown(letters.get(key, ""))),
            ],
            campaign_id=key,
            dated_on=began_on,
        )
        for key, title, summary, began_on in found
    }


def _latest_letters(ids: Collection[int]) -> dict[int, str]:
    latest = (
        sa.select(CampaignText.campaign_id, sa.func.max(CampaignText.number).label("number"))
        .where(CampaignText.campaign_id.in_(ids))
        .group_by(CampaignText.campaign_id)
        .subquery()
    )
    on = sa.and_(CampaignText.campaign_id == latest.c.campaign_id, CampaignText.number == latest.c.number)
    return dict(db.session.execute(sa.select(CampaignText.campaign_id, CampaignText.body).join(latest, on)).all())


def _demands() -> sa.Select[int]:
    return sa.select(Demand.id).where(Demand.deleted_at.is_(None))


def _demand_documents(ids: Collection[int]) -> dict[int, Document]:
    found = db.session.scalars(_demands().where(Demand.id.in_(ids)).with_only_columns(Demand))
    return {
        one.id: Document(
            ASK,
            one.words,
            weight=SENTENCE,
            fields=[(WORDS, without_markdown(one.detail))],
            campaign_id=one.campaign_id,
        )
        for one in found
    }


def _issues() -> sa.Select[int]:
    return sa.select(Issue.id).where(Issue.deleted_at.is_(None))


def _issue_documents(ids: Collection[int]) -> dict[int, Document]:
    found = db.session.scalars(_issues().where(Issue.id.in_(ids)).with_only_columns(Issue))
    return {one.id: Document(ISSUE, one.name, fields=[(WORDS, without_markdown(one.description))]) for one in found}


register(Campaign, ids=_campaigns, documents=_campaign_documents)
register(Demand, ids=_demands, documents=_demand_documents)
register(Issue, ids=_issues, documents=_issue_documents)
