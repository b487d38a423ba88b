"""What is known is corrected, shown less, counted no more, or destroyed."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tracker.accounts.models import Account, Reading
from tracker.accounts.service import record_access
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
from tracker.signatures.one_person import merged_into, newest_of, wrote_it
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
from tracker.signatures.service.joining import stand_alone
from tracker.signatures.service.saving import ENDED, checked, worded_duplicates
from tracker.signatures.service.telling import append, revise
from tracker.timeline.editing import refuse_stale
from tracker.timeline.models import EntryVisibility
from tracker.timeline.queries import day_in
from tracker.words import _, gettext

OWN_WORDS = _("Its signer wrote this. You can leave it out, and only the signer can write it anew.")

# From which states a signature may go to which; a withdrawn one stays withdrawn until its signer signs again.
TRANSITIONS = {
    SignatureStatus.WITHDRAWN: {SignatureStatus.PENDING, *COUNTED},
    SignatureStatus.INVALIDATED: {SignatureStatus.PENDING, *COUNTED},
}


def edit_signatory(
    signatory: Signatory, person: Person, *, keep_address: bool, seen: int | None, actor: Account, now: dt.datetime
) -> None:
    """Correct what is known of a person. Each changed field leaves a Revision that says only that it changed.

    What its signer wrote can be left out (but for the name) and never written anew (safety.md, 1): other words would
    show more, and another address would have the receipt. `keep_address`: the address stays as it is, whatever `person`
    says. Raises Stale, SignatureError.
    """
    refuse_stale(signatory, seen)
    keys = campaign_keys(signatory.campaign.public_id, now=now)
    before = read_name(signatory, lambda: keys)
    if wrote_it(signatory):
        _refuse_other_words(before, person, keep_address)
    elif not keep_address and (signatory.phone_sealed or signatory.link_sealed):
        _record_reader(signatory, actor, now)
    person = checked(person)
    if not keys.can_look_up:
        raise SignatureError(ENDED)
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


def _refuse_other_words(before: Person, person: Person, keep_address: bool) -> None:
    for column in NAMING:
        left_out = not getattr(person, column) and column != "name"
        if not left_out and getattr(person, column) != getattr(before, column):
            raise SignatureError(OWN_WORDS, column)
    if not keep_address and person.address:
        raise SignatureError(OWN_WORDS, "address")


def _record_reader(signatory: Signatory, actor: Account, now: dt.datetime) -> None:
    """A receipt shows phone and profile to whoever has the address, so that writing another one is a look at them."""
    if not actor.may_see_contacts:
        raise SignatureError(
            _("A phone number or profile is kept here, which a new address could read: ask who may see contact data."),
            "address",
        )
    record_access(
        actor,
        campaign_id=signatory.campaign_id,
        reading=Reading.VIEWED,
        count=1,
        reason=gettext("Wrote another e-mail address"),
        now=now,
    )


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
    the same signer's. One that was found invalid stays so, and is withdrawn should that be taken back. `actor`: an
    organiser whom the signer told. Raises SignatureError."""
    is_invalid = signature.status is SignatureStatus.INVALIDATED and actor is None
    if not is_invalid:
        _end(signature, SignatureStatus.WITHDRAWN, reason, actor, now)
    for other in (signature, *_of_merged(signature)):
        withdraw_with_others(other, reason=reason, actor=actor, now=now)
    if is_invalid:
        return  # it counts no more already, and nobody learns who went on caring
    append(
        signature.signatory.campaign,
        gettext("1 signature was withdrawn"),
        day_in(signature.signatory.campaign.zone, now),
        visibility=EntryVisibility.MEMBERS,
        announce=False,
        actor=actor,
        now=now,
    )


def withdraw_with_others(
    signature: Signature, *, now: dt.datetime, reason: str = "", actor: Account | None = None
) -> None:
    """End what was found to be the same signer's, where another of theirs was withdrawn or erased."""
    if signature.status in TRANSITIONS[SignatureStatus.WITHDRAWN]:
        _end(signature, SignatureStatus.WITHDRAWN, reason, actor, now)
    elif signature.status is SignatureStatus.INVALIDATED and actor is None:
        signature.withdrawn_at = signature.withdrawn_at or now


def invalidate_signature(signature: Signature, *, reason: str, actor: Account, now: dt.datetime) -> None:
    """An organiser finds that a signature is none: it counts no more. Raises SignatureError without a reason."""
    if not reason:
        raise SignatureError(_("Say why it does not count; do not name the person."), "reason")
    _end(signature, SignatureStatus.INVALIDATED, reason, actor, now)
    signature.sweep_id = None  # found so by hand: undoing an earlier sweep is not about this


def reinstate_signature(signature: Signature, *, actor: Account, now: dt.datetime) -> None:
    """Undo an invalidation. A withdrawal is never undone by anybody but the signer. Raises SignatureError."""
    if signature.status is not SignatureStatus.INVALIDATED:
        raise SignatureError(_("Only a signature that was found invalid can be counted again."))
    before = signature.status
    find_valid(signature)
    revise(signature, "status", actor, now, before, signature.status)


def find_valid(signature: Signature) -> bool:
    """Have what was found invalid stand as it would without that; whether it is live again. What its signer took back
    meanwhile is withdrawn."""
    if signature.withdrawn_at is not None:
        signature.status, signature.ended_at = SignatureStatus.WITHDRAWN, signature.withdrawn_at
    elif signature.confirmed_at is not None:
        signature.status, signature.ended_at = SignatureStatus.CONFIRMED, None
    else:  # of a signer: an organisation that nobody of the team has confirmed
        is_listed = signature.provenance is Provenance.LIST
        signature.status = SignatureStatus.LISTED if is_listed else SignatureStatus.PENDING
        signature.ended_at = None
    signature.end_reason, signature.withdrawn_at, signature.sweep_id = "", None, None
    return signature.status is not SignatureStatus.WITHDRAWN


def remove_signatory(signatory: Signatory, *, actor: Account | None, now: dt.datetime) -> None:
    """Destroy everything known of a signatory. A tombstone without a word stays, so that numbers add up.

    Of this row alone, parted from those that were found to be the same one: `erase` does it to all of them.
    """
    stand_alone(signatory)
    for column in SEALED_FIELDS:
        setattr(signatory, f"{column}_sealed", None)
    for column in NAMING:
        setattr(signatory, column, "")
    signatory.sort_text = ""
    signatory.address_hash = signatory.link_hash = signatory.organisation_id = signatory.receipt_mark = None
    signatory.kept_mark = signatory.row_key = signatory.work_domain = None
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
