"""What is known of a signatory: sealed, opened, and found again (safety.md, 2)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value

from tracker.campaigns.models import Campaign
from tracker.db import Base, db
from tracker.sealing import CampaignKeys, SealError, campaign_keys
from tracker.search_text import normalise
from tracker.signatures.models import Signatory, SignatoryKind, SignatoryToken
from tracker.signatures.names import searched_words
from tracker.signatures.profiles import profile

# What may be shown beside a name, as its owner chose; what is sealed only in a protected campaign; and what always.
SHOWN = ("name", "office", "affiliation")
NAMING = (*SHOWN, "team", "city")
CONTACT = ("address", "phone", "through", "link")
SEALED_FIELDS = NAMING + CONTACT
SEALED_COLUMNS = (*NAMING, *(f"{column}_sealed" for column in SEALED_FIELDS))
_UNSEALED = tuple(None for _column in NAMING)


@dataclass(frozen=True, slots=True)
class Person:
    """What somebody says of a signatory. Never kept longer than the request; what is kept is a Signatory."""

    name: str
    office: str = ""
    affiliation: str = ""
    address: str = ""
    phone: str = ""
    through: str = ""  # who signed for an organisation
    link: str = ""  # the address of a profile
    team: str = ""
    city: str = ""


T = TypeVar("T")
Keys = Callable[[], CampaignKeys]


def keys_of(campaign: Campaign, *, now: dt.datetime) -> Keys:
    """The campaign's keys, fetched once and only when something sealed is met."""
    found: list[CampaignKeys] = []

    def fetch() -> CampaignKeys:
        if not found:
            found.append(campaign_keys(campaign.public_id, now=now))
        return found[0]

    return fetch


def place(column: str, signatory: Any) -> str:
    """Where a value belongs; opening it in another row or column fails."""
    return place_of(column, signatory.public_id)


def place_of(column: str, public_id: str) -> str:
    """The same of a signatory by its public id."""
    return f"signatory|{column}|{public_id}"


def hold_protection(campaign: Campaign, *, alone: bool = False) -> None:
    """Read anew whether names are sealed here, and let nobody change that before this transaction ends; `alone` also
    lets nobody else hold it, for a transaction that goes on to change the campaign. Before names are written."""
    row = sa.select(Campaign.is_protected).where(Campaign.id == campaign.id)
    row = row.with_for_update(key_share=True) if alone else row.with_for_update(read=True)
    set_committed_value(campaign, "is_protected", db.session.scalar(row))


def write_person(signatory: Signatory, person: Person, *, campaign: Campaign, keys: CampaignKeys) -> None:
    """Put what is known into the row: contact data sealed, in a protected campaign the names as well."""
    seals_names = campaign.is_protected and signatory.kind is SignatoryKind.PERSON
    values = sealed_values(person, signatory.public_id, seals_names=seals_names, keys=keys)
    for column, value in zip(SEALED_COLUMNS, values, strict=True):
        setattr(signatory, column, value)
    signatory.address_hash = keys.address_hash(person.address) if person.address else None
    signatory.link_hash = link_hash(person, keys)
    signatory.sort_text = "" if campaign.is_protected else sort_text(person)


def write_naming(signatory: Signatory, person: Person, *, campaign: Campaign, keys: CampaignKeys) -> None:
    """Put into the row what is said beside the name, and the name; contact data stays as it is."""
    seals_names = campaign.is_protected and signatory.kind is SignatoryKind.PERSON
    values = sealed_values(person, signatory.public_id, seals_names=seals_names, keys=keys)
    for column, value in zip(SEALED_COLUMNS, values, strict=True):
        if column.removesuffix("_sealed") in NAMING:
            setattr(signatory, column, value)
    signatory.sort_text = "" if campaign.is_protected else sort_text(person)


