"""What is known of a signatory is corrected; what its signer wrote is left out at most."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template
from sqlalchemy.orm.exc import StaleDataError

from tracker import clock
from tracker.accounts.access import me
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.signatures import service
from tracker.signatures.forms import EditForm, LeaveOutForm
from tracker.signatures.models import Signatory, SignatoryKind
from tracker.signatures.one_person import wrote_it
from tracker.signatures.people import Person, keys_of, read_name
from tracker.signatures.service import SignatureError
from tracker.signatures.views import bp
from tracker.signatures.views.lists import Answer
from tracker.signatures.views.one import page_of, seen_signatory
from tracker.timeline.editing import Stale
from tracker.web.conflict import clash
from tracker.web.once import once
from tracker.words import _


@bp.route("/campaigns/<slug>/signatories/<public_id>/edit", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def edit(campaign: Campaign, public_id: str) -> Answer:
    """Correct a name, what is said beside it, or an address."""
    signatory, now = seen_signatory(campaign, public_id), clock.now()
    if signatory.kind is SignatoryKind.ORGANISATION:
        abort(404)  # its name belongs to the organisation, which has a page of its own
    known = read_name(signatory, keys_of(campaign, now=now))
    form, conflict = _form(signatory, known), None
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                service.edit_signatory(
                    signatory,
                    form.person,
                    keep_address=form.keeps_address,
                    seen=form.version_number,
                    actor=me(),
                    now=now,
                )
                saved.leads_to(page_of(campaign, signatory))
        except (Stale, StaleDataError):
            db.session.refresh(signatory)
            known = read_name(signatory, keys_of(campaign, now=now))
            conflict = clash(form, _form(signatory, known, formdata=None))
        except SignatureError as error:
            form.fail(error)
        else:
            flash(_("Saved."), "success")
            return redirect(saved.where)
    return render_template(
        "signatures/edit.html",
        form=form,
        campaign=campaign,
        signatory=signatory,
        known=known,
        wrote_it=isinstance(form, LeaveOutForm),
        conflict=conflict,
        has_address=signatory.address_sealed is not None,
    ), 409 if conflict else 422 if form.errors else 200


def _form(signatory: Signatory, known: Person, **formdata: Any) -> EditForm | LeaveOutForm:
    if wrote_it(signatory):
        return LeaveOutForm(known, signatory.address_sealed is not None, signatory.version, **formdata)
    naming = {name: getattr(known, name) for name in ("name", "office", "affiliation", "team", "city")}
    return EditForm(data={"version": signatory.version, **naming}, **formdata)
