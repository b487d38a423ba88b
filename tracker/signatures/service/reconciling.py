"""Once a night the numbers that the database keeps of signatories are compared with the rows themselves (ADR 24).

They are the same unless somebody wrote past the triggers, or a restore went wrong. What differs is put right and told
in numbers, to the log and to `tracker doctor`; nobody is named.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from tracker.db import db, insert_missing, transaction
from tracker.instance import Setting, setting
from tracker.settings import config
from tracker.signatures.models import Signatory, SignatoryTally, Signature
from tracker.signatures.people import chunks, insert_rows
from tracker.signatures.queries import present

CHECKED = "signatures_counted"  # the setting that says how the last comparison went
WINDOW = 20_000  # signatories compared with their newest signature at once
NEVER = ""

logger = logging.getLogger("tracker.signatures")
Key = tuple[int, str, str, str]  # campaign, kind, status, appearance


@dataclass(frozen=True)
class Counted:
    """How a comparison went."""

    at: dt.datetime
    signatories: int = 0
    rows_off: int = 0  # signatories whose row did not say what their newest signature says
    numbers_off: int = 0  # by how many the kept numbers were wrong, all added up
    campaigns_off: int = 0

    @property
    def is_off(self) -> bool:
        """Whether anything had to be put right."""
        return bool(self.rows_off or self.numbers_off)


def last_counted() -> Counted | None:
    """How the last comparison went, if there was one."""
    said = setting(CHECKED)
    if not said:
        return None
    found: dict[str, Any] = json.loads(said)
    return Counted(**found | {"at": dt.datetime.fromisoformat(found["at"])})


def reconcile(*, now: dt.datetime) -> Counted | None:
    """Compare and put right, if that was not done since yesterday; how it went. Opens its own transactions.

    Two at once put right once: who writes second finds that the first one was there.
    """
    before = setting(CHECKED)
    last = last_counted()
    db.session.rollback()
    if last is not None and last.at > now - config().durations.counts_every:
        return None
    rows_off = _mend_rows()
    wrong, number = _wrong_numbers()
    found = Counted(
        now, number, rows_off, sum(map(abs, wrong.values())), len({campaign_id for campaign_id, *_rest in wrong})
    )
    with transaction():
        insert_missing(Setting, [{"name": CHECKED, "value": NEVER, "changed_at": now}])
        row = db.session.scalars(sa.select(Setting).where(Setting.name == CHECKED).with_for_update()).one()
        if row.value != (before or NEVER):
            return None
        # A difference stays one whatever is signed meanwhile: those who sign add their own.
        insert_rows(
            SignatoryTally,
            [
                {"campaign_id": campaign_id, "kind": kind, "stands_as": stands, "shown_as": shown, "number": number}
                for (campaign_id, kind, stands, shown), number in wrong.items()
            ],
        )
        row.value, row.changed_at = json.dumps(asdict(found) | {"at": now.isoformat()}), now
    if found.is_off:
        logger.warning(
            "numbers of signatories were off by %d in %d campaigns, and %d rows; they are right again",
            found.numbers_off, found.campaigns_off, found.rows_off,
        )  # fmt: skip
    return found


def _mend_rows() -> int:
    """Have the triggers write anew what a signatory's row says of the newest signature, where it is wrong; how many."""
    later = sa.orm.aliased(Signature)
    newest = sa.select(sa.func.max(later.id)).where(later.signatory_id == Signatory.id).scalar_subquery()
    differs = sa.or_(
        Signatory.stands_as.is_distinct_from(Signature.status),
        Signatory.shown_as.is_distinct_from(Signature.appearance),
    )
    first, last = db.session.execute(sa.select(sa.func.min(Signatory.id), sa.func.max(Signatory.id))).one()
    mended = 0
    for start in range(first or 0, (last or 0) + 1, WINDOW):
        wrong = db.session.execute(
            sa.select(Signatory.id, Signature.id)
            .outerjoin(Signature, Signature.id == newest)
            .where(Signatory.id >= start, Signatory.id < start + WINDOW, differs)
        ).all()
        db.session.rollback()
        for some in chunks(wrong):
            with transaction():
                signed = [signature_id for _id, signature_id in some if signature_id is not None]
                never = [number for number, signature_id in some if signature_id is None]
                _write(sa.update(Signature).where(Signature.id.in_(signed)).values(status=Signature.status))
                nothing = dict.fromkeys(("stands_as", "shown_as", "stands_on"))
                _write(sa.update(Signatory).where(Signatory.id.in_(never)).values(**nothing))
        mended += len(wrong)
    return mended


def _write(statement: sa.Update) -> None:
    db.session.execute(statement.execution_options(synchronize_session=False))


def _wrong_numbers() -> tuple[Counter[Key], int]:
    """By how much each kept number is to change so that it is right, and how many signatories there are.

    Both are read as of one moment, whoever signs meanwhile.
    """
    if db.engine.dialect.name == "postgresql":  # SQLite reads so anyway
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    kept = (SignatoryTally.campaign_id, SignatoryTally.kind, SignatoryTally.stands_as, SignatoryTally.shown_as)
    true = (Signatory.campaign_id, Signatory.kind, Signatory.stands_as, Signatory.shown_as)
    wrong: Counter[Key] = Counter()
    number = 0
    counted = sa.select(*true, sa.func.count()).where(present(), Signatory.stands_as.is_not(None)).group_by(*true)
    for *key, many in db.session.execute(counted):
        wrong[_key(key)] += many
        number += many
    for *key, many in db.session.execute(sa.select(*kept, sa.func.sum(SignatoryTally.number)).group_by(*kept)):
        wrong[_key(key)] -= int(many)
    db.session.rollback()
    db.session.remove()  # the next one reads as usual
    return Counter({key: many for key, many in wrong.items() if many}), number


def _key(found: list[Any]) -> Key:
    campaign_id, kind, stands_as, shown_as = found
    return campaign_id, kind.value, stands_as.value, shown_as.value
