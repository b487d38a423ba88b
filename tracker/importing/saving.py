"""Who in some rows is here already, and the saving of those who are not. Certain by address or by the very same row."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.db import Precision, db, new_public_id
from tracker.importing.models import Import
from tracker.importing.rows import Row
from tracker.sealing import campaign_keys
from tracker.signatures import queries
from tracker.signatures.models import Provenance, Signatory, SignatoryKind, Signature, SignatureStatus
from tracker.signatures.people import insert_rows, sort_text
from tracker.signatures.service.saving import save_people
from tracker.signatures.service.telling import append
from tracker.timeline.models import EntryVisibility
from tracker.timeline.queries import day_in
from tracker.words import ngettext

UNDONE_AT_ONCE = 500


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


def save(row: Import, rows: Sequence[Row], known: Known, *, now: dt.datetime, dry: bool) -> tuple[int, int]:
    """Save those who are new, or with `dry` only count them: (new, of those perhaps here by name)."""
    keys = campaign_keys(row.campaign.public_id, now=now)
    addresses = {id(each): keys.address_hash(each.person.address) for each in rows if each.person.address}
    row_keys = {id(each): keys.request_hash(f"row|{said(each)}") for each in rows}
    mine = Signatory.campaign_id == row.campaign_id
    here = set(
        db.session.scalars(
            sa.select(Signatory.address_hash).where(mine, Signatory.address_hash.in_(addresses.values()))
        )
    )
    # The same row twice in one file may be two people of one name; in two files it is the same row.
    told = set(
        db.session.scalars(
            sa.select(Signatory.row_key).where(
                mine, Signatory.row_key.in_(row_keys.values()), Signatory.import_id.is_distinct_from(row.id)
            )
        )
    )
    new = []
    for each in rows:
        address = addresses.get(id(each))
        if row_keys[id(each)] in told or (address and (address in here or (dry and known.meet(address)))):
            continue
        if address:
            here.add(address)
        new.append(each)
    perhaps = _of_known_names(row, new)
    if new and not dry:
        _insert(row, new, [row_keys[id(each)] for each in new], now)
    return len(new), perhaps


def said(row: Row) -> str:
    """All that a row says of a person; composed and decomposed letters are the same letters."""
    signed = row.signed.iso if row.signed else ""
    person = row.person
    parts = [person.name, person.office, person.affiliation, person.address, person.phone, signed]
    return unicodedata.normalize("NFC", "\x1f".join(parts))


def _of_known_names(row: Import, rows: Sequence[Row]) -> int:
    if row.campaign.is_protected:
        return 0  # names are sealed; nothing that could be compared lies in the open
    texts = [sort_text(each.person) for each in rows]
    found = set(
        db.session.scalars(
            sa.select(Signatory.sort_text).where(
                Signatory.campaign_id == row.campaign_id, Signatory.sort_text.in_(set(texts)), queries.present(),
                Signatory.import_id.is_distinct_from(row.id),
            )
        )
    )  # fmt: skip
    return sum(text in found for text in texts)


def _insert(row: Import, rows: Sequence[Row], row_keys: Sequence[str], now: dt.datetime) -> None:
    pairs = []
    for each, key in zip(rows, row_keys, strict=True):
        signatory = Signatory(
            kind=SignatoryKind.PERSON, public_id=new_public_id(), created_at=now, import_id=row.id, row_key=key
        )
        pairs.append((signatory, each.person))
    numbers = save_people(row.campaign, pairs, now)
    text_id = queries.current_text_id(row.campaign)
    signatures = [
        {
            "campaign_id": row.campaign_id, "signatory_id": number, "text_id": text_id,
            "status": SignatureStatus.LISTED, "provenance": Provenance.LIST, "appearance": each.appearance,
            "signed_on": each.signed.date if each.signed else None,
            "signed_precision": each.signed.precision if each.signed else None,
            "wishes_updates": each.updates, "recorded_at": now, "recorded_by_id": row.actor_id,
        }
        for number, each in zip(numbers, rows, strict=True)
    ]  # fmt: skip
    insert_rows(Signature, signatures)


def undo_some(row: Import) -> int:
    """Take back some of whom this import brought; 0 when only those are left who changed since (they are counted)."""
    others = sa.select(Signature.id).where(
        Signature.signatory_id == Signatory.id,
        sa.or_(Signature.version > 1, Signature.status != SignatureStatus.LISTED),
    )
    merged = sa.orm.aliased(Signatory)
    untouched = sa.select(Signatory.id).where(
        Signatory.import_id == row.id,
        Signatory.version == 1,
        Signatory.deleted_at.is_(None),
        Signatory.merged_into_id.is_(None),
        ~others.exists(),
        ~sa.select(merged.id).where(merged.merged_into_id == Signatory.id).exists(),
    )
    numbers = list(db.session.scalars(untouched.limit(UNDONE_AT_ONCE)))
    if not numbers:
        kept = sa.select(sa.func.count()).select_from(Signatory).where(Signatory.import_id == row.id)
        row.kept = db.session.scalar(kept) or 0
        return 0
    options = {"synchronize_session": False}
    db.session.execute(sa.delete(Signature).where(Signature.signatory_id.in_(numbers)), execution_options=options)
    db.session.execute(sa.delete(Signatory).where(Signatory.id.in_(numbers)), execution_options=options)
    return len(numbers)


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
