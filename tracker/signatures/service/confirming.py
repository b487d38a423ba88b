"""The owner of the address says yes: now there is a signature. An organisation's waits for an organiser as well."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.companies.service import find_or_add_organisation
from tracker.db import Precision, db
from tracker.sealing import CampaignKeys, campaign_keys
from tracker.signatures import emails, queries, receipts
from tracker.signatures.models import Provenance, Signatory, SignatoryKind, Signature, SignatureStatus
from tracker.signatures.one_person import who_counts
from tracker.signatures.people import Person, hold_protection, write_person, write_tokens
from tracker.signatures.service.asking import CLOSED, Wish, said_place
from tracker.signatures.service.errors import SignatureError
from tracker.signatures.service.joining import let_count
from tracker.signatures.service.saving import new_signatory
from tracker.signatures.service.telling import append, revise
from tracker.signatures.signings import SigningRequest, SigningState, signing_of, state_of
from tracker.timeline.models import EntryVisibility
from tracker.timeline.queries import day_in
from tracker.words import _, gettext

OVER = _("This link has been used already, or is too old. You can sign again on the campaign’s page.")


def wish_of(request: SigningRequest, *, now: dt.datetime) -> Wish:
    """What its owner is asked to confirm."""
    keys = campaign_keys(request.campaign.public_id, now=now)
    return Wish.unpacked(keys.open(request.said_sealed, said_place(request.public_id)))


def confirm_signature(request: SigningRequest, *, locale: str, now: dt.datetime) -> Signatory:
    """Sign, and mail the receipt. The request goes, so that its link works once. Raises SignatureError."""
    campaign, public_id, wish = request.campaign, request.public_id, wish_of(request, now=now)
    used = db.session.execute(
        sa.delete(SigningRequest)
        .where(SigningRequest.public_id == public_id)
        .returning(SigningRequest.id)
        .execution_options(synchronize_session=False)
    ).first()
    if used is None:
        raise SignatureError(OVER)
    if state_of(signing_of(campaign), campaign, now=now) is not SigningState.OPEN:
        raise SignatureError(CLOSED)
    keys = campaign_keys(campaign.public_id, now=now)
    hold_protection(campaign)
    signatory = _signatory(campaign, wish, keys, now)
    sign_for(signatory, wish, now=now)
    url = receipts.receipt_url(signatory.public_id, keys)
    emails.signature_receipt(wish.person.address, campaign, url, locale=locale, now=now)
    return signatory


def sign_for(signatory: Signatory, wish: Wish, *, now: dt.datetime) -> None:
    """Sign as this row, which counts from then on for those found to be the same signer's: each row is signed by its
    own signer alone. Where the organisers found that signer's signature to be none, nothing changes."""
    counting = who_counts(signatory)
    if counting is not signatory and any(
        one.text_id == wish.text_id and one.status is SignatureStatus.INVALIDATED for one in counting.signatures
    ):
        return
    write_signature(signatory, wish, now=now)
    let_count(signatory, now=now)


def write_signature(signatory: Signatory, wish: Wish, *, now: dt.datetime) -> Signature:
    """The signature under this version of the text: made, or taken up again by its signer."""
    signature = db.session.scalar(
        sa.select(Signature).where(Signature.signatory_id == signatory.id, Signature.text_id == wish.text_id)
    )
    if signature is not None and signature.status is SignatureStatus.INVALIDATED:
        return signature  # the organisers found it to be none; its receipt says so
    if signature is None:
        signature = Signature(
            campaign_id=signatory.campaign_id, signatory_id=signatory.id, text_id=wish.text_id, recorded_at=now
        )
        db.session.add(signature)
    is_person = signatory.kind is SignatoryKind.PERSON
    signature.status = SignatureStatus.CONFIRMED if is_person else SignatureStatus.PENDING
    signature.provenance, signature.appearance = Provenance.SIGNER, wish.appearance
    signature.signed_on, signature.signed_precision = day_in(signatory.campaign.zone, now), Precision.DAY
    signature.wishes_updates, signature.consent_version = wish.wishes_updates, wish.consent_version
    signature.confirmed_at = now if is_person else None
    signature.ended_at, signature.end_reason = None, ""
    db.session.flush()
    return signature


def confirm_organisation(signature: Signature, *, actor: Account, now: dt.datetime) -> None:
    """An organiser finds that the organisation signed: it counts, and is one of the organisations known here.

    Raises SignatureError when it is none that waits, or the organisation is among the signatories already.
    """
    signatory = signature.signatory
    if signatory.kind is not SignatoryKind.ORGANISATION or signature.status is not SignatureStatus.PENDING:
        raise SignatureError(_("There is nothing to confirm any more."))
    campaign = signatory.campaign
    organisation = find_or_add_organisation(signatory.name, now=now)
    other = queries.signatory_of(campaign, organisation)
    if other is not None and other.id != signatory.id:
        raise SignatureError(_("This organisation is among the signatories already."))
    signatory.organisation_id = organisation.id
    revise(signature, "status", actor, now, signature.status, SignatureStatus.CONFIRMED)
    signature.status, signature.confirmed_at = SignatureStatus.CONFIRMED, now
    append(
        campaign,
        gettext("1 signatory was added"),
        day_in(campaign.zone, now),
        visibility=EntryVisibility.MEMBERS if campaign.is_protected else EntryVisibility.PUBLIC,
        actor=actor,
        now=now,
    )


def new_for(campaign: Campaign, wish: Wish, keys: CampaignKeys, now: dt.datetime) -> Signatory:
    """A signatory with what was typed. The address belongs to people alone; it is unique in a campaign."""
    signatory = new_signatory(campaign, wish.kind, now)
    signatory.campaign_id = campaign.id
    write_person(signatory, wish.person, campaign=campaign, keys=keys)
    if wish.kind is SignatoryKind.ORGANISATION:
        signatory.address_hash = None
    db.session.add(signatory)
    db.session.flush()
    _tokens(campaign, signatory, wish.person, keys)
    return signatory


def _signatory(campaign: Campaign, wish: Wish, keys: CampaignKeys, now: dt.datetime) -> Signatory:
    """Who has this address here, with what they typed now; made when there is nobody, once even for two at once."""
    address_hash = keys.address_hash(wish.person.address)
    if wish.kind is SignatoryKind.ORGANISATION:
        return new_for(campaign, wish, keys, now)  # one address may sign for itself and for an organisation
    known = queries.signatory_by_address(campaign, address_hash)
    if known is None:
        try:
            with db.session.begin_nested():
                return new_for(campaign, wish, keys, now)
        except sa.exc.IntegrityError:  # the same address confirmed another request meanwhile
            known = queries.signatory_by_address(campaign, address_hash)
            if known is None:
                raise
    kept = (known.phone_sealed, known.link_sealed, known.link_hash)  # nobody types these on the campaign's page
    write_person(known, wish.person, campaign=campaign, keys=keys)
    known.phone_sealed, known.link_sealed, known.link_hash = kept
    _tokens(campaign, known, wish.person, keys)
    return known


def _tokens(campaign: Campaign, signatory: Signatory, person: Person, keys: CampaignKeys) -> None:
    db.session.flush()
    if campaign.is_protected:
        write_tokens([(signatory.id, person.name)], keys)
