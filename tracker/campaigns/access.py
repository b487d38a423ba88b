"""Who may enter the pages of one campaign: the access matrix of product.md as one function and one mark."""

from __future__ import annotations

import enum
from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, current_app, redirect, request, url_for

from tracker.accounts.access import View, current_account, mark
from tracker.accounts.models import Account, Membership, Role
from tracker.campaigns import merged, queries
from tracker.campaigns.models import Campaign, Visibility

STAYS = "stays_when_merged"


def stays(view: View) -> View:
    """The page stays at its address when its campaign was merged into another: no page of the other shows the same.
    Put it below the mark. Without it a page of a merged campaign leads to the other's, for whoever may open that."""
    setattr(view, STAYS, True)
    return view


class Level(enum.IntEnum):
    """How far somebody may go in a campaign; each includes those before it."""

    NONE = 0
    LINK = 1  # letter, counts, form
    READ = 2
    EDIT = 3
    LEAD = 4  # also members, visibility, removal


def level_of(account: Account | None, campaign: Campaign, membership: Membership | None) -> Level:
    """What this account may do in this campaign (product.md, "Who sees what").

    A public campaign's public page is not asked here: it has an address of its own, /c/<slug>.
    """
    if account is None or not account.active:
        return Level.NONE
    if membership is Membership.LEAD:
        return Level.LEAD
    open_to_all = campaign.visibility in (Visibility.SIGNED_IN, Visibility.PUBLIC)
    if account.role is Role.ADMINISTRATOR and open_to_all:
        return Level.LEAD
    if membership is Membership.EDITOR:
        return Level.EDIT
    if membership is Membership.READER or account.role is Role.ADMINISTRATOR or open_to_all:
        return Level.READ
    return Level.NONE


def level_for(account: Account | None, campaign: Campaign) -> Level:
    """The same, with the account's membership looked up."""
    return level_of(account, campaign, queries.membership_of(account, campaign) if account else None)


def for_campaign(needed: Level) -> Callable[[View], View]:
    """The view gets `campaign` instead of `slug`, if whoever asks may go that far.

    Nobody signed in: to the sign-in page. Not readable: 404, as if it were not there. Readable, but not so far: 403.
    A former address redirects (GET) to the present one, a merged campaign's page to that of the other (see `stays`).
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, slug: str, **kwargs: Any) -> Any:
            account = current_account()
            if account is None:
                return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
            campaign, is_former = queries.campaign_by_slug(slug)
            if campaign is None or campaign.deleted_at is not None:
                abort(404)
            level = level_of(account, campaign, queries.membership_of(account, campaign))
            if level < Level.READ:
                abort(404)
            if level < needed:
                abort(403)
            query: dict[str, Any] = request.args.to_dict(flat=False)
            if is_former and request.method == "GET":
                return redirect(url_for(request.endpoint or "", slug=campaign.slug, **{**query, **kwargs}), 301)
            if request.method == "GET" and not kwargs and not hasattr(view, STAYS):
                survivor = merged.survivor_of(campaign, account)
                if survivor is not None and level_for(account, survivor) >= needed:
                    # Not for ever: merging can be undone.
                    return redirect(url_for(request.endpoint or "", slug=survivor.slug, **query), 302)
            return view(*args, campaign=campaign, **kwargs)

        return mark(guarded, f"campaign:{needed.name}")  # type: ignore[return-value]

    return decorate
