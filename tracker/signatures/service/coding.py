"""Codes are made, used once, or destroyed unused; and a receipt code opens what its signer signed."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.sealing import CampaignKeys, campaign_keys
from tracker.signatures.codes import (
    RECEIPT_LENGTH,
    CodeBatch,
    SigningCode,
    codes_left,
    is_code,
    new_code,
    typed_code,
)
from tracker.signatures.models import Signatory
from tracker.signatures.people import hold_protection, insert_rows
from tracker.signatures.places import place_of
from tracker.signatures.service.asking import Wish, checked_wish
from tracker.signatures.service.confirming import new_for, write_signature
from tracker.signatures.service.errors import SignatureError
from tracker.timeline.queries import day_begins, day_in
from tracker.words import _

MOST_AT_ONCE, MOST_UNUSED = 200, 20_000
NOT_KNOWN = _("This code is not known here, or was used already. Look whether it is typed as on the slip.")


def make_codes(campaign: Campaign, number: int, *, now: dt.datetime) -> list[str]:
    """Make codes and return them, this once: only their hashes are kept. Raises SignatureError."""
    if not 1 <= number <= MOST_AT_ONCE:
        raise SignatureError(_("Between 1 and 200 at once."), "number")
    if codes_left(campaign) + number > MOST_UNUSED:
        raise SignatureError(_("There are enough unused codes; destroy them before you make more."), "number")
    keys = campaign_keys(campaign.public_id, now=now)
    codes: set[str] = set()
    while len(codes) < number:
        codes.add(new_code())
    db.session.add(CodeBatch(campaign_id=campaign.id, made=number, made_on=day_in(campaign.zone, now)))
    # By their hashes, so that the order of the rows tells nothing of the order on paper.
    hashes = sorted(keys.code_hash(code) for code in codes)
    insert_rows(SigningCode, [{"campaign_id": campaign.id, "code_hash": one} for one in hashes])
    return list(codes)


def destroy_codes(campaign: Campaign) -> int:
    """Destroy every unused code; how many. What was signed stays."""
    gone = db.session.execute(
        sa.delete(SigningCode)
        .where(SigningCode.campaign_id == campaign.id)
        .execution_options(synchronize_session=False)
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]


def sign_by_code(campaign: Campaign, typed: str, receipt: str, wish: Wish, *, now: dt.datetime) -> Signatory:
    """Sign with a code from a slip. `receipt`: the receipt code that the form came with, known only by its mark after.

    The code is used up. The same form sent once more leads to what it signed. Raises SignatureError.
    """
    keys = campaign_keys(campaign.public_id, now=now)
    receipt = typed_code(receipt)
    if not is_code(receipt, RECEIPT_LENGTH):
        raise SignatureError(_("The form was not whole. Open the page once more."))
    wish = checked_wish(place_of(campaign), wish, now, needs_address=False)
    used = db.session.execute(
        sa.delete(SigningCode)
        .where(SigningCode.campaign_id == campaign.id, SigningCode.code_hash == keys.code_hash(typed_code(typed)))
        .returning(SigningCode.id)
        .execution_options(synchronize_session=False)
    ).first()
    if used is None:
        known = signed_with(campaign, receipt, now=now)
        if known is None:
            raise SignatureError(NOT_KNOWN, "code")
        return known
    return sign_without_address(campaign, receipt, wish, keys, now=now)


def sign_without_address(
    campaign: Campaign, receipt: str, wish: Wish, keys: CampaignKeys, *, now: dt.datetime
) -> Signatory:
    """Somebody whose right to sign was shown by a code signs, now; `receipt` is their receipt code, as kept in mind."""
    # Of a small group even the minute tells who signed: all is kept as of the beginning of the day.
    day = day_begins(campaign.zone, now)
    hold_protection(campaign)
    signatory = new_for(campaign, wish, keys, day)
    signatory.receipt_mark = _mark(receipt, keys)
    write_signature(signatory, wish, now=day)
    return signatory


def signed_with(campaign: Campaign, typed: str, *, now: dt.datetime) -> Signatory | None:
    """Who signed with this receipt code, unless all was erased; perhaps merged into another."""
    receipt = typed_code(typed)
    if not is_code(receipt, RECEIPT_LENGTH):
        return None
    mark = _mark(receipt, campaign_keys(campaign.public_id, now=now))
    return db.session.scalar(
        sa.select(Signatory).where(
            Signatory.campaign_id == campaign.id, Signatory.receipt_mark == mark, Signatory.deleted_at.is_(None)
        )
    )


def _mark(receipt: str, keys: CampaignKeys) -> str:
    return keys.link_mark(f"receipt code|{receipt}")
