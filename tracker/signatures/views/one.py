"""One signatory: what is known, how shown, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for

from tracker import clock
from tracker.accounts.access import ask_for_factor, me
from tracker.accounts.forms import LookForm
from tracker.accounts.models import Reading
from tracker.accounts.service import record_access
from tracker.accounts.views.proving import asked_again, proved_lately_or_now
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.models import Campaign
from tracker.companies.service import CompanyError
from tracker.db import transaction
from tracker.signatures import queries, service
from tracker.signatures.appearing import Sight
from tracker.signatures.forms import AppearanceForm, EndForm, HoldingForm
from tracker.signatures.models import Appearance, Signatory, SignatoryKind, Signature
from tracker.signatures.one_person import merged_into
from tracker.signatures.people import keys_of, read_contact, read_name
from tracker.signatures.service import SignatureError
from tracker.signatures.traces import leave_no_trace
from tracker.signatures.views import bp
from tracker.signatures.views.adding import asked_company, holding_claim
from tracker.signatures.views.lists import Answer, reader
from tracker.web.again import again
from tracker.web.once import once
from tracker.words import LazyString, _


@bp.get("/campaigns/<slug>/signatories/<public_id>")
@for_campaign(Level.READ)
def show(campaign: Campaign, public_id: str) -> Answer:
    """Everything but the contact data."""
    return _page(campaign, seen_signatory(campaign, public_id))


@bp.post("/campaigns/<slug>/signatories/<public_id>/contact")
@for_campaign(Level.READ)
def show_contact(campaign: Campaign, public_id: str) -> Answer:
    """The same with the contact data, for a reason that is written down."""
    account, _level, _sight = reader(campaign)
    signatory, form, now = seen_signatory(campaign, public_id), LookForm(), clock.now()
    if not account.may_see_contacts:
        abort(403)
    ask_for_factor()
    if not form.validate_on_submit() or not proved_lately_or_now(form):
        return _page(campaign, signatory, contacts=form)
    with transaction():
        contact = read_contact(signatory, keys_of(campaign, now=now))
        record_access(
            account,
            campaign_id=campaign.id,
            reading=Reading.VIEWED,
            count=1 if any(contact) else 0,
            reason=form.reason.data,
            now=now,
        )
    return _page(campaign, signatory, contact=contact)


@bp.post("/campaigns/<slug>/signatories/<public_id>/holdings")
@for_campaign(Level.EDIT)
def add_holding(campaign: Campaign, public_id: str) -> Answer:
    """What an organisation holds, beside what was recorded before."""
    signatory, form, now = seen_signatory(campaign, public_id), HoldingForm(), clock.now()
    if signatory.organisation is None:
        abort(404)
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                service.record_holding(signatory.organisation, holding_claim(form, now), actor=me(), now=now)
                saved.leads_to(page_of(campaign, signatory))
        except (SignatureError, CompanyError) as error:
            form.fail(error)
        else:
            flash(_("Recorded the holding."), "success")
            return redirect(saved.where)
    return _page(campaign, signatory, holding=form)


@bp.post("/campaigns/<slug>/signatories/<public_id>/appearance")
@for_campaign(Level.EDIT)
def change_appearance(campaign: Campaign, public_id: str) -> Answer:
    """Show it less. More is for the signer alone."""
    signatory, form, now = seen_signatory(campaign, public_id), AppearanceForm(), clock.now()
    if not form.validate_on_submit():
        return _page(campaign, signatory, appearance=form)
    return _act(
        campaign,
        signatory,
        lambda signature: service.change_appearance(
            signature, Appearance(form.appearance.data), by_signer=False, actor=me(), now=now
        ),
        _("Changed how it is shown."),
        appearance=form,
    )


@bp.post("/campaigns/<slug>/signatories/<public_id>/withdraw")
@for_campaign(Level.EDIT)
def withdraw(campaign: Campaign, public_id: str) -> Answer:
    """The signer takes it back."""
    signatory, form, now = seen_signatory(campaign, public_id), EndForm(prefix="withdraw"), clock.now()
    if not form.validate_on_submit():
        return _page(campaign, signatory, withdrawal=form)
    return _act(
        campaign,
        signatory,
        lambda signature: service.withdraw_signature(signature, reason=form.reason.data or "", actor=me(), now=now),
        _("Withdrawn; it counts no more."),
        withdrawal=form,
    )


@bp.post("/campaigns/<slug>/signatories/<public_id>/invalidate")
@for_campaign(Level.EDIT)
def invalidate(campaign: Campaign, public_id: str) -> Answer:
    """It never was a signature."""
    signatory, form, now = seen_signatory(campaign, public_id), EndForm(prefix="invalidate"), clock.now()
    if not form.validate_on_submit():
        return _page(campaign, signatory, invalidation=form)
    return _act(
        campaign,
        signatory,
        lambda signature: service.invalidate_signature(signature, reason=form.reason.data or "", actor=me(), now=now),
        _("It counts no more."),
        invalidation=form,
    )


@bp.post("/campaigns/<slug>/signatories/<public_id>/confirm")
@for_campaign(Level.EDIT)
def confirm_organisation(campaign: Campaign, public_id: str) -> Answer:
    """An organisation did sign: it counts from now on."""
    now = clock.now()
    return _act(
        campaign,
        seen_signatory(campaign, public_id),
        lambda signature: service.confirm_organisation(signature, actor=me(), now=now),
        _("Confirmed: it counts from now on."),
    )


@bp.post("/campaigns/<slug>/signatories/<public_id>/reinstate")
@for_campaign(Level.EDIT)
def reinstate(campaign: Campaign, public_id: str) -> Answer:
    """It was a signature after all."""
    now = clock.now()
    return _act(
        campaign,
        seen_signatory(campaign, public_id),
        lambda signature: service.reinstate_signature(signature, actor=me(), now=now),
        _("It counts again."),
    )


@bp.post("/campaigns/<slug>/signatories/<public_id>/remove")
@for_campaign(Level.EDIT)
def remove(campaign: Campaign, public_id: str) -> Answer:
    """Destroy what is known of a signatory, also in the outbox, the folder of mails and SQLite's log."""
    now, not_again = clock.now(), "not_again" in request.form

    def destroyed() -> tuple[list[str], str]:
        with once() as saved:
            mails = service.erase(seen_signatory(campaign, public_id), actor=me(), not_again=not_again, now=now)
            saved.leads_to(url_for("signatures.index", slug=campaign.slug))
        return mails, saved.where

    mails, where = again(destroyed)
    leave_no_trace(mails)
    flash(_("What was known of one signatory was destroyed."), "success")
    return redirect(where)


