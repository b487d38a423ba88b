"""The links that were mailed, or that only their receiver has, on the site of these tests."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from tests.browser.site import SHOP
from tests.support.mails import outbox
from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.digests import links
from tracker.digests.queries import subscriber_of
from tracker.sealing import campaign_keys
from tracker.signatures import receipts
from tracker.signatures.models import Signatory


def _campaign(title: str) -> Campaign:
    return db.session.scalars(sa.select(Campaign).where(Campaign.title == title)).one()


def _receipt(campaign: Campaign) -> str:
    standing = sa.select(Signatory).where(Signatory.campaign_id == campaign.id, Signatory.stands_as == "listed")
    signatory = db.session.scalars(standing.order_by(Signatory.id).limit(1)).one()
    keys = campaign_keys(campaign.public_id, now=clock.now())
    return receipts.token(signatory.public_id, receipts.RECEIPT, keys)


def unopened(app: Flask) -> dict[str, str]:
    """The links that were mailed or that only their receiver has, by endpoint."""
    with app.app_context():
        subscriber = subscriber_of(db.session.scalars(sa.select(Account).where(Account.name == "Heron")).one())
        assert subscriber is not None
        campaign = _campaign(SHOP)
        found = {
            "leaving.unsubscribe": f"/u/{links.token(subscriber, links.UNSUBSCRIBE)}",
            "signatures.receipt": f"/signed/{_receipt(campaign)}",
            "leaving.manage": f"/u/{links.token(subscriber, links.MANAGE)}/manage",
            "leaving.stop": f"/u/{links.token(subscriber, links.stop_purpose(campaign))}/stop/{campaign.public_id}",
        }
    (invitation,) = (mail for mail in outbox(app, "bo@example.org") if "accept" in mail.links)
    (asked,) = outbox(app, "cam@example.org")
    (to_sign,) = outbox(app, "fay@example.org")
    found["signatures.confirm"] = to_sign.path("confirm")
    return {**found, "accounts.accept": invitation.path("accept"), "following.confirm": asked.path("confirm")}
