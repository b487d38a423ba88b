"""What happens to signatories and their signatures. No entry and no Revision ever names a signatory."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.companies.models import Company, Holding, Organisation, OrganisationKind
from tracker.companies.service import find_or_add_organisation
from tracker.db import Precision, db, new_public_id
from tracker.sealing import campaign_keys
from tracker.signatures import names, queries
from tracker.signatures.models import (
    COUNTED,
    Appearance,
    Provenance,
    Qualifier,
    ReportedCount,
    Signatory,
    SignatoryKind,
    Signature,
    SignatureStatus,
)
from tracker.signatures.pasting import Line
from tracker.signatures.people import NAMING, SEALED_FIELDS, Person, insert_rows, read_name, write_person, write_tokens
from tracker.timeline.editing import refuse_stale
from tracker.timeline.models import EntryKind, EntryVisibility, Source
from tracker.timeline.queries import day_in
from tracker.timeline.service import Told, append_entry, record_revision, tell
from tracker.web.dates import UncertainDate
from tracker.web.filters import qualified, uncertain
from tracker.words import LazyString, _, gettext, ngettext


class SignatureError(Exception):
    """Why something about a signatory cannot be done, in words; `field` says what caused it."""

    def __init__(self, words: LazyString, field: str = "") -> None:
        super().__init__(words)
        self.field = field

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class HoldingClaim:
    """What an organisation holds of a company: shares, an amount of money, or both; and who says so."""

    company: Company
    shares: decimal.Decimal | None = None
    amount: decimal.Decimal | None = None
    currency: str = ""
    as_of: UncertainDate | None = None
    source: Source | None = None


# From which states a signature may go to which; a withdrawn one stays withdrawn until its signer signs again.
TRANSITIONS = {
    SignatureStatus.WITHDRAWN: {SignatureStatus.PENDING, *COUNTED},
    SignatureStatus.INVALIDATED: {SignatureStatus.PENDING, *COUNTED},
}


def add_signatory(
    campaign: Campaign,
    person: Person,
    *,
    appearance: Appearance,
    signed: UncertainDate | None = None,
    wishes_updates: bool = False,
    actor: Account,
    now: dt.datetime,
) -> Signatory:
    """Record that a person's name stands on a list; it counts as "from a list", signed under the present text.

    Raises SignatureError when the name is missing, or the address is no address or already here.
    """
    person = _checked(person)
    signatory = _new_signatory(campaign, SignatoryKind.PERSON, now)
    (number,) = _save_people(campaign, [(signatory, person)], now)
    _sign(campaign, [number], appearance, signed, wishes_updates=wishes_updates, actor=actor, now=now)
    _tell_added(campaign, 1, signed, one_by_one=True, actor=actor, now=now)
    return db.session.get_one(Signatory, number)


def add_organisation(
    campaign: Campaign,
    name: str,
    *,
    kind: OrganisationKind = OrganisationKind.OTHER,
    address: str = "",
    holding: HoldingClaim | None = None,
    appearance: Appearance = Appearance.NAMED,
    signed: UncertainDate | None = None,
    actor: Account,
    now: dt.datetime,
) -> Signatory:
    """Record that an organisation signed: found by its name, or added; with what it holds, if that is known.

    Raises SignatureError when it has signed already, or a holding says neither shares nor an amount.
    """
    person = _checked(Person(name=name, address=address))
    organisation = find_or_add_organisation(person.name, kind=kind, now=now)
    if queries.signatory_of(campaign, organisation) is not None:
        raise SignatureError(_("This organisation is among the signatories already."), "name")
    if holding is not None:
        record_holding(organisation, holding, actor=actor, now=now)
    signatory = _new_signatory(campaign, SignatoryKind.ORGANISATION, now)
    signatory.organisation_id = organisation.id
    (number,) = _save_people(campaign, [(signatory, Person(name=organisation.name, address=person.address))], now)
    _sign(campaign, [number], _for_organisation(appearance), signed, actor=actor, now=now)
    _tell_added(campaign, 1, signed, one_by_one=True, actor=actor, now=now)
    return db.session.get_one(Signatory, number)


def record_holding(organisation: Organisation, claim: HoldingClaim, *, actor: Account, now: dt.datetime) -> Holding:
    """Record what an organisation holds, as of a date. Never changes what was recorded before."""
    if claim.shares is None and claim.amount is None:
        raise SignatureError(_("Write the number of shares, or an amount of money."), "shares")
    if claim.amount is not None and not claim.currency:
        raise SignatureError(_("Write the currency of the amount, such as USD."), "currency")
    if min(claim.shares or 0, claim.amount or 0) < 0:
        raise SignatureError(_("A holding is never less than nothing."), "shares")
    holding = Holding(
        organisation=organisation,
        company=claim.company,
        shares=claim.shares,
        amount=claim.amount,
        currency=claim.currency.upper(),
        as_of_on=claim.as_of.date if claim.as_of else None,
        as_of_precision=claim.as_of.precision if claim.as_of else None,
        source=claim.source,
        recorded_at=now,
        recorded_by_id=actor.id,
    )
    db.session.add(holding)
    return holding


def add_list(
    campaign: Campaign,
    lines: Sequence[Line],
    *,
    kind: SignatoryKind,
    appearance: Appearance,
    signed: UncertainDate | None = None,
    actor: Account,
    now: dt.datetime,
) -> int:
    """Save the new lines of a list that somebody looked at, as one act with one entry. Returns how many.

    Raises SignatureError when nothing is left to save, or somebody saved one of them meanwhile.
    """
    new = [line for line in lines if line.is_new]
    if not new:
        raise SignatureError(_("Nothing in this list is new."), "text")
    pairs = []
    for line in new:
        signatory = _new_signatory(campaign, kind, now)
        person = Person(line.name, line.office, line.affiliation, line.address)
        if kind is SignatoryKind.ORGANISATION:
            organisation = find_or_add_organisation(line.name, now=now)
            signatory.organisation_id = organisation.id
            person = Person(organisation.name, address=line.address)
        pairs.append((signatory, person))
    numbers = _save_people(campaign, pairs, now)
    if kind is SignatoryKind.ORGANISATION:
        appearance = _for_organisation(appearance)
    _sign(campaign, numbers, appearance, signed, actor=actor, now=now)
    _tell_added(campaign, len(pairs), signed, one_by_one=False, actor=actor, now=now)
    return len(pairs)


def edit_signatory(
    signatory: Signatory, person: Person, *, keep_address: bool, seen: int | None, actor: Account, now: dt.datetime
) -> None:
    """Correct what is known of a person. Each changed field leaves a Revision that says only that it changed.

    `keep_address`: the address stays as it is, whatever `person` says. Raises Stale, SignatureError.
    """
    refuse_stale(signatory, seen)
    person = _checked(person)
    keys = campaign_keys(signatory.campaign.public_id, now=now)
    before = read_name(signatory, lambda: keys)
    contact = (signatory.address_sealed, signatory.address_hash, signatory.phone_sealed)
    with _worded_duplicates():
        write_person(signatory, person, campaign=signatory.campaign, keys=keys)
        if keep_address:
            signatory.address_sealed, signatory.address_hash, signatory.phone_sealed = contact
        else:
            signatory.phone_sealed = contact[2]
        db.session.flush()
    if signatory.campaign.is_protected:
        write_tokens([(signatory.id, person.name)], keys)
    changed = [column for column in NAMING if getattr(before, column) != getattr(person, column)]
    if not keep_address and contact[1] != signatory.address_hash:
        changed.append("address")
    for column in changed:
        _revise(signatory, column, actor, now)


def change_appearance(
    signature: Signature, appearance: Appearance, *, by_signer: bool, actor: Account | None, now: dt.datetime
) -> None:
    """Show a signature less, or, if its signer asks, as they wish. Raises SignatureError."""
    if appearance.rank > signature.appearance.rank and not by_signer:
        raise SignatureError(_("Only the signer can make it more visible."), "appearance")
    if signature.signatory.kind is SignatoryKind.ORGANISATION and appearance is Appearance.INITIALS:
        raise SignatureError(_("An organisation is shown by its name, or only counted."), "appearance")
    _revise(signature, "appearance", actor, now, signature.appearance, appearance)
    signature.appearance = appearance


def withdraw_signature(signature: Signature, *, reason: str, actor: Account | None, now: dt.datetime) -> None:
    """The signer takes the signature back: it counts no more and is shown nowhere. Raises SignatureError."""
    _end(signature, SignatureStatus.WITHDRAWN, reason, actor, now)
    _append(
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
    _revise(signature, "status", actor, now, signature.status, again)
    signature.status, signature.ended_at, signature.end_reason = again, None, ""


def remove_signatory(signatory: Signatory, *, actor: Account | None, now: dt.datetime) -> None:
    """Destroy everything known of a signatory. A tombstone without a word stays, so that numbers add up."""
    for column in SEALED_FIELDS:
        setattr(signatory, f"{column}_sealed", None)
    signatory.name = signatory.office = signatory.affiliation = signatory.sort_text = ""
    signatory.address_hash = signatory.organisation_id = None
    signatory.erased_at = signatory.deleted_at = now
    write_tokens([(signatory.id, "")], campaign_keys(signatory.campaign.public_id, now=now))
    for signature in signatory.signatures:
        signature.end_reason = ""
        if signature.status in TRANSITIONS[SignatureStatus.INVALIDATED]:
            signature.status, signature.ended_at = SignatureStatus.INVALIDATED, now
    _revise(signatory, "erased", actor, now)


@dataclass(frozen=True)
class SizeClaim:
    """How many, in a source's own words: "about 500 employees, July 2019"."""

    qualifier: Qualifier
    value: int
    population: str
    as_of: UncertainDate


