"""What merging means for who follows: of either campaign one hears both, from the merging on (ADR 021)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa

from tracker.campaigns.relations import CampaignMerge
from tracker.db import db

Edges = Mapping[int, tuple[int, dt.datetime]]  # campaign id → into which it was merged, and when


def merges() -> Edges:
    """Every merge that lasts."""
    rows = sa.select(CampaignMerge.campaign_id, CampaignMerge.into_id, CampaignMerge.merged_at)
    return {
        campaign_id: (into_id, merged_at)
        for campaign_id, into_id, merged_at in db.session.execute(rows.where(CampaignMerge.undone_at.is_(None)))
    }


def heard_together(
    since: Mapping[int, dt.datetime], told: set[int], edges: Edges
) -> list[tuple[dt.datetime, set[int]]]:
    """What else somebody hears of who follows these campaigns since these moments: pairs of a moment and a campaign
    that is read as one with a followed one, from when both were followed and merged. Only within `told`, what they may
    read: to anybody else the merging does not show."""
    if not edges:
        return []
    members: dict[int, set[int]] = {}
    for campaign_id in {*edges, *(into for into, _moment in edges.values())}:
        top = [*_path(campaign_id, edges)][-1][0]
        members.setdefault(top, set()).add(campaign_id)
    heard = []
    for top, family in members.items():
        if top not in told:
            continue
        for followed in family & since.keys():
            for other in (family & told) - {followed}:
                heard.append((max(since[followed], _joined(followed, other, edges)), {other}))
    return heard


def _path(campaign_id: int, edges: Edges) -> list[tuple[int, dt.datetime]]:
    """The way up from a campaign: each on it, with the moment from which on the first was read as part of it."""
    path, moment = [(campaign_id, dt.datetime.min.replace(tzinfo=dt.UTC))], dt.datetime.min.replace(tzinfo=dt.UTC)
    while campaign_id in edges:
        campaign_id, merged_at = edges[campaign_id]
        moment = max(moment, merged_at)
        path.append((campaign_id, moment))
    return path


def _joined(one: int, other: int, edges: Edges) -> dt.datetime:
    """Since when two campaigns of one family are read as one: when the ways up from both had met."""
    ways = dict(_path(other, edges))
    return next(max(moment, ways[place]) for place, moment in _path(one, edges) if place in ways)
