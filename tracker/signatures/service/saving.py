"""Rows of people and their signatures, few or thousands, in the same few statements."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import sqlalchemy as sa
from email_validator import EmailNotValidError, validate_email

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import Precision, db, new_public_id
from tracker.sealing import campaign_keys
from tracker.signatures import names, queries
from tracker.signatures.models import (
    Appearance,
    Provenance,
    Signatory,
    SignatoryKind,
    Signature,
    SignatureStatus,
)
from tracker.signatures.people import (
    NAMING,
    SEALED_FIELDS,
    Person,
    hold_protection,
    insert_rows,
    write_person,
    write_tokens,
)
from tracker.signatures.profiles import profile
from tracker.signatures.service.errors import SignatureError
from tracker.signatures.service.telling import append
from tracker.timeline.models import EntryVisibility
from tracker.timeline.queries import day_in
from tracker.web.dates import UncertainDate
from tracker.words import _, gettext, ngettext

_WRITTEN = (
    *("public_id", "campaign_id", "kind", "organisation_id", "created_at", "sort_text", "address_hash"),
    "link_hash",
    *("import_id", "row_key"),
    *NAMING,
    *(f"{column}_sealed" for column in SEALED_FIELDS),
)

ENDED = _("This campaign is over and its keys are destroyed: nobody can be added or changed any more.")


def checked(person: Person) -> Person:
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
    if cleaned["link"] and not profile(cleaned["link"]):
        raise SignatureError(_("Write the address of one profile, such as linkedin.com/in/name."), "link")
    return Person(**cleaned)


def new_signatory(campaign: Campaign, kind: SignatoryKind, now: dt.datetime) -> Signatory:
    # The public id is needed before the row is saved: sealed values are bound to it.
    return Signatory(kind=kind, public_id=new_public_id(), created_at=now)


def save_people(campaign: Campaign, pairs: Sequence[tuple[Signatory, Person]], now: dt.datetime) -> list[int]:
    """Write the rows, a thousand as quickly as one can; their ids, in order."""
    db.session.flush()  # a campaign logged in this very transaction has its ids from now on
    keys = campaign_keys(campaign.public_id, now=now)
    if not keys.can_look_up:
        raise SignatureError(ENDED)
    hold_protection(campaign, alone=True)
    rows = []
    for signatory, person in pairs:
        signatory.campaign_id = campaign.id
        write_person(signatory, person, campaign=campaign, keys=keys)
        rows.append({column: getattr(signatory, column) for column in _WRITTEN})
    with worded_duplicates():
        insert_rows(Signatory, rows)
    ids = queries.ids_of([signatory.public_id for signatory, _person in pairs])
    numbers = [ids[signatory.public_id] for signatory, _person in pairs]
    if campaign.is_protected:
        write_tokens([(number, person.name) for number, (_row, person) in zip(numbers, pairs, strict=True)], keys)
    return numbers


@contextmanager
def worded_duplicates() -> Iterator[None]:
    """The breach of the constraint on addresses, in words. The constraint decides, also between two at once."""
    try:
        with db.session.begin_nested():
            yield
    except sa.exc.IntegrityError:
        raise SignatureError(
            _("This e-mail address or organisation is among the signatories of this campaign already."), "address"
        ) from None


def sign(
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


def for_organisation(appearance: Appearance) -> Appearance:
    return Appearance.COUNTED if appearance is Appearance.COUNTED else Appearance.NAMED


def tell_added(
    campaign: Campaign, count: int, signed: UncertainDate | None, *, one_by_one: bool, actor: Account, now: dt.datetime
) -> None:
    if one_by_one:
        headline = gettext("1 signatory was added")
    else:
        headline = ngettext(
            "%(num)d signatory was added from a list", "%(num)d signatories were added from a list", count
        )
    append(
        campaign,
        headline,
        signed.date if signed else day_in(campaign.zone, now),
        precision=signed.precision if signed else Precision.DAY,
        # Of a small protected group even the moment of a signature tells who signed.
        visibility=EntryVisibility.MEMBERS if campaign.is_protected else EntryVisibility.PUBLIC,
        actor=actor,
        now=now,
    )
