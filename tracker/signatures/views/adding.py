"""Adding one signatory."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from tracker import clock
from tracker.accounts.access import me
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.models import Campaign, SubjectRole
from tracker.companies.models import OrganisationKind
from tracker.companies.service import CompanyError, find_or_add_company
from tracker.db import transaction
from tracker.signatures import service
from tracker.signatures.forms import OrganisationForm, SignatoryForm
from tracker.signatures.models import Appearance
from tracker.signatures.service import HoldingClaim, SignatureError
from tracker.signatures.views import bp
from tracker.signatures.views.lists import Answer
from tracker.timeline.forms import sources_from
from tracker.web.once import once
from tracker.words import _


@bp.route("/campaigns/<slug>/signatories/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def new(campaign: Campaign) -> Answer:
    """A person."""
    form, now = SignatoryForm(), clock.now()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                service.add_signatory(
                    campaign,
                    form.person,
                    appearance=Appearance(form.appearance.data),
                    signed=form.signed.data,
                    actor=me(),
                    now=now,
                )
                saved.leads_to(url_for("signatures.index", slug=campaign.slug))
        except SignatureError as error:
            form.fail(error)
        else:
            flash(_("One signatory was added."), "success")
            return redirect(saved.where)
    return render_template("signatures/new.html", form=form, campaign=campaign), 422 if form.errors else 200


@bp.route("/campaigns/<slug>/signatories/new-organisation", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def new_organisation(campaign: Campaign) -> Answer:
    """An organisation, with what it holds."""
    form, now = OrganisationForm(company="" if request.form else asked_company(campaign)), clock.now()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                holding = holding_claim(form, now) if form.says_holding else None
                service.add_organisation(
                    campaign,
                    form.name.data,
                    kind=OrganisationKind(form.kind.data),
                    address=form.address.data or "",
                    holding=holding,
                    appearance=Appearance(form.appearance.data),
                    signed=form.signed.data,
                    actor=me(),
                    now=now,
                )
                saved.leads_to(url_for("signatures.index", slug=campaign.slug))
        except (SignatureError, CompanyError) as error:
            form.fail(error)
        else:
            flash(_("One organisation was added."), "success")
            return redirect(saved.where)
    return (
        render_template("signatures/new_organisation.html", form=form, campaign=campaign),
        422 if form.errors else 200,
    )


def holding_claim(form: Any, now: dt.datetime) -> HoldingClaim:
    """What the fields of a holding say; the company is found or added. Raises CompanyError."""
    return HoldingClaim(
        company=find_or_add_company(form.company.data or "", now=now),
        shares=form.shares.data,
        amount=form.amount.data,
        currency=form.currency.data or "",
        as_of=form.held.data,
        source=next(iter(sources_from(form.source, now=now, actor=me())), None),
    )


def asked_company(campaign: Campaign) -> str:
    """The company most likely held: the one that is asked."""
    return next(
        (each.company.name for each in campaign.subjects if each.company and each.role is SubjectRole.ASKED), ""
    )
