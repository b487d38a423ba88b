"""The links that only one signer has: to confirm, and the receipt. Good without an account, opaque, stored nowhere.

A token is a row's public id and a mark keyed by the campaign's data key, which lies in another store: a stolen database
opens no receipt, and where the key was destroyed there is nothing left to open.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.sealing import CampaignKeys, SealError, campaign_keys
from tracker.settings import config
from tracker.signatures.models import Signatory, Signature
from tracker.signatures.one_person import who_counts
from tracker.signatures.signings import SigningRequest

CONFIRM, RECEIPT, HEARS = "confirm", "receipt", "hears"
_ID_LENGTH, _MARK_LENGTH = 16, 40


def token(public_id: str, purpose: str, keys: CampaignKeys) -> str:
    """What stands in the address of a link with this purpose."""
    return public_id + keys.link_mark(f"{purpose}|{public_id}")[:_MARK_LENGTH]


def confirm_url(public_id: str, keys: CampaignKeys) -> str:
    """Where the owner of an address confirms."""
    return f"{config().public_base_url}/sign/{token(public_id, CONFIRM, keys)}"


def receipt_url(public_id: str, keys: CampaignKeys) -> str:
    """Where the signer with this public id sees, hides, withdraws and erases."""
    return f"{config().public_base_url}/signed/{token(public_id, RECEIPT, keys)}"


def request_of(given: str, *, now: dt.datetime) -> SigningRequest | None:
    """What waits for this link to be confirmed."""
    found = db.session.scalar(
        sa.select(SigningRequest)
        .where(SigningRequest.public_id == given[:_ID_LENGTH], SigningRequest.expires_at > now)
        .options(joinedload(SigningRequest.campaign), joinedload(SigningRequest.text))
    )
    return found if found is not None and _is(given, CONFIRM, found.campaign, now) else None


def signatory_of(given: str, *, now: dt.datetime, purpose: str = RECEIPT) -> Signatory | None:
    """Whose receipt this is; None when it is nobody's, or all was erased. One merged into another is that one."""
    public_id = given[:_ID_LENGTH]
    signatory = db.session.scalar(sa.select(Signatory).where(Signatory.public_id == public_id))
    if signatory is None or not (_is(given, purpose, signatory.campaign, now) or _is_kept(given, signatory)):
        return None
    signatory = who_counts(signatory)
    if signatory.deleted_at is not None:
        return None
    return db.session.scalar(
        sa.select(Signatory)
        .where(Signatory.id == signatory.id)
        .options(selectinload(Signatory.signatures).joinedload(Signature.text))
    )


def kept_mark(public_id: str, keys: CampaignKeys) -> str:
    """What is kept of a receipt's address when the keys are destroyed and the name stays: it is still known again."""
    return _plain_hash(token(public_id, RECEIPT, keys))


def _is_kept(given: str, signatory: Signatory) -> bool:
    return signatory.kept_mark is not None and hmac.compare_digest(signatory.kept_mark, _plain_hash(given))


def _plain_hash(given: str) -> str:
    return hashlib.sha256(f"receipt|{given}".encode()).hexdigest()


def row_of(given: str, *, now: dt.datetime, purpose: str = RECEIPT) -> Signatory | None:
    """The row that a receipt, or another link, was made for, whichever row counts for it; None when it is nobody's, or
    was erased. What is kept of its owner stands there: another row may have been merged with it by mistake, and is
    somebody else's."""
    counting = signatory_of(given, now=now, purpose=purpose)
    public_id = given[:_ID_LENGTH]
    if counting is None or counting.public_id == public_id:
        return counting
    return db.session.scalars(
        sa.select(Signatory)
        .where(Signatory.public_id == public_id, Signatory.deleted_at.is_(None))
        .options(selectinload(Signatory.signatures).joinedload(Signature.text))
    ).one_or_none()


def _is(given: str, purpose: str, campaign: Campaign, now: dt.datetime) -> bool:
    try:
        wanted = token(given[:_ID_LENGTH], purpose, campaign_keys(campaign.public_id, now=now))
    except SealError:
        return False
    return hmac.compare_digest(wanted.encode(), given.encode())
