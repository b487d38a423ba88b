"""What is known is corrected, shown less, counted no more, or destroyed."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.db import db
from tracker.sealing import campaign_keys
from tracker.signatures import names
from tracker.signatures.models import (
    COUNTED,
    Appearance,
    Provenance,
    Signatory,
    SignatoryKind,
    Signature,
    SignatureStatus,
)
from tracker.signatures.one_person import merged_into, newest_of
from tracker.signatures.pairs import SignatoryPair
from tracker.signatures.people import (
    NAMING,
    SEALED_FIELDS,
    Person,
    forget_tokens,
    hold_protection,
    read_name,
    write_person,
    write_tokens,
)
from tracker.signatures.service.errors import SignatureError
from tracker.signatures.service.saving import ENDED, checked, worded_duplicates
from tracker.signatures.service.telling import append, revise
from tracker.timeline.editing import refuse_stale
from tracker.timeline.models import EntryVisibility
from tracker.timeline.queries import day_in
from tracker.words import _, gettext

# From which states a signature may go to which; a withdrawn one stays withdrawn until its signer signs again.
TRANSITIONS = {
    SignatureStatus.WITHDRAWN: {SignatureStatus.PENDING, *COUNTED},
    SignatureStatus.INVALIDATED: {SignatureStatus.PENDING, *COUNTED},
}


def edit_signatory(
    signatory: Signatory, person: Person, *, keep_address: bool, seen: int | None, actor: Account, now: dt.datetime
) -> None:
    """Correct what is known of a person. Each changed field leaves a Revision that says only that it changed.

    `keep_address`: the address stays as it is, whatever `person` says. Raises Stale, SignatureError.
    """
    refuse_stale(signatory, seen)
    person = checked(person)
    keys = campaign_keys(signatory.campaign.public_id, now=now)
    if not keys.can_look_up:
        raise SignatureError(ENDED)
    before = read_name(signatory, lambda: keys)
    contact = (signatory.address_sealed, signatory.address_hash, signatory.phone_sealed)
    link = (signatory.link_sealed, signatory.link_hash)
    hold_protection(signatory.campaign, alone=True)
    with worded_duplicates():
        write_person(signatory, person, campaign=signatory.campaign, keys=keys)
        if keep_address:
            signatory.address_sealed, signatory.address_hash, signatory.phone_sealed = contact
        else:
            signatory.phone_sealed = contact[2]
        if not person.link:
            signatory.link_sealed, signatory.link_hash = link
        db.session.flush()
    if signatory.campaign.is_protected:
        write_tokens([(signatory.id, person.name)], keys)
    changed = [column for column in NAMING if getattr(before, column) != getattr(person, column)]
    if not keep_address and contact[1] != signatory.address_hash:
        changed.append("address")
    if link[1] != signatory.link_hash:
        changed.append("link")
    for column in changed:
        revise(signatory, column, actor, now)


def change_appearance(
    signature: Signature, appearance: Appearance, *, by_signer: bool, actor: Account | None, now: dt.datetime
) -> None:
    """Show a signature less, or, if its signer asks, as they wish. Raises SignatureError."""
    if appearance.rank > signature.appearance.rank and not by_signer:
        raise SignatureError(_("Only the signer can make it more visible."), "appearance")
    if signature.signatory.kind is SignatoryKind.ORGANISATION and appearance is Appearance.INITIALS:
        raise SignatureError(_("An organisation is shown by its name, or only counted."), "appearance")
    revise(signature, "appearance", actor, now, signature.appearance, appearance)
    signature.appearance = appearance
    for other in _of_merged(signature):  # less, never more: should they be two after all
        if other.appearance.rank > appearance.rank:
            other.appearance = appearance


def withdraw_signature(signature: Signature, *, reason: str, actor: Account | None, now: dt.datetime) -> None:
    """The signer takes the signature back: it counts no more and is shown nowhere, nor do those that were found to be
    the same signer's. Raises SignatureError."""
    _end(signature, SignatureStatus.WITHDRAWN, reason, actor, now)
    for other in _of_merged(signature):
        if other.status in TRANSITIONS[SignatureStatus.WITHDRAWN]:
            _end(other, SignatureStatus.WITHDRAWN, reason, actor, now)
    append(
        signature.signatory.campaign,
        gettext("1 signature was withdrawn"),
        day_in(signature.signatory.campaign.zone, now),
        visibility=EntryVisibility.MEMBERS,
        announce=False,
        actor=actor,
        now=now,
    )


def invalidate_signature(signature: Signature, *, reason: str, actor: Account, now: dt.datetime) -> None:
    """An organiser finds that a signature is none: it counts no more. Raises SignatureError without a reason."""
    if not reason:
        raise SignatureError(_("Say why it does not count; do not name the person."), "reason")
    _end(signature, SignatureStatus.INVALIDATED, reason, actor, now)


def reinstate_signature(signature: Signature, *, actor: Account, now: dt.datetime) -> None:
    """Undo an invalidation. A withdrawal is never undone by anybody but the signer. Raises SignatureError."""
    if signature.status is not SignatureStatus.INVALIDATED:
        raise SignatureError(_("Only a signature that was found invalid can be counted again."))
    again = SignatureStatus.CONFIRMED if signature.confirmed_at else SignatureStatus.LISTED
    if again is SignatureStatus.LISTED and signature.provenance is Provenance.SIGNER:
        again = SignatureStatus.PENDING  # an organisation that nobody of the team has confirmed
    revise(signature, "status", actor, now, signature.status, again)
    signature.status, signature.ended_at, signature.end_reason = again, None, ""


def remove_signatory(signatory: Signatory, *, actor: Account | None, now: dt.datetime) -> None:
    """Destroy everything known of a signatory. A tombstone without a word stays, so that numbers add up.

    Of this row alone: `erase` does it to all that were found to be the same one.
    """
    for column in SEALED_FIELDS:
        setattr(signatory, f"{column}_sealed", None)
    for column in NAMING:
        setattr(signatory, column, "")
    signatory.sort_text = ""
    signatory.address_hash = signatory.link_hash = signatory.organisation_id = signatory.receipt_mark = None
    signatory.kept_mark = signatory.row_key = None
    signatory.erased_at = signatory.deleted_at = now
    forget_tokens([signatory.id])
    for signature in signatory.signatures:
        signature.end_reason = ""
        if signature.status in TRANSITIONS[SignatureStatus.INVALIDATED]:
            signature.status, signature.ended_at = SignatureStatus.INVALIDATED, now
    pairs = sa.or_(SignatoryPair.one_id == signatory.id, SignatoryPair.other_id == signatory.id)
    db.session.execute(sa.delete(SignatoryPair).where(pairs).execution_options(synchronize_session=False))
    revise(signatory, "erased", actor, now)


def _of_merged(signature: Signature) -> list[Signature]:
    """The newest signatures of the rows that were found to be this signer's too."""
    rows = merged_into(signature.signatory)
    return [newest for row in rows if (newest := newest_of(row)) is not None]


def _end(signature: Signature, status: SignatureStatus, reason: str, actor: Account | None, now: dt.datetime) -> None:
    if signature.status not in TRANSITIONS[status]:
        raise SignatureError(_("This signature counts no more already."))
    revise(signature, "status", actor, now, signature.status, status)
    signature.status, signature.ended_at, signature.end_reason = status, now, names.clean(reason)[:255]
