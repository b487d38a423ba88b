"""Somebody fills in the form on a campaign's page: its owner is asked by mail, and until then nothing counts.

Inside a transaction of the caller. Whoever typed an address learns nothing about it (safety.md, 5): the same rows are
written and one mail leaves whether it is new, signed already, withdrew, or must not be written to.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from tracker.campaigns.models import Campaign
from tracker.db import db, dialect, inserting, new_public_id
from tracker.sealing import CampaignKeys, campaign_keys
from tracker.settings import config
from tracker.signatures import emails, queries, receipts
from tracker.signatures.addressed import Addressed, addressed
from tracker.signatures.appearing import hides_names
from tracker.signatures.blocks import is_blocked
from tracker.signatures.models import Appearance, SignatoryKind, SignatureStatus
from tracker.signatures.one_person import newest_of, who_counts
from tracker.signatures.people import Person
from tracker.signatures.places import Place
from tracker.signatures.service.errors import SignatureError
from tracker.signatures.service.saving import checked
from tracker.signatures.signings import ASKABLE, Asked, SigningRequest, SigningState, state_of
from tracker.words import _

CLOSED = _("Signing is closed here.")


@dataclass(frozen=True)
class Wish:
    """What somebody typed into the form, and agreed to."""

    person: Person  # of an organisation: its name as `name`, who signs for it as `through`
    appearance: Appearance
    kind: SignatoryKind = SignatoryKind.PERSON
    wishes_updates: bool = False
    consent_version: str = ""
    text_id: int | None = None

    def packed(self) -> str:
        """All of it as text."""
        person = {name: getattr(self.person, name) for name in Person.__dataclass_fields__}
        rest = {"appearance": self.appearance, "kind": self.kind, "wishes_updates": self.wishes_updates}
        rest |= {"consent_version": self.consent_version, "text_id": self.text_id}
        return json.dumps({"person": person, **rest}, sort_keys=True)

    @classmethod
    def unpacked(cls, text: str) -> Wish:
        """What `packed` made."""
        found = json.loads(text)
        return cls(
            person=Person(**found["person"]),
            appearance=Appearance(found["appearance"]),
            kind=SignatoryKind(found["kind"]),
            wishes_updates=found["wishes_updates"],
            consent_version=found["consent_version"],
            text_id=found["text_id"],
        )


def said_place(public_id: str) -> str:
    """Where a request's words belong; opening them in another row fails."""
    return f"signing_request|said|{public_id}"


def ask_to_sign(place: Place, wish: Wish, *, locale: str, now: dt.datetime, network: str | None = None) -> None:
    """Mail the owner of the address the question whether they signed. Raises SignatureError when what was typed cannot
    be signed by anybody: the name is missing, the text has changed, signing is closed.

    Who is kept out, by mail domain or by the network that asks, is answered in the same way and the same time: the mail
    is written and never sent.
    """
    wish, campaign = checked_wish(place, wish, now), place.campaign
    keys = campaign_keys(campaign.public_id, now=now)
    address, packed = wish.person.address, wish.packed()
    public_id = _request(campaign, wish, keys.request_hash(packed), packed, keys, now)
    if public_id is None:
        return  # the very same form, sent a moment ago: its mail is on the way
    known = addressed(campaign, address, keys.address_hash(address), now=now)
    signatory, is_quiet = _signed_by(campaign, wish, known, keys), is_blocked(known.blocks, address, network)
    if signatory is not None:
        url = receipts.receipt_url(signatory, keys)
        emails.already_signed(address, campaign, url, known, locale=locale, now=now)
    else:
        url = receipts.confirm_url(public_id, keys)
        emails.confirm_signature(address, campaign, url, known, locale=locale, now=now, is_quiet=is_quiet)


