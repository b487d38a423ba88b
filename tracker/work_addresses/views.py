"""A code is asked for and signed with, on pages without a session; and those who lead say at which domains.

As on all pages of signers no cookie is set: what is typed is the right to do it (tracker/signatures/views/signing.py).
"""

from __future__ import annotations

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from tracker import clock
from tracker.accounts.access import me, public
from tracker.accounts.limits import per_network
from tracker.breakdowns.queries import by_domain
from tracker.breakdowns.words import NOTHING
from tracker.campaigns import queries as campaigns
from tracker.campaigns.access import Level, for_campaign, stays
from tracker.campaigns.models import Campaign
from tracker.db import transaction
from tracker.jobs import SEND_MAIL, nudge
from tracker.sealing import campaign_keys
from tracker.settings import config
from tracker.signatures import receipts, trap
from tracker.signatures.codes import RECEIPT_LENGTH, codes_made, in_groups, new_code, typed_code
from tracker.signatures.places import Shape
from tracker.signatures.service import SignatureError
from tracker.signatures.signings import Signing, SigningState, signing_of, state_of
from tracker.signatures.traces import leave_no_trace
from tracker.signatures.views.calls import public_key
from tracker.signatures.views.signing import campaign_of, stamp
from tracker.timeline.in_place import save_form
from tracker.web.csrf import csrf
from tracker.web.headers import token_page
from tracker.words import _
from tracker.work_addresses import service
from tracker.work_addresses.forms import DomainsForm, WorkAddressForm, WorkSignForm
from tracker.work_addresses.queries import domains_of

bp = Blueprint("work_addresses", __name__)


@bp.route("/c/<key>/work", methods=["GET", "POST"])
@public
@csrf.exempt  # these pages set no cookie: whoever types an address learns nothing of it
@token_page
@per_network("work-code-ask", "10 per minute; 40 per hour")
def ask(key: str) -> ResponseReturnValue:
    """Ask for a code. The page that follows is the same for every address."""
    campaign, signing = _open_or_404(key)
    if signing is None:
        return _closed(campaign, key)
    form, now = WorkAddressForm(), clock.now()
    if form.validate_on_submit():
        refused = trap.refusal(campaign.public_id, str(form.stamp.data or ""), str(form.remarks.data or ""), now)
        if refused is not None:
            form.form_errors.append(str(refused))
        else:
            try:
                with transaction():
                    service.ask_for_code(
                        campaign_of(key),
                        str(form.email.data),
                        locale=str(get_locale() or "en"),
                        now=now,
                        network=request.remote_addr,
                    )
            except SignatureError as error:
                form.fail(error)
            else:
                nudge(SEND_MAIL)
                return redirect(url_for("work_addresses.sign", key=key), 303)
    form.stamp.data, form.remarks.data = trap.stamp(campaign.public_id, now), ""
    form.stamp.raw_data = form.remarks.raw_data = None
    page = render_template(
        "work_addresses/ask.html",
        campaign=campaign,
        key=key,
        form=form,
        domains=domains_of(signing),
        has_codes=codes_made(campaign) > 0,
        minutes=_minutes(),
    )
    return page, 422 if form.errors or form.form_errors else 200


@bp.route("/c/<key>/work/code", methods=["GET", "POST"])
@public
@csrf.exempt  # as above: the code is the right to sign, once
@token_page
@per_network("work-code", "10 per minute; 60 per hour")
def sign(key: str) -> ResponseReturnValue:
    """Sign with the code from the mail. The page that follows shows the receipt code, this once."""
    campaign, signing = _open_or_404(key)
    if signing is None:
        return _closed(campaign, key)
    form, now, text = WorkSignForm(Shape.of(campaign, signing)), clock.now(), campaigns.latest_text(campaign)
    if form.validate_on_submit():
        refused = trap.refusal(campaign.public_id, str(form.stamp.data or ""), str(form.remarks.data or ""), now)
        if refused is not None:
            form.form_errors.append(str(refused))
        else:
            try:
                with transaction():
                    signatory, mails = service.sign_at_work(
                        campaign_of(key), str(form.code.data), str(form.receipt.data or ""), form.wish(), now=now
                    )
                    keys = campaign_keys(campaign.public_id, now=now)
                    token = receipts.token(signatory.public_id, receipts.RECEIPT, keys)
            except SignatureError as error:
                form.fail(error)
            else:
                leave_no_trace(mails)
                receipt = in_groups(typed_code(str(form.receipt.data)))
                return render_template(
                    "signatures/signed_by_code.html", receipt=receipt, token=token, key=key, by_mail=True
                )
    elif not form.is_submitted():
        form.receipt.data = new_code(RECEIPT_LENGTH)
    stamp(form, campaign, text.id if text is not None else None)
    page = render_template(
        "work_addresses/sign.html",
        campaign=campaign,
        key=key,
        form=form,
        text=text,
        domains=domains_of(signing),
        minutes=_minutes(),
    )
    return page, 422 if form.errors or form.form_errors else 200


@bp.route("/campaigns/<slug>/signing/work-addresses", methods=["GET", "POST"])
@for_campaign(Level.LEAD)
@stays
def show(campaign: Campaign) -> ResponseReturnValue:
    """At which domains an address gets a code, who may still see it, and how many signed so."""
    signing, now = signing_of(campaign), clock.now()
    domains = domains_of(signing)
    form = DomainsForm(obj=signing, domains="\n".join(domains), understood=bool(domains))
    if form.validate_on_submit():
        saved = save_form(
            form,
            lambda: service.allow_domains(campaign, form.typed, seen=form.version_number, actor=me(), now=now),
            leads_to=url_for("work_addresses.show", slug=campaign.slug),
            refused=SignatureError,
            said=_("Saved."),
        )
        if saved is not None:
            return saved
    page = render_template(
        "work_addresses/show.html",
        campaign=campaign,
        form=form,
        domains=domains,
        is_reachable=public_key(campaign) is not None,
        is_open=state_of(signing, campaign, now=now) is SigningState.OPEN,
        counted=by_domain(campaign),
        nothing=NOTHING,
        sender=config().mail.sender,
        look_up_days=config().durations.look_up_kept.days,
        minutes=_minutes(),
    )
    return page, 422 if form.errors or form.form_errors else 200


def _open_or_404(key: str) -> tuple[Campaign, Signing | None]:
    """The campaign, and its signing if that is open; not there where no domain is allowed."""
    campaign = campaign_of(key)
    g.token_page = True  # whoever was here wanted to sign: no referrer, no cache, not indexed, on public pages too
    signing = signing_of(campaign)
    if not domains_of(signing):
        abort(404)
    return campaign, signing if state_of(signing, campaign, now=clock.now()) is SigningState.OPEN else None


def _closed(campaign: Campaign, key: str) -> str:
    return render_template("signatures/sign.html", campaign=campaign, key=key, form=None, text=None, is_public=False)


def _minutes() -> int:
    return int(config().durations.work_code.total_seconds() // 60)
