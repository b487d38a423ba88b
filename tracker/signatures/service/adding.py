"""Signatories are added: one, an organisation, or a list."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Sequence
from dataclasses import dataclass

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.companies.models import Company, Holding, Organisation, OrganisationKind
from tracker.companies.service import find_or_add_organisation
from tracker.db import db
from tracker.sealing import campaign_keys
from tracker.signatures import queries
from tracker.signatures.models import (
    Appearance,
    Signatory,
    SignatoryKind,
)
from tracker.signatures.not_again import NOT_AGAIN, never_again
from tracker.signatures.one_person import has_link
from tracker.signatures.pasting import Line
from tracker.signatures.people import Person, link_hash
from tracker.signatures.service.errors import SignatureError
from tracker.signatures.service.saving import checked, for_organisation, new_signatory, save_people, sign, tell_added
from tracker.timeline.models import Source
from tracker.web.dates import UncertainDate
from tracker.words import _


@dataclass(frozen=True)
class HoldingClaim:
    """What an organisation holds of a company: shares, an amount of money, or both; and who says so."""

    company: Company
    shares: decimal.Decimal | None = None
    amount: decimal.Decimal | None = None
    currency: str = ""
    as_of: UncertainDate | None = None
    source: Source | None = None


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
    person = checked(person)
    db.session.flush()  # a campaign logged in this very transaction has its keys from now on
    keys = campaign_keys(campaign.public_id, now=now)
    if person.address and never_again(campaign.id, [keys.address_hash(person.address)]):
        raise SignatureError(NOT_AGAIN, "address")
    if person.link and never_again(campaign.id, filter(None, [link_hash(person, keys)])):
        raise SignatureError(NOT_AGAIN, "link")
    if person.link and has_link(campaign, link_hash(person, keys)):
        raise SignatureError(_("A signatory with this profile is here already."), "link")
    signatory = new_signatory(campaign, SignatoryKind.PERSON, now)
    (number,) = save_people(campaign, [(signatory, person)], now)
    sign(campaign, [number], appearance, signed, wishes_updates=wishes_updates, actor=actor, now=now)
    tell_added(campaign, 1, signed, one_by_one=True, actor=actor, now=now)
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
    person = checked(Person(name=name, address=address))
    organisation = find_or_add_organisation(person.name, kind=kind, now=now)
    if queries.signatory_of(campaign, organisation) is not None:
        raise SignatureError(_("This organisation is among the signatories already."), "name")
    if holding is not None:
        record_holding(organisation, holding, actor=actor, now=now)
    signatory = new_signatory(campaign, SignatoryKind.ORGANISATION, now)
    signatory.organisation_id = organisation.id
    (number,) = save_people(campaign, [(signatory, Person(name=organisation.name, address=person.address))], now)
    sign(campaign, [number], for_organisation(appearance), signed, actor=actor, now=now)
    tell_added(campaign, 1, signed, one_by_one=True, actor=actor, now=now)
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
        signatory = new_signatory(campaign, kind, now)
        person = Person(line.name, line.office, line.affiliation, line.address, team=line.team, city=line.city)
        if kind is SignatoryKind.ORGANISATION:
            organisation = find_or_add_organisation(line.name, now=now)
            signatory.organisation_id = organisation.id
            person = Person(organisation.name, address=line.address)
        pairs.append((signatory, person))
    numbers = save_people(campaign, pairs, now)
    if kind is SignatoryKind.ORGANISATION:
        appearance = for_organisation(appearance)
    sign(campaign, numbers, appearance, signed, actor=actor, now=now)
    tell_added(campaign, len(pairs), signed, one_by_one=False, actor=actor, now=now)
    return len(pairs)