def sealed_values(person: Person, public_id: str, *, seals_names: bool, keys: CampaignKeys) -> tuple[str | None, ...]:
    """What is kept of a person, in the order of SEALED_COLUMNS; the values belong to the row of that public id."""

    def sealed(column: str, text: str) -> str | None:
        return keys.seal(text, place_of(column, public_id)) if text else None

    naming = (person.name, person.office, person.affiliation, person.team, person.city)
    shown = (*("" for _one in NAMING), *map(sealed, NAMING, naming)) if seals_names else (*naming, *_UNSEALED)
    contact = (person.address, person.phone, person.through, person.link)
    return (*shown, *map(sealed, CONTACT, contact)) if any(contact) else (*shown, *(None for _one in CONTACT))


def sort_text(person: Person) -> str:
    """What a plain campaign's list is sorted by and searched in: the name first, then the affiliation."""
    return f"{normalise(person.name)} · {_normalised_again(person.affiliation)}"


@lru_cache(maxsize=2_000)  # many people name one organisation; it is no secret, and no person
def _normalised_again(affiliation: str) -> str:
    return normalise(affiliation)


def read_name(signatory: Signatory, keys: Keys) -> Person:
    """The names of a signatory; empty where the key was destroyed. Contact data is another question."""
    if signatory.organisation is not None:
        return Person(name=signatory.organisation.name, office=signatory.office, affiliation=signatory.affiliation)
    return Person(**{column: _open(signatory, column, keys) for column in NAMING})


def opened_name(row: Any, keys: Keys, columns: Sequence[str] = SHOWN) -> Person:
    """The same of a row of columns that is no model, and only these columns: a person's, never an organisation's."""
    return Person(**{"name": "", **{column: _open(row, column, keys) for column in columns}})


def link_hash(person: Person, keys: CampaignKeys) -> str | None:
    """By which the profile of a person is found again here; None without one, or for words that are no address."""
    found = profile(person.link) if person.link else ""
    return keys.profile_hash(found) if found else None


def read_contact(signatory: Signatory, keys: Keys) -> tuple[str, str, str, str]:
    """E-mail address, phone, who signed for an organisation, and the address of a profile. Only for whoever may see
    contact data, and recorded (accounts/reading.py)."""
    address, phone, through, link = (_open(signatory, column, keys) for column in CONTACT)
    return address, phone, through, link


def _open(signatory: Any, column: str, keys: Keys) -> str:
    sealed = getattr(signatory, f"{column}_sealed")
    if sealed is None:
        return str(getattr(signatory, column, "") or "")
    try:
        return keys().open(sealed, place(column, signatory))
    except SealError:
        return ""


def write_tokens(named: Sequence[tuple[int, str]], keys: CampaignKeys) -> None:
    """Make sealed names findable by whole words: (signatory's id, name) pairs. Replaces earlier tokens."""
    forget_tokens([number for number, _name in named])
    insert_rows(
        SignatoryToken, [{"signatory_id": number, "token": token} for number, token in name_tokens(named, keys)]
    )


def name_tokens(named: Iterable[tuple[int, str]], keys: CampaignKeys) -> Iterator[tuple[int, str]]:
    """(Signatory's id, token) of each whole word of each name, each once."""
    for number, name in named:
        for token in word_tokens(name, keys):
            yield number, token


def word_tokens(name: str, keys: CampaignKeys) -> Iterable[str]:
    """The token of each whole word of a name, each once."""
    return dict.fromkeys(keys.word_hash(word) for word in searched_words(name))


def forget_tokens(numbers: Sequence[int]) -> None:
    """Destroy what makes these signatories findable by words."""
    for some in chunks(numbers):
        db.session.execute(sa.delete(SignatoryToken).where(SignatoryToken.signatory_id.in_(some)))


def insert_rows(model: type[Base], rows: Sequence[dict[str, Any]]) -> None:
    """Many rows in few statements; the session does not keep them."""
    for some in chunks(rows):
        db.session.execute(sa.insert(model), list(some))


def chunks(items: Sequence[T], size: int = 500) -> Iterable[Sequence[T]]:
    """Parts small enough for one statement on either database."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
