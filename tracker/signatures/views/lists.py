"""The list of signatories, as each reader may see it."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any, TypeVar

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker import clock
from tracker.accounts.access import ask_for_factor, current_account, me
from tracker.accounts.forms import LookForm
from tracker.accounts.models import Account, Reading
from tracker.accounts.service import record_access
from tracker.accounts.views.proving import asked_again, proved_lately_or_now
from tracker.campaigns.access import Level, for_campaign, level_of, stays
from tracker.campaigns.models import Campaign
from tracker.campaigns.queries import membership_of
from tracker.db import transaction
from tracker.signatures import pairs, queries
from tracker.signatures.appearing import Sight, sight_of
from tracker.signatures.listing import (
    Filters,
    Listed,
    Order,
    contacts_in,
    members_list,
    orders_of,
    outsiders_list,
)
from tracker.signatures.models import Appearance, SignatoryKind, SignatureStatus
from tracker.signatures.protection import protect
from tracker.signatures.versions import texts_as_now, versions_of
from tracker.signatures.views import bp
from tracker.signatures.words import APPEARANCES, KINDS, ORDERS, STATUSES
from tracker.timeline.queries import day_in, entries_visible_to
from tracker.web.once import once
from tracker.words import _, ngettext

Answer = str | Response | tuple[str, int]
Word = TypeVar("Word", bound=enum.StrEnum)


def reader(campaign: Campaign) -> tuple[Account, Level, Sight]:
    """Who asks, how far they may go here, and how much of the signatories they see."""
    account = me()
    membership = membership_of(account, campaign)
    return account, level_of(account, campaign, membership), sight_of(account, campaign, membership)


@bp.route("/campaigns/<slug>/signatories", methods=["GET", "POST"])
@for_campaign(Level.READ)
@stays
def index(campaign: Campaign) -> Answer:
    """The list. A search is posted, so that a name stays out of addresses, histories and logs.

    Posted with a reason, the same page of the list shows contact data, and the access record says so.
    """
    now, filters = clock.now(), _filters()
    if request.form.get("step") == "contacts":
        return _show_contacts(campaign, filters, LookForm(), now)
    return _show_list(campaign, filters, LookForm(formdata=None), now=now)


def _show_contacts(campaign: Campaign, filters: Filters, form: LookForm, now: dt.datetime) -> Answer:
    account, _level, sight = reader(campaign)
    if sight < Sight.NAMES or not account.may_see_contacts:
        abort(403)
    ask_for_factor()
    if not form.validate_on_submit() or not proved_lately_or_now(form):
        return _show_list(campaign, filters, form, now=now), 422
    with transaction():
        listed = members_list(campaign, filters, now=now, with_contacts=True)
        record_access(
            account,
            campaign_id=campaign.id,
            reading=Reading.VIEWED,
            count=contacts_in(listed),
            reason=form.reason.data,
            now=now,
        )
    return _show_list(campaign, filters, form, now=now, listed=listed, with_contacts=True)


@bp.post("/campaigns/<slug>/signatories/protect")
@for_campaign(Level.LEAD)
def protect_names(campaign: Campaign) -> Answer:
    """Seal the names that lie in the open, and protect the campaign from now on."""
    now = clock.now()
    with transaction(), once() as saved:
        sealed = protect(campaign, actor=current_account(), now=now)
        saved.leads_to(url_for("signatures.index", slug=campaign.slug))
    flash(ngettext("Protected; %(num)d name was sealed.", "Protected; %(num)d names were sealed.", sealed), "success")
    return redirect(saved.where)


def _show_list(
    campaign: Campaign,
    filters: Filters,
    contacts: LookForm,
    *,
    now: dt.datetime,
    listed: Listed | None = None,
    with_contacts: bool = False,
) -> str:
    account, level, sight = reader(campaign)
    counts = queries.counts(campaign)
    seen = entries_visible_to(account, today=day_in(campaign.zone, now))
    if listed is None:
        by_sight = members_list if sight is Sight.NAMES else outsiders_list
        listed = by_sight(campaign, filters, now=now)
    return render_template(
        "signatures/index.html",
        campaign=campaign,
        counts=counts,
        versions=versions_of(campaign, counts, texts_as_now(campaign)),
        sizes=queries.reported_counts([campaign.id], seen),
        headline=queries.headline_size(campaign, seen),
        listed=listed,
        filters=filters,
        sees_names=sight is Sight.NAMES,
        may_edit=level >= Level.EDIT,
        may_lead=level >= Level.LEAD,
        may_export=account.may_export,
        may_see_contacts=sight is Sight.NAMES and account.may_see_contacts,
        contacts=contacts,
        asked=asked_again(),
        with_contacts=with_contacts,
        choices=_choices(campaign),
        perhaps=pairs.number_open(campaign) if sight is Sight.NAMES and level >= Level.EDIT else 0,
    )


def _filters() -> Filters:
    """What is asked for: filters from the address, the search from the body alone."""
    asked = request.args
    page = request.form.get("page") or asked.get("page", "")
    return Filters(
        status=_one_of(SignatureStatus, asked.get("status")),
        appearance=_one_of(Appearance, asked.get("appearance")),
        kind=_one_of(SignatoryKind, asked.get("kind")),
        order=_one_of(Order, asked.get("order")),
        search=request.form.get("search", "").strip()[:200],
        page=int(page) if page.isdecimal() and len(page) < 9 else 1,
    )


def _one_of(words: type[Word], value: str | None) -> Word | None:
    try:
        return words(value) if value else None
    except ValueError:
        return None


def _choices(campaign: Campaign) -> dict[str, list[tuple[str, Any]]]:
    """The filters, worded; the first of each is none."""
    return {
        "status": [("", _("Those that count")), *((status.value, word) for status, word in STATUSES.items())],
        "appearance": [("", _("However shown")), *((each.value, word) for each, word in APPEARANCES.items())],
        "kind": [("", _("Everybody")), *((each.value, word) for each, word in KINDS.items())],
        "order": [(order.value, ORDERS[order]) for order in orders_of(campaign)],
    }