def record_reported_count(
    campaign: Campaign, claim: SizeClaim, told: Told, *, actor: Account | None, now: dt.datetime
) -> ReportedCount:
    """Record what somebody reported about a campaign's size; it may be lower than the last report.

    `told.occurred_on` is set to the claim's date. Raises SignatureError without a source, or for a number below zero.
    """
    if claim.value < 0:
        raise SignatureError(_("A number of people is never less than nothing."), "value")
    if not told.sources:
        raise SignatureError(_("Say who reported it: a citation, or an address."), "source")
    entry = tell(
        told,
        campaign_id=campaign.id,
        kind=EntryKind.REPORTED_COUNT,
        headline=claim_words(claim),
        record_type=ReportedCount.__tablename__,
        actor=actor,
        now=now,
    )
    count = ReportedCount(
        entry_id=entry.id,
        campaign_id=campaign.id,
        qualifier=claim.qualifier,
        value=claim.value,
        population=claim.population,
        as_of_on=claim.as_of.date,
        as_of_precision=claim.as_of.precision,
        recorded_at=now,
    )
    db.session.add(count)
    db.session.flush()
    return count


def claim_words(claim: SizeClaim) -> str:
    """ "about 500 employees, July 2019", with a capital at the beginning."""
    words = gettext(
        "%(count)s %(population)s, %(date)s",
        count=qualified(claim.value, claim.qualifier),
        population=claim.population,
        date=uncertain(claim.as_of),
    )
    return words[:1].upper() + words[1:]


