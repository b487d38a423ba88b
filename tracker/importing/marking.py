"""What is made of rows before anything is locked: the marks they are known by again, and what will be kept of them.

It needs no database, so that a thread beside the one that writes does it (ahead.py).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from tracker.importing.loading import new_public_ids
from tracker.importing.rows import Row
from tracker.sealing import CampaignKeys
from tracker.signatures.models import SignatoryKind
from tracker.signatures.people import link_hash, sealed_values, sort_text, word_tokens
from tracker.web.dates import UncertainDate


@dataclass(frozen=True, slots=True)
class Kept:
    """What will be kept of a person: sealed for that public id, in the order of SEALED_COLUMNS."""

    public_id: str
    sealed: tuple[str | None, ...]
    tokens: tuple[str, ...]  # of a sealed name; none where the name is in the open


@dataclass(frozen=True, slots=True)
class Marks:
    """All by the rows' numbers in the file."""

    keys: CampaignKeys
    is_protected: bool  # what the campaign was when they were made
    addresses: dict[int, str]
    links: dict[int, str]
    rows: dict[int, str]
    texts: dict[int, str]  # by which people are sorted and compared; none in a protected campaign
    kept: dict[int, Kept]  # of people; none where nobody will be saved
    words: dict[int, frozenset[str]]  # tokens of people's names in a protected campaign, where nobody will be saved


def marks_of(rows: Sequence[Row], keys: CampaignKeys, *, is_protected: bool, dry: bool) -> Marks:
    """Keyed hashes of the addresses and of all that each row says; unless `dry`, what will be kept as well."""
    persons = [each for each in rows if each.kind is SignatoryKind.PERSON]
    kept: dict[int, Kept] = {}
    if not dry:
        for each, public_id in zip(persons, new_public_ids(len(persons)), strict=True):
            sealed = sealed_values(each.person, public_id, seals_names=is_protected, keys=keys)
            tokens = tuple(word_tokens(each.person.name, keys)) if is_protected else ()
            kept[each.number] = Kept(public_id, sealed, tokens)
    return Marks(
        keys,
        is_protected,
        {each.number: keys.address_hash(each.person.address) for each in rows if each.person.address},
        {each.number: hashed for each in persons if (hashed := link_hash(each.person, keys))},
        {each.number: keys.request_hash(f"row|{said(each)}") for each in rows},
        {} if is_protected else {each.number: sort_text(each.person) for each in persons},
        kept,
        {each.number: frozenset(word_tokens(each.person.name, keys)) for each in persons if dry and is_protected},
    )


def said(row: Row) -> str:
    """All that a row says of a person; composed and decomposed letters are the same letters."""
    person = row.person
    signed = _iso(row.signed) if row.signed else ""
    parts = [person.name, person.office, person.affiliation, person.address, person.phone, signed]
    if row.kind is SignatoryKind.ORGANISATION:
        parts += [row.kind, person.through]
    if person.link:
        parts.append(person.link)
    if person.team or person.city:  # else a row is known again that was brought in before there were these
        parts += ["team", person.team, "city", person.city]
    return unicodedata.normalize("NFC", "\x1f".join(parts))


@lru_cache(maxsize=5_000)  # a list has few days, and many people on each
def _iso(signed: UncertainDate) -> str:
    return signed.iso
