"""Set back what was changed: a page that shows what that does, and one button."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import abort, flash, redirect, render_template, url_for
from sqlalchemy.orm.exc import StaleDataError

from tracker import clock
from tracker.accounts.access import me
from tracker.accounts.models import Account
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.models import Campaign
from tracker.campaigns.service import CampaignError
from tracker.campaigns.service.restoring import record_of, restore_field, words_now
from tracker.db import Precision, db, transaction
from tracker.pages.blueprint import bp
from tracker.pages.history import readable_changes
from tracker.pages.restorable import offers_restoring
from tracker.timeline import queries
from tracker.timeline.editing import Stale, as_words
from tracker.timeline.in_place import Answer
from tracker.timeline.models import Revision, TimelineEntry
from tracker.timeline.service import Conflict, TimelineError, change_entry, may_change
from tracker.web.base_form import BaseForm
from tracker.web.diff import diff
from tracker.web.once import once
from tracker.words import _


class _Refused(Exception):
    """Why a change is not set back, in words."""


class RestoreForm(BaseForm):
    """Nothing but which state of the record was seen."""


@dataclass(frozen=True)
class Restorable:
    """What a change was of, as it is now."""

    revision: Revision
    record: Any
    now: str

    @property
    def then(self) -> str:
        """What would be there again."""
        return self.revision.old_value or ""


@bp.route("/campaigns/<slug>/changes/<public_id>/restore", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def restore(campaign: Campaign, public_id: str) -> Answer:
    """Set a field back to what it was before this change."""
    now, account = clock.now(), me()
    try:
        found = _restorable(campaign, account, public_id, now)
    except _Refused as refusal:
        flash(str(refusal), "warning")
        return redirect(url_for("pages.changes", slug=campaign.slug))
    form = RestoreForm(version=getattr(found.record, "version", None))
    status = 200
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                found = _restorable(campaign, account, public_id, now)
                _restore(found, campaign, form.version_number, account, now)
                saved.leads_to(_back(campaign, found))
        except (Stale, StaleDataError, Conflict):
            found = _restorable(campaign, account, public_id, now)
            form.follow(RestoreForm(formdata=None, version=found.record.version))
            form.form_errors.append(str(_("Somebody else saved this meanwhile; this is how it stands now.")))
            status = 409
        except (CampaignError, TimelineError, _Refused) as error:
            form.form_errors.append(str(error))
            status = 422
        else:
            flash(str(_("It is as it was before.")), "success")
            return redirect(saved.where)
    page = render_template(
        "pages/restore.html",
        crumbs=[
            (_("Campaigns"), url_for("campaigns.index")),
            (campaign.title, url_for("pages.campaign", slug=campaign.slug)),
            (_("History"), url_for("pages.history", slug=campaign.slug)),
            (_("Changes"), url_for("pages.changes", slug=campaign.slug)),
        ],
        form=form,
        revision=found.revision,
        found=diff(found.now, found.then),
        is_gone=found.record is None,
        back=_back(campaign, found),
    )
    return page, status


def _restorable(campaign: Campaign, account: Account, public_id: str, now: dt.datetime) -> Restorable:
    """The change, if it is one that this account may read; raises _Refused when it cannot be set back at all."""
    today = queries.day_in(campaign.zone, now)
    revision = db.session.scalar(
        readable_changes(campaign, account, today=today).where(Revision.public_id == public_id)
    )
    if revision is None:
        abort(404)
    if revision.is_sealed:
        raise _Refused(_("What it was is not kept, so it cannot be set back."))
    if not offers_restoring(revision, account):
        raise _Refused(_("This cannot be set back; change it where it stands."))
    if revision.record_type != TimelineEntry.__tablename__:
        record = record_of(revision, campaign)
        return Restorable(revision, record, (words_now(revision, record) or "") if record is not None else "")
    entry = db.session.get(TimelineEntry, revision.record_id)
    if entry is None or not may_change(entry, account, now=now):
        raise _Refused(_("Others could have read it by now, so it is corrected in the open, not changed."))
    if entry.record_type and revision.field != "words":
        raise _Refused(_("This is told by a form of its own; change it there."))
    return Restorable(revision, entry, as_words(getattr(entry, revision.field)) or "")


def _restore(found: Restorable, campaign: Campaign, seen: int | None, account: Account, now: dt.datetime) -> None:
    if not isinstance(found.record, TimelineEntry):
        restore_field(found.revision, campaign, seen=seen, actor=account, now=now)
        return
    entry = found.record
    values: dict[str, Any] = {
        "headline": entry.headline,
        "words": entry.words,
        "occurred_on": entry.occurred_on,
        "precision": entry.occurred_precision,
    }
    if found.revision.field == "occurred_on":
        values |= {
            "occurred_on": dt.date.fromisoformat(found.then),
            "precision": _precision_with(found.revision, entry),
        }
    else:
        values[found.revision.field] = found.then
    change_entry(
        entry,
        actor=account,
        now=now,
        visibility=entry.visibility,
        readers=list(entry.readers),
        public_from=entry.public_from,
        expected_version=seen,
        **values,
    )


def _precision_with(revision: Revision, entry: TimelineEntry) -> Precision:
    """How exactly the date was known: what changed with it, else what it is now."""
    for other in queries.revisions_of(entry):
        if other.field == "occurred_precision" and other.recorded_at == revision.recorded_at and other.old_value:
            return Precision(other.old_value)
    return entry.occurred_precision


def _back(campaign: Campaign, found: Restorable) -> str:
    if isinstance(found.record, TimelineEntry):
        return url_for("timeline.show", slug=campaign.slug, public_id=found.record.public_id)
    return url_for("pages.changes", slug=campaign.slug)
