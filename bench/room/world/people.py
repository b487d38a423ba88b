"""Signatories by the thousand, written and sealed as the app writes and seals them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from bench.room.world import words
from tracker.campaigns.models import Campaign
from tracker.db import Precision, new_public_id
from tracker.sealing import campaign_keys
from tracker.signatures.models import Appearance, Provenance, Signatory, SignatoryKind, Signature, SignatureStatus
from tracker.signatures.names import searched_words
from tracker.signatures.people import NAMING, SEALED_FIELDS, Person, write_person

if TYPE_CHECKING:
    from bench.room.world.campaigns import Campaigns

APPEARANCES = (*[Appearance.NAMED] * 5, *[Appearance.INITIALS] * 2, *[Appearance.COUNTED] * 3)
STATUSES = (
    *[SignatureStatus.CONFIRMED] * 14,
    *[SignatureStatus.LISTED] * 4,
    SignatureStatus.WITHDRAWN,
    SignatureStatus.PENDING,
)


def add_signatories(world: Campaigns, campaign_id: int, number: int, now: dt.datetime) -> None:
    """So many people who signed a campaign over three years: shown, counted and withdrawn as people do."""
    chance, rows = world.chance, world.rows
    campaign = Campaign(public_id=world.public_ids[campaign_id], is_protected=world.is_protected(campaign_id))
    keys = campaign_keys(campaign.public_id, now=now)
    for count in range(number):
        person = Person(
            name=words.person_name(chance),
            office=chance.choice(("", "nurse", "driver", "engineer", "portfolio manager")),
            affiliation=words.company_name(chance.randrange(300)) if chance.random() < 0.5 else "",
            address=f"someone{count}@example.org",
        )
        row = Signatory(kind=SignatoryKind.PERSON, public_id=new_public_id())
        write_person(row, person, campaign=campaign, keys=keys)
        written = ("kind", "public_id", *NAMING, "address_hash", "sort_text")
        signatory_id = rows.add(
            Signatory,
            campaign_id=campaign_id,
            created_at=now,
            **{column: getattr(row, column) for column in written},
            **{f"{column}_sealed": getattr(row, f"{column}_sealed") for column in SEALED_FIELDS},
        )
        if campaign.is_protected:
            for token in dict.fromkeys(keys.word_hash(word) for word in searched_words(person.name)):
                rows.put("signatory_token", signatory_id=signatory_id, token=token)
        add_signature(world, campaign_id, signatory_id, now)


def add_signature(world: Campaigns, campaign_id: int, signatory_id: int, now: dt.datetime) -> None:
    """One act of signing, on some day of the last three years."""
    chance = world.chance
    status = chance.choice(STATUSES)
    at = now - dt.timedelta(minutes=chance.randrange(3 * 365 * 24 * 60))
    world.rows.add(
        Signature,
        campaign_id=campaign_id,
        signatory_id=signatory_id,
        text_id=world.text_ids[campaign_id],
        status=status,
        provenance=Provenance.LIST if status is SignatureStatus.LISTED else Provenance.SIGNER,
        appearance=chance.choice(APPEARANCES),
        signed_on=at.date(),
        signed_precision=Precision.DAY,
        recorded_at=at,
        confirmed_at=at if status is SignatureStatus.CONFIRMED else None,
        ended_at=at if status is SignatureStatus.WITHDRAWN else None,
    )


def add_counted(world: Campaigns, campaign_id: int, number: int, now: dt.datetime) -> None:
    """People of whom only the number matters here; nothing is known of them."""
    for _ in range(number):
        signatory_id = world.rows.add(
            Signatory,
            campaign_id=campaign_id,
            created_at=now,
            **dict.fromkeys((*NAMING, "sort_text"), ""),
            address_hash=None,
            kind=SignatoryKind.PERSON,
            public_id=new_public_id(),
            **dict.fromkeys((f"{column}_sealed" for column in SEALED_FIELDS), None),
        )
        add_signature(world, campaign_id, signatory_id, now)
