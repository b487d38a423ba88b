"""The blueprint, and what its views share."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, render_template

from tracker.accounts.access import current_account
from tracker.campaigns import merged, queries
from tracker.campaigns.models import Campaign
from tracker.campaigns.queries import Part
from tracker.web.conflict import clash
from tracker.web.forms import BaseForm

bp = Blueprint("campaigns", __name__)

Answer = tuple[str, int]


def part_of(campaign: Campaign, kind: type[Part], public_id: str) -> Part:
    """The campaign's demand, deadline or target of this id; else 404."""
    found = queries.part_of(campaign, kind, public_id)
    if found is None:
        abort(404)
    return found


@bp.app_template_global()
def part_of_another(campaign: Campaign) -> Campaign | None:
    """The campaign that a merged one is read as part of, if whoever reads may know."""
    return merged.survivor_of(campaign, current_account())


def conflicted(template: str, yours: BaseForm, theirs: BaseForm, **context: Any) -> Answer:
    """The form again, with what was saved meanwhile beside what was typed, to choose from field by field."""
    return render_template(template, form=yours, conflict=clash(yours, theirs), **context), 409
