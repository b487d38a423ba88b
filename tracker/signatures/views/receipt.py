"""The receipt: a signer sees, hides, withdraws and erases their own signature, by a link and without an account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.accounts.access import public
from tracker.accounts.limits import per_network
from tracker.campaigns import queries as campaigns
from tracker.campaigns.models import Visibility
from tracker.signatures import receipts, service
from tracker.signatures.consent import CONSENT, CURRENT
from tracker.signatures.models import COUNTED, Appearance, Signatory, SignatureStatus
from tracker.signatures.news import news_of
from tracker.signatures.one_person import merged_into, who_counts
from tracker.signatures.people import keys_of, read_contact, read_name
from tracker.signatures.service import SignatureError, own
from tracker.signatures.sign_forms import AgainForm, EraseForm, OwnForm, OwnWordsForm, PressForm
from tracker.signatures.signings import SigningState, signing_of, state_of
from tracker.signatures.traces import leave_no_trace
from tracker.signatures.views import bp
from tracker.signatures.words import OWN_APPEARANCES, STATUSES
from tracker.web.again import again
from tracker.web.csrf import csrf
from tracker.web.headers import token_page
from tracker.words import _

GONE = _("Nothing is kept behind this link: it was erased, or the link is not whole.")
SAID = {
    "signed": _("You signed. Keep this page’s address, or the mail with it: it is your receipt."),
    "changed": _("Saved."),
    "withdrawn": _("Withdrawn: your signature counts no more and is shown nowhere."),
}
OFTEN = "30 per minute; 200 per hour"


@bp.get("/signed/<token>")
@public
@token_page
def receipt(token: str) -> ResponseReturnValue:
    """What is kept, and what its owner can do about it. Opening it changes nothing."""
    row = receipts.row_of(token, now=clock.now())
    return _page(token, row) if row is not None else _gone()


@bp.post("/signed/<token>/appearance")
@public
@csrf.exempt  # the secret in the address is the right to do this; these pages set no cookie
@token_page
@per_network("receipt", OFTEN)
def appear(token: str) -> ResponseReturnValue:
    """Be shown more or less; hear of news or not."""
    now, form = clock.now(), OwnForm()
    if form.validate_on_submit():
        chosen, hears = Appearance(form.appearance.data), bool(form.updates.data)
        try:
            found = _do(token, now, lambda row: own.appear(row, chosen, wishes_updates=hears, now=now))
        except SignatureError as error:
            form.fail(error)
        else:
            return _back(token, "changed") if found else _gone()
    row = receipts.row_of(token, now=now)
    return (_page(token, row, own_form=form), 422) if row is not None else _gone()


@bp.post("/signed/<token>/words")
@public
@csrf.exempt  # as above
@token_page
@per_network("receipt", OFTEN)
def change_own_words(token: str) -> ResponseReturnValue:
    """Say something else beside the name, or nothing."""
    now = clock.now()
    if (row := receipts.row_of(token, now=now)) is None:
        return _gone()
    form = _words(row, now)
    if form.validate_on_submit():
        try:
            found = _do(token, now, lambda row: own.change_words(row, form.said(), now=now))
        except SignatureError as error:
            form.fail(error)
        else:
            return _back(token, "changed") if found else _gone()
    row = receipts.row_of(token, now=now)
    return (_page(token, row, words=form), 422) if row is not None else _gone()


@bp.post("/signed/<token>/withdraw")
@public
@csrf.exempt  # as above
@token_page
@per_network("receipt", OFTEN)
def withdraw_own(token: str) -> ResponseReturnValue:
    """Take the signature back."""
    now = clock.now()
    found = _do(token, now, lambda row: own.withdraw(row, now=now))
    return _back(token, "withdrawn") if found else _gone()


@bp.post("/signed/<token>/again")
@public
@csrf.exempt  # as above
@token_page
@per_network("receipt", OFTEN)
def sign_again(token: str) -> ResponseReturnValue:
    """Sign once more."""
    now, form = clock.now(), AgainForm()
    if form.validate_on_submit():
        try:
            found = _do(token, now, lambda row: own.sign_again(row, consent_version=CURRENT, now=now))
        except SignatureError as error:
            form.fail(error)
        else:
            return _back(token, "signed") if found else _gone()
    row = receipts.row_of(token, now=now)
    return (_page(token, row, again_form=form), 422) if row is not None else _gone()


@bp.post("/signed/<token>/erase")
@public
@csrf.exempt  # as above
@token_page
@per_network("receipt", OFTEN)
def erase(token: str) -> ResponseReturnValue:
    """Destroy what is kept, also in the log that the database writes ahead and in the folder of mails."""
    now, form, mails = clock.now(), EraseForm(), list[str]()
    if not form.validate_on_submit():
        row = receipts.row_of(token, now=now)
        return (_page(token, row, erasing=form), 422) if row is not None else _gone()
    not_again = bool(form.not_again.data)
    if not _do(token, now, lambda row: mails.extend(service.erase_own(row, not_again=not_again, now=now))):
        return _gone()
    leave_no_trace(mails)
    return render_template("signatures/erased.html")


def _do(token: str, now: dt.datetime, verb: Callable[[Signatory], object]) -> bool:
    """What a signer does with the row of their receipt, also when they press twice; False when nothing is there."""

    def found() -> bool:
        row = receipts.row_of(token, now=now)
        if row is not None:
            verb(row)
        return row is not None

    return again(found)


def _page(
    token: str,
    row: Signatory,
    *,
    own_form: OwnForm | None = None,
    words: OwnWordsForm | None = None,
    again_form: AgainForm | None = None,
    erasing: EraseForm | None = None,
) -> str:
    now, campaign, signatory = clock.now(), row.campaign, who_counts(row)
    signature, mine = own.newest(signatory), own.newest(row)
    keys = keys_of(campaign, now=now)
    is_open = state_of(signing_of(campaign), campaign, now=now) is SigningState.OPEN
    text = campaigns.latest_text(campaign)
    is_live = signature.status in own.LIVE
    is_older = is_live and own.text_has_changed(signature)
    form = own_form or OwnForm(formdata=None, appearance=own.chosen_by(row).value, updates=mine.wishes_updates)
    allowed = set(own.choices_of(row))
    form.appearance.choices = [one for one in form.appearance.choices if one.value in allowed]
    is_public = campaign.visibility is Visibility.PUBLIC and campaign.deleted_at is None
    return render_template(
        "signatures/receipt.html",
        token=token,
        said=SAID.get(request.args.get("said", "")),
        campaign=campaign,
        is_public=is_public,
        signatory=signatory,
        signature=signature,
        status=STATUSES[signature.status],
        statuses=SignatureStatus,
        has_address=row.address_sealed is not None,
        is_merged=row is not signatory or bool(merged_into(signatory)),
        person=read_name(row, keys),
        work_domain=row.work_domain,
        news=news_of(campaign) if signature.status in COUNTED else [],
        contact=[one for one in read_contact(row, keys) if one],
        appears=OWN_APPEARANCES[signature.appearance],
        consent=CONSENT.get(signature.consent_version),
        is_live=is_live,
        may_withdraw=is_live or (signature.status is SignatureStatus.INVALIDATED and signature.withdrawn_at is None),
        may_sign_again=is_open and own.is_asked_again(row),
        is_older=is_older,
        text=text,
        form=form,
        words=words or _words(row, now, typed=False),
        withdrawal=PressForm(formdata=None),
        again=again_form or AgainForm(formdata=None),
        erasing=erasing or EraseForm(formdata=None),
    )


def _words(row: Signatory, now: dt.datetime, *, typed: bool = True) -> OwnWordsForm:
    person = read_name(row, keys_of(row.campaign, now=now))
    signing = signing_of(row.campaign)
    kept = {name: getattr(person, name) for name in own.words_offered(row, person, signing)}
    needed = [name for name, text in kept.items() if text and own.is_needed(name, signing)]
    return OwnWordsForm(kept, needed, data=kept, **({} if typed else {"formdata": None}))


def _back(token: str, said: str) -> ResponseReturnValue:
    return redirect(url_for("signatures.receipt", token=token, said=said), 303)


def _gone() -> ResponseReturnValue:
    return render_template("signatures/over.html", words=str(GONE)), 410
