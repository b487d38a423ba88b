"""Signing with a code from a slip of paper, and the receipt code that opens what was signed."""

from __future__ import annotations

from flask import g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.accounts.access import public
from tracker.accounts.limits import per_network
from tracker.campaigns import queries as campaigns
from tracker.db import transaction
from tracker.sealing import campaign_keys
from tracker.signatures import receipts, service, trap
from tracker.signatures.codes import CODE_LENGTH, RECEIPT_LENGTH, in_groups, is_code, new_code, typed_code
from tracker.signatures.models import Signatory
from tracker.signatures.places import Shape
from tracker.signatures.service import SignatureError
from tracker.signatures.sign_forms import CodeSignForm, ReceiptForm
from tracker.signatures.signings import SigningState, signing_of, state_of
from tracker.signatures.views import bp
from tracker.signatures.views.signing import campaign_of, stamp
from tracker.web.csrf import csrf
from tracker.web.headers import token_page
from tracker.words import _

NOT_KNOWN = _("This receipt code is not known here. Look whether it is typed as you wrote it down.")


@bp.get("/c/<key>/code/<code>")
@public
@token_page
def scanned(key: str, code: str) -> ResponseReturnValue:
    """The form, with the code of a slip filled in. Opening it uses nothing up."""
    return _sign(key, code)


@bp.route("/c/<key>/code", methods=["GET", "POST"])
@public
@csrf.exempt  # these pages set no cookie: the code is the right to sign, once
@token_page
@per_network("sign-code", "10 per minute; 60 per hour")
def sign_by_code(key: str) -> ResponseReturnValue:
    """Sign without an address. The page that follows shows the receipt code, this once."""
    return _sign(key, "")


def _sign(key: str, code: str) -> ResponseReturnValue:
    campaign = campaign_of(key)
    g.token_page = True
    signing, now = signing_of(campaign), clock.now()
    is_open = state_of(signing, campaign, now=now) is SigningState.OPEN
    text = campaigns.latest_text(campaign)
    if signing is None or not is_open:
        page = render_template(
            "signatures/sign.html", campaign=campaign, key=key, form=None, text=text, is_public=False
        )
        return page, 200
    form = CodeSignForm(Shape.of(campaign, signing))
    if form.validate_on_submit():
        refused = trap.refusal(campaign.public_id, str(form.stamp.data or ""), str(form.remarks.data or ""), now)
        if refused is None:
            try:
                with transaction():
                    signatory = service.sign_by_code(
                        campaign_of(key), str(form.code.data), str(form.receipt.data or ""), form.wish(), now=now
                    )
                    token = _token(signatory)
            except SignatureError as error:
                form.fail(error)
            else:
                receipt = in_groups(typed_code(str(form.receipt.data)))
                return render_template("signatures/signed_by_code.html", receipt=receipt, token=token, key=key)
        else:
            form.form_errors.append(str(refused))
    elif not form.is_submitted():
        given = typed_code(code)
        form.code.data = in_groups(given) if is_code(given, CODE_LENGTH) else ""
        form.receipt.data = new_code(RECEIPT_LENGTH)
    stamp(form, campaign, text.id if text is not None else None)
    page = render_template("signatures/sign_by_code.html", campaign=campaign, key=key, form=form, text=text)
    return page, 422 if form.errors or form.form_errors else 200


@bp.route("/c/<key>/receipt", methods=["GET", "POST"])
@public
@csrf.exempt  # as above; the receipt code is the right
@token_page
@per_network("receipt-code", "10 per minute; 60 per hour")
def enter_receipt(key: str) -> ResponseReturnValue:
    """Type the receipt code; the receipt follows."""
    campaign, form = campaign_of(key), ReceiptForm()
    if form.validate_on_submit():
        signatory = service.signed_with(campaign, str(form.receipt.data), now=clock.now())
        if signatory is not None:
            return redirect(url_for("signatures.receipt", token=_token(signatory)), 303)
        form.receipt.errors = [*form.receipt.errors, str(NOT_KNOWN)]
    page = render_template("signatures/enter_receipt.html", key=key, form=form)
    return page, 422 if form.errors else 200


def _token(signatory: Signatory) -> str:
    keys = campaign_keys(signatory.campaign.public_id, now=clock.now())
    return receipts.token(signatory.public_id, receipts.RECEIPT, keys)
