"""The mail to signers who wished to hear. It holds no name; where a mailbox may not know the letter, no word of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from tracker.campaigns.models import Campaign
from tracker.mail import outbox
from tracker.mail.mailings import Mailing, put_mailings
from tracker.mail.models import EmailBody, EmailKind
from tracker.mail.outbox import Receiver
from tracker.mail.render import render
from tracker.signatures.emails import told_title


def signer_update(
    receivers: Sequence[Receiver], campaign: Campaign, words: str, *, locale: str, now: dt.datetime
) -> list[EmailBody]:
    """Write it to these: those who may read which letter it is, and those whose mailbox may not. The stored words."""
    bodies = []
    for is_told in (True, False):
        some = [one for one in receivers if bool(told_title(campaign, one.to)) is is_told]
        if not some:
            continue
        told = {"title": campaign.title, "words": words} if is_told else {"title": "", "words": ""}
        message = render("signer_update", locale=locale, **told)
        outbox.check_links(message, some)
        bodies.append(outbox.put_body(message, now=now))
        put_mailings([Mailing(bodies[-1], some)], kind=EmailKind.UPDATE, now=now)
    return bodies
