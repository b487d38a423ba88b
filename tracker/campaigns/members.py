"""Who belongs to a campaign: its members read the list; leads and administrators decide.

The verbs are in `accounts.service`; the page is here, since who may open it depends on the campaign.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from tracker import clock
from tracker.accounts import queries as accounts
from tracker.accounts import service
from tracker.accounts.access import View, current_account, me, narrower
from tracker.accounts.forms import MemberForm, MembershipForm
from tracker.accounts.models import Account, Invitation, Membership, Role
from tracker.accounts.names import display_name
from tracker.campaigns import queries
from tracker.campaigns.access import Level, for_campaign, level_of, stays
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.jobs import SEND_MAIL, nudge
from tracker.timeline.queries import sees_actors
from tracker.web.once import once

bp = Blueprint("members", __name__)


def may_manage(account: Account, campaign: Campaign) -> bool:
    """Leads, and administrators even where they only read (product.md, "Who sees what")."""
    if account.role is Role.ADMINISTRATOR:
        return True
    return level_of(account, campaign, queries.membership_of(account, campaign)) >= Level.LEAD


def manages_members(view: View) -> View:
    """Like `for_campaign`: whoever may manage the members of this campaign may enter; readers get 403."""

    @narrower
    @wraps(view)
    def guarded(*args: Any, campaign: Campaign, **kwargs: Any) -> Any:
        account = current_account()
        if account is None or not may_manage(account, campaign):
            abort(403)
        return view(*args, campaign=campaign, **kwargs)

    return for_campaign(Level.READ)(guarded)  # type: ignore[return-value]


@bp.app_template_global()
def sees_members(campaign: Campaign) -> bool:
    """Whether whoever reads may know who belongs to a campaign; outside the team nobody does (safety.md, 11)."""
    account = current_account()
    if account is None:
        return False
    if sees_actors(account, is_member=False):
        return True
    return queries.membership_of(account, campaign) is not None


@bp.get("/campaigns/<slug>/members")
@for_campaign(Level.READ)
@stays
@narrower
def index(campaign: Campaign) -> ResponseReturnValue:
    """Everybody who belongs to the campaign, and what they may do; for the team."""
    if not sees_members(campaign):
        abort(403)
    return _page(campaign)


@bp.post("/campaigns/<slug>/members")
@manages_members
def add(campaign: Campaign) -> ResponseReturnValue:
    """Take somebody in by address; who has no account is invited, as a viewer."""
    form = MemberForm()
    if not form.validate_on_submit():
        return _page(campaign, form), 422
    number, actor = campaign.id, me().id
    try:
        with transaction(), once(form) as saved:
            here = db.session.get_one(Campaign, number)
            done = service.invite_member(
                here.id,
                here.title,
                str(form.email.data),
                Membership(form.membership.data),
                actor=db.session.get_one(Account, actor),
                now=clock.now(),
            )
            saved.leads_to(url_for("members.index", slug=here.slug))
            invited = isinstance(done, Invitation)
    except service.AccountError as error:
        form.fail(error)
        return _page(campaign, form), 422
    if invited:
        nudge(SEND_MAIL)
        flash(_("%(email)s has no account yet; an invitation is on its way.", email=form.email.data), "success")
    else:
        flash(_("%(email)s belongs to this campaign now.", email=form.email.data), "success")
    return redirect(saved.where)


@bp.post("/campaigns/<slug>/members/<public_id>")
@manages_members
def change(campaign: Campaign, public_id: str) -> ResponseReturnValue:
    """Give a member another part."""
    form = MembershipForm()
    if not form.validate_on_submit():
        return _page(campaign), 422
    chosen = Membership(form.membership.data)
    return _do(campaign, public_id, lambda here, who: service.change_membership(here, who, chosen), _("Saved."))


@bp.post("/campaigns/<slug>/members/<public_id>/remove")
@manages_members
def remove(campaign: Campaign, public_id: str) -> ResponseReturnValue:
    """Let a member go."""
    return _do(campaign, public_id, service.remove_member, _("%(name)s no longer belongs to this campaign."))


def _do(campaign: Campaign, public_id: str, verb: Callable[[int, Account], None], words: str) -> ResponseReturnValue:
    number = campaign.id
    try:
        with transaction(), once() as saved:
            account = accounts.account_by_public_id(public_id)
            if account is None:
                abort(404)
            verb(number, account)
            name = display_name(account, for_outsiders=False)
            # Whoever took themselves out of a members-only campaign can no longer open it.
            here, reader = db.session.get_one(Campaign, number), me()
            still_reads = level_of(reader, here, queries.membership_of(reader, here)) >= Level.READ
            where = url_for("members.index", slug=here.slug) if still_reads else url_for("pages.home")
            saved.leads_to(where)
    except service.AccountError as error:
        flash(str(error), "danger")
        where = url_for("members.index", slug=campaign.slug)
    else:
        flash(words % {"name": name}, "success")
    return redirect(where)


def _page(campaign: Campaign, form: MemberForm | None = None) -> str:
    manages = may_manage(me(), campaign)
    return render_template(
        "members/index.html",
        campaign=campaign,
        members=accounts.members(campaign.id),
        invitations=list(db.session.scalars(accounts.invitations_to(campaign.id))) if manages else [],
        manages=manages,
        form=form or MemberForm(formdata=None),
    )
