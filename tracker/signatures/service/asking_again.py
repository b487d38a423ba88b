"""A text that was changed in substance asks those who signed an earlier one: by mail, with the link to their receipt.

A worker does it some while after the change, so that a slip can be mended first; only for the newest such version, only
while signing is open. Some signers a transaction, together with how far it is: killed anywhere, nobody is asked twice.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable

import sqlalchemy as sa

from tracker import clock
from tracker.campaigns.models import CampaignText
from tracker.db import db, insert_missing, transaction
from tracker.sealing import campaign_keys
from tracker.settings import config
from tracker.signatures import emails, receipts
from tracker.signatures.one_person import reached_by
from tracker.signatures.people import read_contact
from tracker.signatures.signings import Signing, SigningState, signing_of, state_of
from tracker.signatures.versions import TextAsking, changed_in_substance, signed_earlier

AT_ONCE = 100


def ask_again(*, now: dt.datetime, stopping: Callable[[], bool] = lambda: False) -> int:
    """Write the mails that are due; how many. Opens its own transactions."""
    with transaction():
        _begin(now)
    mailed = 0
    while not stopping() and (claimed := _claim()) is not None:
        text_id, lease = claimed
        while not stopping():
            with transaction():
                written = _some(text_id, lease)
            if written is None:
                break
            mailed += written
        else:
            with transaction():
                _let_go(text_id, lease)
    return mailed


def _begin(now: dt.datetime) -> None:
    """A row for each change of substance that is old enough and was not begun."""
    due = sa.select(CampaignText.id).where(
        CampaignText.is_substantive,
        CampaignText.number > 1,
        CampaignText.recorded_at <= now - config().durations.text_change_hold,
        ~sa.exists().where(TextAsking.text_id == CampaignText.id),
        sa.exists().where(Signing.campaign_id == CampaignText.campaign_id, Signing.opened_at.is_not(None)),
    )
    numbers = {"after_id": 0, "mailed": 0, "lease": ""}
    insert_missing(TextAsking, [{"text_id": number, **numbers} for number in sorted(db.session.scalars(due))])


def _claim() -> tuple[int, str] | None:
    now, lease = clock.now(), secrets.token_hex(8)
    with transaction():
        free = sa.select(TextAsking).where(
            TextAsking.ended_at.is_(None),
            sa.or_(TextAsking.leased_until.is_(None), TextAsking.leased_until < now),
        )
        row = db.session.scalars(
            free.order_by(TextAsking.text_id).limit(1).with_for_update(skip_locked=True)
        ).first()  # fmt: skip
        if row is None:
            return None
        row.lease, row.leased_until = lease, now + config().durations.claim_lease
        return row.text_id, lease


def _some(text_id: int, lease: str) -> int | None:
    """Ask some more; None when nobody is left, or another worker has it."""
    now = clock.now()
    row = db.session.scalars(sa.select(TextAsking).where(TextAsking.text_id == text_id).with_for_update()).one_or_none()
    if row is None or row.lease != lease:
        return None
    text, campaign = row.text, row.text.campaign
    newest = changed_in_substance(campaign.id)
    is_open = state_of(signing_of(campaign), campaign, now=now) is SigningState.OPEN
    found = signed_earlier(text, row.after_id, AT_ONCE) if is_open and newest is text else []
    if not found:
        row.ended_at, row.lease, row.leased_until = now, "", None
        return None
    keys = campaign_keys(campaign.public_id, now=now)
    for signatory in found:
        row_reached = reached_by(signatory)
        address = read_contact(row_reached, lambda: keys)[0] if row_reached else ""
        if row_reached and address:
            url = receipts.receipt_url(row_reached.public_id, keys)
            put = emails.text_changed(address, campaign, url, locale=campaign.locale, now=now)
            row.mailed += not put.is_refused
        row.after_id = signatory.id
    row.leased_until = now + config().durations.claim_lease
    return len(found)


def _let_go(text_id: int, lease: str) -> None:
    row = db.session.get(TextAsking, text_id)
    if row is not None and row.lease == lease:
        row.lease, row.leased_until = "", None
