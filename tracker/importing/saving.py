"""Who in some rows is here already, and the saving of those who are not. Certain by address or by the very same row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.db import Precision, db
from tracker.importing.known_names import number_of_known_names
from tracker.importing.loading import among, load, look_again, new_ids, new_public_ids
from tracker.importing.marking import Marks, marks_of
from tracker.importing.models import Import
from tracker.importing.organisations import not_here, recorded
from tracker.importing.rows import Row
from tracker.search_text import normalise
from tracker.signatures import queries
from tracker.signatures.models import (
    Provenance,
    Signatory,
    SignatoryKind,
    SignatoryToken,
    Signature,
    SignatureStatus,
)
from tracker.signatures.not_again import never_again
from tracker.signatures.people import SEALED_COLUMNS, hold_protection, sealed_values, sort_text
from tracker.signatures.service.telling import append
from tracker.timeline.models import EntryVisibility
from tracker.timeline.queries import day_in
from tracker.words import ngettext


class Known:
    """Addresses met in this file by a check, which saves nobody; so many, so that memory stays flat."""

    MOST = 50_000

    def __init__(self) -> None:
        self._met: set[int] = set()

    def meet(self, hashed: str) -> bool:
        """Whether it was met before."""
        short = int(hashed[:15], 16)
        if short in self._met:
            return True
        if len(self._met) < self.MOST:
            self._met.add(short)
        return False


def save(row: Import, rows: Sequence[Row], marks: Marks, known: Known, *, now: dt.datetime, dry: bool) -> int:
    """Save those who are new, or with `dry` only count them, and who of them is perhaps here by name.

    A person is here already by the address or the profile, an organisation by its name, and both when another file
    said the very same. Who asked not to be added again is passed over as if here.
    """
    mine = Signatory.campaign_id == row.campaign_id
    addresses = among(Signatory.address_hash, marks.addresses.values())
    here = set(db.session.scalars(sa.select(Signatory.address_hash).where(mine, addresses)))
    unwanted = never_again(row.campaign_id, {*marks.addresses.values(), *marks.links.values(), *marks.rows.values()})
    here |= unwanted
    if marks.links:
        links = among(Signatory.link_hash, marks.links.values())
        here |= set(db.session.scalars(sa.select(Signatory.link_hash).where(mine, links)))
    # The same row twice in one file may be two people of one name; in two files it is the same row.
    of_others = Signatory.import_id.is_distinct_from(row.id)
    rows_here = among(Signatory.row_key, marks.rows.values())
    told = unwanted.union(db.session.scalars(sa.select(Signatory.row_key).where(mine, rows_here, of_others)))
    new, bodies = [], []
    for each in rows:
        if marks.rows[each.number] in told:
            continue
        if each.kind is SignatoryKind.ORGANISATION:
            bodies.append(each)
            continue
        known_by = [mark for marked in (marks.addresses, marks.links) if (mark := marked.get(each.number))]
        met = {mark for mark in known_by if dry and known.meet(mark)}
        if met or not here.isdisjoint(known_by):
            continue
        here.update(known_by)
        new.append(each)
    if bodies:
        bodies = not_here(row, bodies)
        if dry:
            hashed = [marks.keys.request_hash(f"body|{normalise(each.person.name)}") for each in bodies]
            bodies = [each for each, name in zip(bodies, hashed, strict=True) if not known.meet(name)]
        new += bodies
    if dry:
        row.perhaps += number_of_known_names(row, new, marks)
    elif new:
        _insert(row, new, marks, now)
        if len(str(row.new + len(new))) > len(str(row.new)):  # ten times as many as when it looked last
            look_again(Signatory, Signature)
    return len(new)


# In this order; what all of them have alike is said once.
_PEOPLE = (
    *(
        "id",
        "public_id",
        "kind",
        "organisation_id",
        "sort_text",
        "address_hash",
        "link_hash",
        "row_key",
        "shown_as",
        "stands_on",
    ),
    *SEALED_COLUMNS,
)
_SIGNATURES = ("public_id", "signatory_id", "appearance", "signed_on", "signed_precision", "wishes_updates")


def _insert(row: Import, rows: Sequence[Row], marks: Marks, now: dt.datetime) -> None:
    hold_protection(row.campaign)
    is_protected, keys = row.campaign.is_protected, marks.keys
    persons = [each for each in rows if each.kind is SignatoryKind.PERSON]
    if marks.is_protected is not is_protected:  # somebody changed that since they were read
        marks = marks_of(rows, keys, is_protected=is_protected, dry=False)
    bodies = recorded(row, [each for each in rows if each.kind is SignatoryKind.ORGANISATION], now)
    numbers = new_ids(Signatory, len(rows))
    today = now.date()  # where nobody knows when, a signatory stands since it was recorded, as the triggers say
    people = []
    for number, each in zip(numbers, persons, strict=False):
        kept = marks.kept[each.number]
        people.append((
            number, kept.public_id, each.kind, None, marks.texts.get(each.number, ""), marks.addresses.get(each.number),
            marks.links.get(each.number), marks.rows[each.number], each.appearance,
            each.signed.date if each.signed else today, *kept.sealed,
        ))  # fmt: skip
    behind = numbers[len(persons) :]
    for number, public_id, (each, body) in zip(behind, new_public_ids(len(bodies)), bodies, strict=True):
        people.append((
            # One address may sign for itself and for an organisation, which is known by its name.
            number, public_id, each.kind, body, "" if is_protected else sort_text(each.person), None, None,
            marks.rows[each.number], each.appearance, each.signed.date if each.signed else today,
            *sealed_values(each.person, public_id, seals_names=False, keys=keys),
        ))  # fmt: skip
    alike = {
        "campaign_id": row.campaign_id, "created_at": now, "import_id": row.id,
        "stands_as": SignatureStatus.LISTED,
    }  # fmt: skip
    load(Signatory, alike, _PEOPLE, people)
    tokens = (
        (number, token)
        for number, each in zip(numbers, persons, strict=False)
        for token in marks.kept[each.number].tokens
    )
    load(SignatoryToken, {}, ("signatory_id", "token"), tokens)
    rows = [*persons, *(each for each, _body in bodies)]
    signatures = (
        (public_id, number, each.appearance, *(each.signed or (None, None)), each.updates)
        for public_id, number, each in zip(new_public_ids(len(rows)), numbers, rows, strict=True)
    )
    alike = {
        "campaign_id": row.campaign_id, "text_id": queries.current_text_id(row.campaign),
        "status": SignatureStatus.LISTED, "provenance": Provenance.LIST, "recorded_at": now,
        "recorded_by_id": row.actor_id,
    }  # fmt: skip
    load(Signature, alike, _SIGNATURES, signatures)


def tell(row: Import, count: int, *, is_undo: bool, now: dt.datetime) -> None:
    """One line in the history for the whole list; it is told in no digest. Names nobody."""
    if not count:
        return
    if is_undo:
        words = ngettext(
            "%(num)d signatory from a list was taken back", "%(num)d signatories from a list were taken back", count
        )
    else:
        words = ngettext("%(num)d signatory was added from a list", "%(num)d signatories were added from a list", count)
    append(
        row.campaign,
        words,
        day_in(row.campaign.zone, now),
        precision=Precision.DAY,
        visibility=EntryVisibility.MEMBERS if row.campaign.is_protected else EntryVisibility.PUBLIC,
        announce=False,
        actor=db.session.get(Account, row.actor_id) if row.actor_id else None,
        now=now,
    )
