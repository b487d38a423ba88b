"""The mails about signing. None of them holds a name: the pages behind their links do.

A mail to the company that is asked, or about a campaign that is not public, does not say which campaign it is: others
may read that mailbox (safety.md, 3).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import sqlalchemy as sa

from tracker.campaigns.at_target import is_at_target
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db
from tracker.mail import outbox
from tracker.mail.models import Email, EmailKind, EmailState
from tracker.mail.render import Message, rendered_once
from tracker.sealing import keyring
from tracker.settings import config
from tracker.signatures.addressed import Addressed


def told_title(campaign: Campaign, address: str, target_names: Iterable[str] | None = None) -> str:
    """The campaign's title where this mailbox may read it; else nothing. `target_names`: see `is_at_target`."""
    is_open = campaign.visibility is Visibility.PUBLIC and not campaign.is_protected
    return campaign.title if is_open and not is_at_target(address, campaign, target_names) else ""


def confirm_signature(
    address: str, campaign: Campaign, url: str, known: Addressed, *, locale: str, now: dt.datetime, is_quiet: bool
) -> None:
    """Did you sign this letter? Nothing counts unless the owner of the address says so. Quiet: written, never sent."""
    title, days = told_title(campaign, address, known.target_names), config().durations.signing_request.days
    message = rendered_once("confirm_signature", locale=locale, title=title, days=days)
    _put(message, address, {"confirm": url}, known, now, is_quiet=is_quiet)


def already_signed(
    address: str, campaign: Campaign, url: str, known: Addressed, *, locale: str, now: dt.datetime
) -> None:
    """You signed it before; here is where to see and change that."""
    title = told_title(campaign, address, known.target_names)
    _put(rendered_once("already_signed", locale=locale, title=title), address, {"receipt": url}, known, now)


def signature_receipt(address: str, campaign: Campaign, url: str, *, locale: str, now: dt.datetime) -> None:
    """You signed; this link lets you see, hide, withdraw and erase it."""
    message = rendered_once("signature_receipt", locale=locale, title=told_title(campaign, address))
    outbox.put(message, to=address, kind=EmailKind.CONFIRMATION, now=now, links={"receipt": url})


def text_changed(address: str, campaign: Campaign, url: str, *, locale: str, now: dt.datetime) -> outbox.Put:
    """What you signed was changed in substance; this link lets you sign the new text too. No stranger can cause it, so
    the number of mails a day, which a stranger can use up, does not stop it."""
    message = rendered_once("text_changed", locale=locale, title=told_title(campaign, address))
    kind = EmailKind.CONFIRMATION
    return outbox.put(message, to=address, kind=kind, now=now, links={"receipt": url}, is_of_many=True)


def _put(
    message: Message, address: str, links: dict[str, str], known: Addressed, now: dt.datetime, *, is_quiet: bool = False
) -> None:
    """Write a mail that anybody can cause. Beyond the number a day, and to whoever is kept out, it is written as one
    that is cancelled already, by the same statements, so that the page takes the same time for everybody."""
    kind, suppressed, refused = EmailKind.CONFIRMATION, known.suppressed, refusal(known, is_quiet=is_quiet)
    outbox.put(message, to=address, kind=kind, now=now, links=links, refused=refused, suppressed=suppressed)


def refusal(known: Addressed, *, is_quiet: bool) -> str:
    """Why what anybody can cause is not sent to this address; empty when it is. Quiet: whoever is kept out."""
    if is_quiet:
        return "The campaign takes no signatures from there."
    is_enough = known.mailed >= config().durations.sign_mails_a_day
    return "This address was mailed often enough today." if is_enough else ""


def forget_mails(
    address: str, *, now: dt.datetime, which: sa.ColumnElement[bool] = Email.kind == EmailKind.CONFIRMATION
) -> list[str]:
    """Forget who was mailed at this address about confirming, or `which`, and stop what was not sent; the public ids of
    the mails, whose files the caller removes. A mail just on its way is forgotten with the others, a week later."""
    found = db.session.scalars(
        sa.select(Email).where(
            Email.recipient_hash.in_(keyring().address_hashes(address)),
            which,
            Email.state.not_in([EmailState.CLAIMED, EmailState.TRANSMIT]),
            Email.wiped_at.is_(None),
        )
    ).all()
    for email in found:
        if email.state is EmailState.PENDING:
            outbox.cancel(email, "The receiver erased what was kept.", now=now)
        outbox.wipe(email, now=now)
    return [email.public_id for email in found]
