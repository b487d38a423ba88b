"""What happens to a campaign's people at its end, in bites that a killed worker takes up again. No entry names anybody.

Inside the caller's transaction; the long work is forgetting.py's.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, Stage
from tracker.campaigns.service.stages import RETENTION_MONTHS, months_later
from tracker.db import db
from tracker.importing.models import WORKING, Import, ImportPart, ImportRefusal, ImportState
from tracker.retention import queries
from tracker.sealing import campaign_keys
from tracker.signatures import receipts
from tracker.signatures.codes import SigningCode
from tracker.signatures.models import Appearance, Signatory, Signature
from tracker.signatures.not_again import forget_all
from tracker.signatures.people import NAMING, SEALED_FIELDS, forget_tokens
from tracker.signatures.service.telling import append
from tracker.signatures.signings import SigningRequest
from tracker.timeline import attached
from tracker.timeline.editing import edit_fields
from tracker.timeline.models import EntryVisibility
from tracker.timeline.queries import day_in
from tracker.words import LazyString, _, gettext
from tracker.work_addresses.models import WorkCode, WorkSigner

QUIET = {"synchronize_session": False}
NOTHING = {
    **{f"{column}_sealed": None for column in SEALED_FIELDS},
    **dict.fromkeys(("address_hash", "link_hash", "receipt_mark", "row_key")),
}


class RetentionError(Exception):
    """Something that cannot be done, in words for people."""

    def __init__(self, words: LazyString | str, field: str = "") -> None:
        super().__init__(str(words))
        self.field = field


def change_day(campaign: Campaign, day: dt.date, *, actor: Account, now: dt.datetime) -> None:
    """Forget the people of a campaign on another day: of a concluded one a sooner day, never later than signers were
    told; of one that goes on up to two years from now, so that somebody says anew that it does. Raises RetentionError.
    """
    if campaign.people_forgotten_at is not None:
        raise RetentionError(_("It has happened already."))
    last = last_day(campaign, now=now)
    if last is None:
        raise RetentionError(_("The campaign goes on, and nobody has signed: there is nobody to forget."))
    if day < day_in(campaign.zone, now):
        raise RetentionError(_("This day is over already; choose today to forget them tonight."), "day")
    if day > last and campaign.stage is not Stage.CONCLUDED:
        raise RetentionError(_("Two years from now at the latest: %(day)s.", day=last.isoformat()), "day")
    if day > last:
        raise RetentionError(_("Signers were told half a year: %(day)s at the latest.", day=last.isoformat()), "day")
    campaign.ending_noted_on = None
    edit_fields(campaign, {"retention_on": day}, record_type="campaign", actor=actor, now=now, campaign_id=campaign.id)


def last_day(campaign: Campaign, *, now: dt.datetime) -> dt.date | None:
    """The last day that may be chosen: half a year after the conclusion was recorded, as signers were told; two years
    from now while the campaign goes on. None where nobody signed one that goes on."""
    concluded_on = queries.concluded_day(campaign) or campaign.concluded_on
    if campaign.stage is Stage.CONCLUDED and concluded_on is not None:
        return months_later(concluded_on, RETENTION_MONTHS)
    today = day_in(campaign.zone, now)
    return months_later(today, queries.SILENT_MONTHS) if queries.forget_day(campaign, today) else None


def note_ending(campaign: Campaign, *, now: dt.datetime) -> None:
    """Tell the team, in the history and so in its digests, that the people of a campaign which nobody concludes will be
    forgotten soon; forget that it was told when the day moved away (`queries.is_to_note`)."""
    today = day_in(campaign.zone, now)
    if not queries.is_to_note(campaign, today):
        return
    if campaign.ending_noted_on is not None:
        campaign.ending_noted_on = None
        return
    campaign.ending_noted_on = today
    forget_on = queries.forget_day(campaign, today)
    assert forget_on is not None
    append(
        campaign,
        gettext(
            "Nobody concluded this campaign. Unless another day is chosen, contact data and hidden names of the "
            "signatories are destroyed on %(day)s",
            day=forget_on.isoformat(),
        ),
        today,
        visibility=EntryVisibility.MEMBERS,
        actor=None,
        now=now,
    )


def end_look_up(campaign: Campaign, *, now: dt.datetime) -> None:
    """Forget what finds a signer again: codes nobody used, what waits for a confirmation, which work addresses signed,
    lists on their way. The key is destroyed by the caller after the commit, the hashes of signatories go bite by bite
    (`forget_hashes`)."""
    for model in (SigningCode, SigningRequest, WorkCode, WorkSigner):
        db.session.execute(sa.delete(model).where(model.campaign_id == campaign.id), execution_options=QUIET)
    imports = sa.select(Import.id).where(Import.campaign_id == campaign.id)
    for part in (ImportPart, ImportRefusal):
        db.session.execute(sa.delete(part).where(part.import_id.in_(imports)), execution_options=QUIET)
    waiting = (*WORKING, ImportState.DRAFT, ImportState.CHECKED)
    db.session.execute(
        sa.update(Import)
        .where(Import.campaign_id == campaign.id, Import.state.in_(waiting))
        .values(state=ImportState.CANCELLED, ended_at=now, lease="", leased_until=None),
        execution_options=QUIET,
    )
    db.session.execute(
        sa.update(Import).where(Import.campaign_id == campaign.id).values(heading_hash=""), execution_options=QUIET
    )
    forget_all(campaign)
    campaign.look_up_ended_at = campaign.look_up_ended_at or now


def forget_hashes(campaign: Campaign, *, most: int) -> int:
    """Take away hashes that nobody can make any more from some rows; how many. Names and addresses stay."""
    hashes = (Signatory.address_hash, Signatory.link_hash, Signatory.row_key)
    meaningless = sa.or_(*(column.is_not(None) for column in hashes))
    numbers = _some(campaign, meaningless, most)
    forget_tokens(numbers)
    values = {"address_hash": None, "link_hash": None, "row_key": None, "version": Signatory.version + 1}
    db.session.execute(sa.update(Signatory).where(Signatory.id.in_(numbers)).values(values), execution_options=QUIET)
    return len(numbers)


def forget_some(campaign: Campaign, *, most: int, now: dt.datetime) -> int:
    """Forget up to so many people; 0 when nobody is left. Who may stay keeps a name; the others only count."""
    numbers = _some(campaign, queries.has_anything(), most)
    if not numbers:
        return 0
    keys = campaign_keys(campaign.public_id, now=now)
    staying: dict[int, str] = {}
    if keys.can_open:
        stays = sa.select(Signatory.id, Signatory.public_id).where(
            Signatory.id.in_(numbers), queries.who_stays(campaign)
        )
        staying = {number: receipts.kept_mark(public_id, keys) for number, public_id in db.session.execute(stays)}
    going = [number for number in numbers if number not in staying]
    forget_tokens(numbers)
    if staying:
        table = db.metadatas[None].tables[Signatory.__tablename__]
        mine = table.c.id.in_(staying)
        db.session.execute(sa.update(table).where(mine).values(**NOTHING, version=table.c.version + 1))
        marks = [{"number": number, "mark": mark} for number, mark in staying.items()]
        one_by_one = sa.update(table).where(table.c.id == sa.bindparam("number"))
        db.session.connection().execute(one_by_one.values(kept_mark=sa.bindparam("mark")), marks)
    if going:
        words = dict.fromkeys((*NAMING, "sort_text"), "")
        gone = {**NOTHING, **words, "organisation_id": None, "kept_mark": None, "erased_at": now}
        everybody = Signatory.id.in_(going)
        db.session.execute(
            sa.update(Signatory).where(everybody).values(**gone, version=Signatory.version + 1), execution_options=QUIET
        )
        quiet = {"appearance": Appearance.COUNTED, "end_reason": "", "version": Signature.version + 1}
        db.session.execute(
            sa.update(Signature).where(Signature.signatory_id.in_(going)).values(quiet), execution_options=QUIET
        )
    nobody_hears = sa.update(Signature).where(Signature.signatory_id.in_(numbers)).values(wishes_updates=False)
    db.session.execute(nobody_hears, execution_options=QUIET)
    return len(numbers)


def seal_a_file_anew(campaign: Campaign, *, now: dt.datetime) -> bool:
    """Seal one file with the files' own key that was sealed with the people's; False when none is left."""
    return attached.seal_anew(campaign.id, now=now)


def note_forgotten(campaign: Campaign, *, now: dt.datetime) -> None:
    """All is done: say so in the history, for members; nobody is named."""
    if campaign.people_forgotten_at is not None:
        return
    campaign.people_forgotten_at = now
    append(
        campaign,
        gettext("Contact data and hidden names of the signatories were destroyed; the numbers stay"),
        day_in(campaign.zone, now),
        visibility=EntryVisibility.MEMBERS,
        announce=False,
        actor=None,
        now=now,
    )


def _some(campaign: Campaign, condition: sa.ColumnElement[bool], most: int) -> list[int]:
    query = sa.select(Signatory.id).where(Signatory.campaign_id == campaign.id, condition)
    return list(db.session.scalars(query.order_by(Signatory.id).limit(most)))