def _checked(person: Person) -> Person:
    """The person with clean words and a true address. Raises SignatureError."""
    cleaned = {column: names.clean(getattr(person, column)) for column in SEALED_FIELDS}
    if not cleaned["name"]:
        raise SignatureError(_("A signatory needs a name; it may be a handle or initials."), "name")
    if any(len(text) > names.LONGEST for text in cleaned.values()):
        raise SignatureError(_("Longer than any name: more than 500 characters."), "name")
    if cleaned["address"]:
        try:
            cleaned["address"] = validate_email(cleaned["address"], check_deliverability=False).normalized
        except EmailNotValidError:
            raise SignatureError(_("This cannot be an e-mail address."), "address") from None
    return Person(**cleaned)


def _new_signatory(campaign: Campaign, kind: SignatoryKind, now: dt.datetime) -> Signatory:
    # The public id is needed before the row is saved: sealed values are bound to it.
    return Signatory(kind=kind, public_id=new_public_id(), created_at=now)


def _save_people(campaign: Campaign, pairs: Sequence[tuple[Signatory, Person]], now: dt.datetime) -> list[int]:
    """Write the rows, a thousand as quickly as one can; their ids, in order."""
    db.session.flush()  # a campaign logged in this very transaction has its ids from now on
    keys = campaign_keys(campaign.public_id, now=now)
    rows = []
    for signatory, person in pairs:
        signatory.campaign_id = campaign.id
        write_person(signatory, person, campaign=campaign, keys=keys)
        rows.append({column: getattr(signatory, column) for column in _WRITTEN})
    with _worded_duplicates():
        insert_rows(Signatory, rows)
    ids = queries.ids_of([signatory.public_id for signatory, _person in pairs])
    numbers = [ids[signatory.public_id] for signatory, _person in pairs]
    if campaign.is_protected:
        write_tokens([(number, person.name) for number, (_row, person) in zip(numbers, pairs, strict=True)], keys)
    return numbers