def checked_wish(place: Place, wish: Wish, now: dt.datetime, *, needs_address: bool = True) -> Wish:
    """What can be signed here now, with clean words. Raises SignatureError."""
    campaign, signing = place.campaign, place.signing
    if signing is None or state_of(signing, campaign, now=now) is not SigningState.OPEN:
        raise SignatureError(CLOSED)
    if wish.text_id != place.text_id:
        raise SignatureError(_("The text was changed while you read it. Please read it again before you sign."))
    if wish.kind is SignatoryKind.ORGANISATION and not signing.takes_organisations:
        raise SignatureError(_("Only people sign here."), "kind")
    person = checked(wish.person)
    if needs_address and not person.address:
        raise SignatureError(_("Type your e-mail address; it is asked whether you signed."), "address")
    appearance, is_person = wish.appearance, wish.kind is SignatoryKind.PERSON
    if not is_person and appearance is Appearance.INITIALS:
        raise SignatureError(_("An organisation is shown by its name, or only counted."), "appearance")
    if hides_names(campaign) and appearance is Appearance.NAMED:
        raise SignatureError(_("Names are not shown here; choose another way to appear."), "appearance")
    for field in ASKABLE:
        if is_person and getattr(signing, field) is Asked.REQUIRED and not getattr(person, field):
            raise SignatureError(_("The organisers ask this of everybody who signs."), field)
    return Wish(person, appearance, wish.kind, wish.wishes_updates, wish.consent_version, wish.text_id)


def forget_requests(now: dt.datetime) -> int:
    """Destroy what nobody confirmed in time; how many."""
    gone = db.session.execute(
        sa.delete(SigningRequest).where(SigningRequest.expires_at < now).execution_options(synchronize_session=False)
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]


@functools.cache
def _new_request(kind: str) -> Any:
    """Made once: a form is sent often enough for that to count."""
    requests = cast(sa.Table, SigningRequest.__table__)
    return inserting(requests, kind).on_conflict_do_nothing().returning(requests.c.public_id)


def _request(
    campaign: Campaign, wish: Wish, digest: str, packed: str, keys: CampaignKeys, now: dt.datetime
) -> str | None:
    """The public id of the row that waits, and is to be mailed; None when it was mailed a moment ago."""
    public_id, durations = new_public_id(), config().durations
    row = {
        "public_id": public_id,
        "campaign_id": campaign.id,
        "digest": digest,
        "address_hash": keys.address_hash(wish.person.address),
        "said_sealed": keys.seal(packed, said_place(public_id)),
        "text_id": wish.text_id,
        "mailed_at": now,
        "created_at": now,
        "expires_at": now + durations.signing_request,
    }
    # On PostgreSQL this waits for somebody who is just sending the same form.
    made: str | None = db.session.scalar(_new_request(dialect()), row)
    if made is not None:
        return made
    again: str | None = db.session.scalar(
        sa.update(SigningRequest)
        .where(
            SigningRequest.campaign_id == campaign.id,
            SigningRequest.digest == digest,
            SigningRequest.mailed_at <= now - durations.sign_mail_again,
        )
        .values(mailed_at=now, expires_at=now + durations.signing_request)
        .returning(SigningRequest.public_id)
        .execution_options(synchronize_session=False)
    )
    return again


def _signed_by(campaign: Campaign, wish: Wish, known: Addressed, keys: CampaignKeys) -> str | None:
    """The public id of who signed this very text with this address and has nothing to confirm any more."""
    signed = known.signed
    if signed is None or wish.kind is not SignatoryKind.PERSON:
        return None
    status, text_id = signed.status, signed.text_id
    if signed.is_merged:
        signatory = queries.signatory_by_address(campaign, keys.address_hash(wish.person.address))
        newest = newest_of(who_counts(signatory)) if signatory is not None else None
        status, text_id = (newest.status, newest.text_id) if newest is not None else (None, None)
    if status is SignatureStatus.INVALIDATED or (status is SignatureStatus.CONFIRMED and text_id == wish.text_id):
        return signed.public_id
    return None
