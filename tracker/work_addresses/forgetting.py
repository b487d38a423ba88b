"""What is over is forgotten: codes, all that is left of their mails, and in which order addresses signed.

Opens its own transactions; running it twice changes nothing.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tracker.db import db, dialect, forget_deleted, transaction
from tracker.mail.models import Email, EmailBody
from tracker.mail.transport import remove_letter
from tracker.settings import config
from tracker.signatures.addressed import DAY
from tracker.work_addresses.models import WorkCode, WorkSigner
from tracker.work_addresses.service import UNDER_WAY, forget_mails

QUIET = {"synchronize_session": False}
# As the index has it: a bound value would not be compared with the index's own.
_OF_CODES = sa.text("email.kind = 'work_code'")


def forget_codes(now: dt.datetime) -> int:
    """Destroy codes whose time is over; stop and wipe their mails, in the folder too; how many rows were touched.

    An address gets so many mails a day, so the hash it is counted by stays a day; then the whole row goes.
    """
    over, yesterday = now - config().durations.work_code, now - DAY
    with transaction():
        codes = db.session.execute(sa.delete(WorkCode).where(WorkCode.expires_at <= now), execution_options=QUIET)
        ids = db.session.scalars(
            sa.select(Email.id).where(_OF_CODES, Email.created_at <= over, Email.wiped_at.is_(None))
        ).all()
        files = forget_mails(ids, now=now)
        old = db.session.execute(
            sa.select(Email.id, Email.body_id).where(
                _OF_CODES, Email.created_at <= yesterday, Email.state.not_in(UNDER_WAY)
            )
        ).all()
        if old:
            db.session.execute(sa.delete(Email).where(Email.id.in_([one.id for one in old])), execution_options=QUIET)
            db.session.execute(
                sa.delete(EmailBody).where(EmailBody.id.in_([one.body_id for one in old])), execution_options=QUIET
            )
    for public_id in files:
        remove_letter(config().mail, public_id)
    touched = int(codes.rowcount) + len(files) + len(old)  # type: ignore[attr-defined]
    if touched:
        forget_deleted()
    return touched


def mix_signers() -> int:
    """On PostgreSQL a row tells which transaction wrote it, and so with which signature it came: write the rows of a
    campaign anew, all in one transaction and by their hashes; how many. SQLite keeps nothing of the kind. Where only
    one address has signed so, there is nothing to hide it among."""
    if dialect() != "postgresql":
        return 0
    told_apart = (
        sa.select(WorkSigner.campaign_id)
        .group_by(WorkSigner.campaign_id)
        .having(sa.func.count(sa.distinct(sa.text("xmin::text"))) > 1)
    )
    number = 0
    with transaction():
        for campaign_id in db.session.scalars(told_apart).all():
            gone = sa.delete(WorkSigner).where(WorkSigner.campaign_id == campaign_id).returning(WorkSigner.address_hash)
            hashes = sorted(db.session.scalars(gone, execution_options=QUIET))
            rows = [{"campaign_id": campaign_id, "address_hash": one} for one in hashes]
            db.session.execute(sa.insert(WorkSigner), rows)
            number += len(rows)
    return number
