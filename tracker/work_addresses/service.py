"""Domains are allowed; a code is mailed; whoever has it signs, once an address. Inside the caller's transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.breakdowns.service import count_domains
from tracker.campaigns.models import Campaign
from tracker.db import db, dialect, inserting
from tracker.mail import outbox
from tracker.mail.models import Email, EmailState
from tracker.sealing import campaign_keys
from tracker.settings import config
from tracker.signatures.addressed import addressed
from tracker.signatures.blocks import BlockKind, is_blocked
from tracker.signatures.codes import RECEIPT_LENGTH, in_groups, is_code, new_code, typed_code
from tracker.signatures.models import Signatory
from tracker.signatures.places import place_of
from tracker.signatures.service import FormAsks, SignatureError, Wish, set_up_signing, signed_with
from tracker.signatures.service.asking import CLOSED, checked_wish
from tracker.signatures.service.blocking import understood
from tracker.signatures.service.coding import sign_without_address
from tracker.signatures.service.telling import append
from tracker.signatures.signings import SigningState, signing_of, state_of
from tracker.timeline.editing import edit_fields, refuse_stale
from tracker.timeline.models import EntryVisibility
from tracker.timeline.queries import day_in
from tracker.words import _, gettext
from tracker.work_addresses import emails
from tracker.work_addresses.addresses import OPEN_TO_ALL, domain_of, mailbox_of
from tracker.work_addresses.models import WorkCode, WorkSigner
from tracker.work_addresses.queries import domains_of

MOST_DOMAINS = 20
# Mistyped, too old, used, of an address that signed: in the same words, since whoever reads a mailbox could try.
NOT_KNOWN = _(
    "This code is not known here, is too old or was used already, or its address has signed before. "
    "Look whether it is typed as in the mail."
)
NO_ADDRESS = _("Write a whole address, such as name@example.com.")
# Nobody knows any more what was to be sent; a mail that is on its way is left to whoever sends it.
UNDER_WAY = frozenset({EmailState.CLAIMED, EmailState.TRANSMIT})


def allow_domains(
    campaign: Campaign, typed: Sequence[str], *, seen: int | None, actor: Account, now: dt.datetime
) -> list[str]:
    """Say at which mail domains an address may get a code: none by default. What was typed for a domain that is taken
    away signs no more; signatures stay. Returns the domains. Raises SignatureError, Stale."""
    domains = sorted({_domain(each) for each in typed})
    if len(domains) > MOST_DOMAINS:
        raise SignatureError(_("At most 20 domains; one employer seldom has more."), "domains")
    signing = signing_of(campaign)
    if signing is None:
        signing = set_up_signing(campaign, FormAsks(), seen=None, actor=actor, now=now)
    elif seen is not None:
        refuse_stale(signing, seen)
    before = domains_of(signing)
    edit_fields(
        signing, {"work_domains": " ".join(domains)}, record_type="signing", actor=actor, now=now,
        campaign_id=campaign.id,
    )  # fmt: skip
    if domains:
        count_domains(campaign)
    gone = sa.delete(WorkCode).where(WorkCode.campaign_id == campaign.id, WorkCode.domain.not_in(domains))
    db.session.execute(gone, execution_options={"synchronize_session": False})
    if bool(before) is not bool(domains):
        said = gettext("Codes to work addresses were allowed") if domains else gettext(
            "Codes to work addresses were ended"
        )  # fmt: skip
        append(
            campaign,
            said,
            day_in(campaign.zone, now),
            visibility=EntryVisibility.MEMBERS,
            announce=False,
            actor=actor,
            now=now,
        )
    return domains


def ask_for_code(campaign: Campaign, typed: str, *, locale: str, now: dt.datetime, network: str | None = None) -> None:
    """Mail a code to an address at one of the campaign's domains. Raises SignatureError when it is no address, or
    nobody can sign so.

    Whatever is wrong with the address otherwise (it signed before, it is at another domain, it or the network is kept
    out, it was mailed often enough) nobody learns, neither from the answer nor from its time: the same rows are
    written, and what must not leave is cancelled. Whether it signed before is not even asked here: its mail is the same
    too, since the mailbox is not its owner's alone.
    """
    signing = signing_of(campaign)
    domains = domains_of(signing)
    if not domains or state_of(signing, campaign, now=now) is not SigningState.OPEN:
        raise SignatureError(CLOSED)
    mailbox = mailbox_of(typed)
    if mailbox is None:
        raise SignatureError(NO_ADDRESS, "email")
    keys, code, domain = campaign_keys(campaign.public_id, now=now), new_code(), domain_of(mailbox)
    known = addressed(campaign, mailbox, "", now=now)  # by no hash: whether it signed is not asked
    is_quiet = is_blocked(known.blocks, mailbox, network) or domain not in domains
    put = emails.work_code(mailbox, in_groups(code), known, locale=locale, now=now, is_quiet=is_quiet)
    row = {
        "campaign_id": campaign.id,
        "code_hash": keys.work_code_hash(code),
        "address_hash": keys.work_address_hash(mailbox),
        "domain": domain,
        "email_id": put.id,
        "expires_at": now + config().durations.work_code,
    }
    db.session.execute(sa.insert(WorkCode), row)


def sign_at_work(
    campaign: Campaign, typed: str, receipt: str, wish: Wish, *, now: dt.datetime
) -> tuple[Signatory, list[str]]:
    """Sign with a code from a mail; `receipt` is the receipt code that the form came with. Who signed, and the public
    ids of mails whose files the caller removes.

    The code proves, and is destroyed; the address is remembered by its hash alone; the signature says at which domain,
    and nothing joins the two. The same form sent once more leads to what it signed. Raises SignatureError.
    """
    keys, receipt = campaign_keys(campaign.public_id, now=now), typed_code(receipt)
    if not is_code(receipt, RECEIPT_LENGTH):
        raise SignatureError(_("The form was not whole. Open the page once more."))
    wish = checked_wish(place_of(campaign), wish, now, needs_address=False)
    used = db.session.execute(
        sa.delete(WorkCode)
        .where(
            WorkCode.campaign_id == campaign.id,
            WorkCode.code_hash == keys.work_code_hash(typed_code(typed)),
            WorkCode.expires_at > now,
        )
        .returning(WorkCode.address_hash, WorkCode.domain, WorkCode.email_id),
        execution_options={"synchronize_session": False},
    ).first()
    if used is None:
        known = signed_with(campaign, receipt, now=now)
        if known is None:
            raise SignatureError(NOT_KNOWN, "code")
        return known, []
    if used.domain not in domains_of(signing_of(campaign)) or not _is_first(campaign.id, used.address_hash):
        raise SignatureError(NOT_KNOWN, "code")
    others = db.session.scalars(
        sa.delete(WorkCode)
        .where(WorkCode.campaign_id == campaign.id, WorkCode.address_hash == used.address_hash)
        .returning(WorkCode.email_id),
        execution_options={"synchronize_session": False},
    )
    mails = [one for one in (used.email_id, *others) if one is not None]
    signatory = sign_without_address(campaign, receipt, wish, keys, now=now)
    signatory.work_domain = used.domain
    return signatory, forget_mails(mails, now=now)


def forget_mails(ids: Collection[int], *, now: dt.datetime) -> list[str]:
    """Stop what was not sent of these mails, and forget receivers and words; the public ids of those."""
    found = db.session.scalars(
        sa.select(Email).where(Email.id.in_(ids), Email.wiped_at.is_(None), Email.state.not_in(UNDER_WAY))
    ).all()
    for email in found:
        if email.state is EmailState.PENDING:
            outbox.cancel(email, "Its code is over.", now=now)
        outbox.wipe(email, now=now, keep_hash=True)
        outbox.wipe_body(email.body, now=now)
    return [email.public_id for email in found]


def _is_first(campaign_id: int, address_hash: str) -> bool:
    """Remember that this address signed; whether it had not. On PostgreSQL this waits for another who does the same."""
    row = {"campaign_id": campaign_id, "address_hash": address_hash}
    new = inserting(WorkSigner, dialect()).on_conflict_do_nothing().returning(WorkSigner.campaign_id)
    return db.session.execute(new, row).first() is not None


def _domain(typed: str) -> str:
    try:
        kind, domain = understood(typed)
    except SignatureError:
        kind, domain = BlockKind.NETWORK, ""
    if kind is not BlockKind.DOMAIN:
        raise SignatureError(_("Write mail domains such as example.com, one a line."), "domains")
    if domain in OPEN_TO_ALL:
        words = _("Anybody can have an address at %(domain)s; it shows nothing.", domain=domain)
        raise SignatureError(words, "domains")
    return domain