def _act(
    campaign: Campaign,
    signatory: Signatory,
    verb: Callable[[Signature], None],
    said: LazyString,
    **forms: Any,
) -> Answer:
    """One verb on the newest signature; refused, the page shows the form again with the reason."""
    public_id = signatory.public_id
    form = next(iter(forms.values()), None)

    def done() -> str:
        with once(form) as saved:
            verb(_newest(seen_signatory(campaign, public_id)))
            saved.leads_to(page_of(campaign, signatory))
        return saved.where

    try:
        where = again(done)
    except SignatureError as error:
        if form is None:
            flash(str(error), "warning")
            return redirect(url_for("signatures.show", slug=campaign.slug, public_id=public_id))
        form.fail(error)
        return _page(campaign, seen_signatory(campaign, public_id), **forms)
    flash(said, "success")
    return redirect(where)


def seen_signatory(campaign: Campaign, public_id: str) -> Signatory:
    """The signatory, for whoever sees the names here; for anybody else it is not there."""
    _account, _level, sight = reader(campaign)
    signatory = queries.signatory_by_public_id(campaign, public_id)
    if signatory is None or sight < Sight.NAMES:
        abort(404)
    return signatory


def _newest(signatory: Signatory) -> Signature:
    return max(signatory.signatures, key=lambda signature: signature.id)


def page_of(campaign: Campaign, signatory: Signatory) -> str:
    """The address of its page."""
    return url_for("signatures.show", slug=campaign.slug, public_id=signatory.public_id)


def _page(campaign: Campaign, signatory: Signatory, *, contact: tuple[str, ...] | None = None, **forms: Any) -> Answer:
    account, level, _sight = reader(campaign)
    signature, keys = _newest(signatory), keys_of(campaign, now=clock.now())
    less = [each for each in Appearance if each.rank < signature.appearance.rank]
    if signatory.kind is SignatoryKind.ORGANISATION:
        less = [each for each in less if each is not Appearance.INITIALS]
    shown = {
        "appearance": AppearanceForm(formdata=None),
        "withdrawal": EndForm(formdata=None, prefix="withdraw"),
        "invalidation": EndForm(formdata=None, prefix="invalidate"),
        "contacts": LookForm(formdata=None),
        "holding": HoldingForm(formdata=None, company=asked_company(campaign)),
        **forms,
    }
    return render_template(
        "signatures/show.html",
        campaign=campaign,
        signatory=signatory,
        signature=signature,
        person=read_name(signatory, keys),
        merged=[(row, read_name(row, keys)) for row in merged_into(signatory)],
        less=less,
        holdings=queries.holdings_of(signatory.organisation) if signatory.organisation else [],
        may_edit=level >= Level.EDIT,
        may_see_contacts=account.may_see_contacts,
        contact=contact,
        asked=asked_again(),
        **shown,
    ), 422 if any(form.errors for form in forms.values()) else 200
