"""Who leaves hears no more, also of what waits already.

Right before a mail of an update goes, its receiver must still be among those who hear: whoever withdrew, opted out or
was found invalid since is written nothing. What is kept of a mail goes with its receiver, who may ask for that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from tracker.campaigns.models import Campaign
from tracker.db import db, one_of
from tracker.deliveries.models import SignerUpdate, SignerUpdateBody
from tracker.deliveries.queries import hearing
from tracker.mail import outbox, unsealed
from tracker.mail.claims import Claimed
from tracker.mail.models import Email, EmailKind
from tracker.sealing import campaign_keys, keyring
from tracker.signatures import receipts
from tracker.signatures.emails import forget_mails
from tracker.signatures.news import on_forgetting
from tracker.signatures.one_person import who_counts
from tracker.signatures.people import read_contact
from tracker.signatures.service import own

LEFT = "the receiver wishes to hear no more, or signs no more"


def recheck(emails: Sequence[Claimed], now: dt.datetime) -> dict[int, str]:
    """Why some of these claimed mails may not go, by id. What no update is known of (written by an earlier version)
    goes as it is."""
    by_campaign: dict[int, list[Claimed]] = {}
    campaigns = _campaigns({email.body_id for email in emails if email.kind is EmailKind.UPDATE})
    for email in emails:
        if email.body_id in campaigns:
            by_campaign.setdefault(campaigns[email.body_id], []).append(email)
    refused: dict[int, str] = {}
    for campaign_id, mails in by_campaign.items():
        may_go = _still_hear(db.session.get_one(Campaign, campaign_id), mails, now)
        refused |= {email.id: LEFT for email in mails if email.id not in may_go}
    return refused


def end_news(email: Email, way_out: str, reason: str, now: dt.datetime) -> bool:
    """End the news to whoever had this mail, by the link in its head; whether anybody was found.

    After a week nothing here joins a mail to a signer, and nothing should: who complains sends the link along. The
    address is written to no more. Not by the link of another campaign's mail.
    """
    signatory = receipts.row_of(way_out.rpartition("/")[2], now=now, purpose=receipts.HEARS)
    if signatory is None or _campaigns([email.body_id]).get(email.body_id) != signatory.campaign_id:
        return False
    keys = campaign_keys(signatory.campaign.public_id, now=now)
    if address := read_contact(signatory, lambda: keys)[0]:
        outbox.suppress(keyring().address_hash(address), reason, now=now)
    own.hear_no_more(who_counts(signatory))
    return True


def _campaigns(bodies: Collection[int]) -> dict[int, int]:
    """Whose news these words are: campaigns, by body."""
    if not bodies:
        return {}
    known = sa.select(SignerUpdateBody.body_id, SignerUpdate.campaign_id).join(
        SignerUpdate, SignerUpdate.id == SignerUpdateBody.update_id
    )
    rows = db.session.execute(known.where(one_of(SignerUpdateBody.body_id, sorted(bodies))))
    return {row[0]: row[1] for row in rows}


def _still_hear(campaign: Campaign, mails: Sequence[Claimed], now: dt.datetime) -> set[int]:
    """The ids of the mails whose receivers are still among those who hear. Nobody is, once the keys are destroyed."""
    keys = campaign_keys(campaign.public_id, now=now)
    if not keys.can_look_up:
        return set()
    addresses = {email.id: unsealed.receiver_of(email) for email in mails}
    hashes = {number: keys.address_hash(address) for number, address in addresses.items() if address}
    still = hearing(campaign, set(hashes.values()))
    return {number for number, address_hash in hashes.items() if address_hash in still}


@on_forgetting
def forget_news(campaign: Campaign, address: str, now: dt.datetime) -> list[str]:
    """Forget whom this campaign's news was mailed to at this address, and stop what waits; news of other campaigns to
    the same address stays. The public ids of the mails."""
    others = (
        sa.select(SignerUpdateBody.body_id)
        .join(SignerUpdate, SignerUpdate.id == SignerUpdateBody.update_id)
        .where(SignerUpdate.campaign_id != campaign.id)
    )
    which = sa.and_(Email.kind == EmailKind.UPDATE, Email.body_id.not_in(others))
    return forget_mails(address, which=which, now=now)