_WRITTEN = (
    *("public_id", "campaign_id", "kind", "organisation_id", "created_at", "sort_text", "address_hash"),
    *NAMING,
    *(f"{column}_sealed" for column in SEALED_FIELDS),
)


@contextmanager
def _worded_duplicates() -> Iterator[None]:
    """The breach of the constraint on addresses, in words. The constraint decides, also between two at once."""
    try:
        with db.session.begin_nested():
            yield
    except sa.exc.IntegrityError:
        raise SignatureError(
            _("This e-mail address or organisation is among the signatories of this campaign already."), "address"
        ) from None


def _sign(
    campaign: Campaign,
    signatory_ids: Sequence[int],
    appearance: Appearance,
    signed: UncertainDate | None,
    *,
    wishes_updates: bool = False,
    actor: Account,
    now: dt.datetime,
) -> None:
    text_id = queries.current_text_id(campaign)
    if signed and signed.date > day_in(campaign.zone, now):
        raise SignatureError(_("Nobody has signed on a day still to come."), "signed")
    insert_rows(
        Signature,
        [
            {
                "campaign_id": campaign.id,
                "signatory_id": number,
                "text_id": text_id,
                "status": SignatureStatus.LISTED,
                "provenance": Provenance.LIST,
                "appearance": appearance,
                "signed_on": signed.date if signed else None,
                "signed_precision": signed.precision if signed else None,
                "wishes_updates": wishes_updates,
                "recorded_at": now,
                "recorded_by_id": actor.id,
            }
            for number in signatory_ids
        ],
    )


def _for_organisation(appearance: Appearance) -> Appearance:
    return Appearance.COUNTED if appearance is Appearance.COUNTED else Appearance.NAMED


def _tell_added(
    campaign: Campaign, count: int, signed: UncertainDate | None, *, one_by_one: bool, actor: Account, now: dt.datetime
) -> None:
    if one_by_one:
        headline = gettext("1 signatory was added")
    else:
        headline = ngettext(
            "%(num)d signatory was added from a list", "%(num)d signatories were added from a list", count
        )
    _append(
        campaign,
        headline,
        signed.date if signed else day_in(campaign.zone, now),
        precision=signed.precision if signed else Precision.DAY,
        # Of a small protected group even the moment of a signature tells who signed.
        visibility=EntryVisibility.MEMBERS if campaign.is_protected else EntryVisibility.PUBLIC,
        actor=actor,
        now=now,
    )


def _append(
    campaign: Campaign,
    headline: str,
    occurred_on: dt.date,
    *,
    visibility: EntryVisibility,
    actor: Account | None,
    now: dt.datetime,
    precision: Precision = Precision.DAY,
    announce: bool = True,
) -> None:
    append_entry(
        campaign_id=campaign.id,
        kind=EntryKind.SIGNATURES,
        headline=headline,
        occurred_on=occurred_on,
        precision=precision,
        visibility=visibility,
        announce=announce,
        actor=actor,
        now=now,
    )


def _end(signature: Signature, status: SignatureStatus, reason: str, actor: Account | None, now: dt.datetime) -> None:
    if signature.status not in TRANSITIONS[status]:
        raise SignatureError(_("This signature counts no more already."))
    _revise(signature, "status", actor, now, signature.status, status)
    signature.status, signature.ended_at, signature.end_reason = status, now, names.clean(reason)[:255]


def _revise(
    record: Signatory | Signature,
    field: str,
    actor: Account | None,
    now: dt.datetime,
    old: object = None,
    new: object = None,
) -> None:
    """Of a signatory a Revision says only which field changed; of a signature also from what to what."""
    record_revision(
        record_type=record.__tablename__,
        record_id=record.id,
        campaign_id=record.campaign_id,
        field=field,
        old_value=None if old is None else str(old),
        new_value=None if new is None else str(new),
        is_sealed=isinstance(record, Signatory),
        actor=actor,
        now=now,
    )
