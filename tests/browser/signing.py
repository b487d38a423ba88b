"""What is under way on the furnished site: a letter open for signing, and a list that waits for the word."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign
from tracker.db import db
from tracker.deliveries.models import Way
from tracker.deliveries.service import Handed, record_delivery, send_update
from tracker.importing import service as lists
from tracker.importing.models import DayOrder
from tracker.signatures.consent import CURRENT
from tracker.signatures.models import Appearance, Provenance
from tracker.signatures.pairs import SignatoryPair
from tracker.signatures.people import Person
from tracker.signatures.places import place_of
from tracker.signatures.queries import current_text_id
from tracker.signatures.service import (
    FormAsks,
    Wish,
    add_signatory,
    ask_to_look,
    ask_to_sign,
    find_different,
    find_same,
    open_signing,
    set_up_signing,
)
from tracker.signatures.service.blocking import add_block
from tracker.sweeps import service as sweeps
from tracker.sweeps.service import Conditions
from tracker.work_addresses.service import allow_domains


def call(campaign: Campaign, owner: Account, now: dt.datetime) -> None:
    """Open the letter for signing on its page; one person has yet to confirm."""
    set_up_signing(campaign, FormAsks(takes_organisations=True), seen=None, actor=owner, now=now)
    open_signing(campaign, actor=owner, now=now)
    allow_domains(campaign, ["examplestores.example"], seen=None, actor=owner, now=now)
    person = Person("Fay Wouldbe", "Cashier", "Store 7", "fay@example.org")
    wish = Wish(person, Appearance.INITIALS, consent_version=CURRENT, text_id=current_text_id(campaign))
    ask_to_sign(place_of(campaign), wish, locale="en", now=now)


def guard(campaign: Campaign, owner: Account, now: dt.datetime) -> None:
    """A mail domain is kept out, and some signatures are being counted; the letter was handed over; news was sent."""
    add_block(campaign, "throwaway.example", actor=owner, now=now)
    sweeps.begin(campaign, Conditions(provenance=Provenance.SIGNER), reason="Signed by a robot", actor=owner, now=now)
    handed = Handed(now.date(), Way.IN_PERSON, "The board of Example Stores", "Taken at the desk.")
    record_delivery(campaign, handed, actor=owner, now=now)
    person = Person("Ida Hearer", "Baker", address="ida@example.org")
    by: dict[str, Any] = {"actor": owner, "now": now}
    add_signatory(campaign, person, appearance=Appearance.COUNTED, wishes_updates=True, **by)
    send_update(campaign, "The board took the letter and promised an answer within a month.", **by)


def bring(campaign: Campaign, owner: Account, now: dt.datetime) -> None:
    """A list from a file, checked and waiting for the word; one of its rows is refused."""
    file = b"name,email,role,date\nGil Newcomer,gil@example.org,Baker,2026-02-01\nHal Typo,hal@,Driver,2026-02-01\n"
    row = lists.begin(campaign, [file], appearance=Appearance.COUNTED, actor=owner, now=now)
    lists.check(row, row.columns, order=DayOrder.UNKNOWN, appearance=Appearance.COUNTED, now=now)


def doubles(campaign: Campaign, owner: Account, now: dt.datetime) -> None:
    """People of the list stand on it once more, written otherwise."""
    for name, role in (("A. Example", "Cashier"), ("Sample, Bo", "Baker"), ("Dee  SPECIMEN", "Cashier")):
        person = Person(name, role, "Store 12" if name != "Dee  SPECIMEN" else "Store 7")
        add_signatory(campaign, person, appearance=Appearance.NAMED, actor=owner, now=now)
    ask_to_look(campaign.id, now=now)


def decide(owner: Account, now: dt.datetime) -> None:
    """Of one pair that was found it is known that they are one, of another that they are two."""
    one, two, *_rest = db.session.scalars(sa.select(SignatoryPair).order_by(SignatoryPair.id))
    find_same(one, actor=owner, now=now)
    find_different(two, actor=owner, now=now)
