"""Telling anew what was recorded; when somebody else did so first, both versions side by side to choose from.

An entry that others could have read is corrected by another entry, a draft is replaced: either way the address that
somebody opened names what was told first. So a form looks for what is told today, remembers which telling its reader
saw (`version` holds its public id), and when another one stands by the time it is sent, shows both (web/conflict.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import abort, request

from tracker import clock
from tracker.accounts.access import current_account, me
from tracker.accounts.models import Account
from tracker.db import db, transaction
from tracker.timeline.in_place import Answer, done, entry_url, show_form
from tracker.timeline.models import EntryBacked, TimelineEntry
from tracker.timeline.queries import day_in, newest_telling
from tracker.timeline.service import Conflict, TimelineError, Told, amend, may_change
from tracker.web.conflict import clash
from tracker.web.once import once
from tracker.words import _

# The form filled from what an entry tells; `**how` goes to the form's class.
Shape = Callable[..., Any]
Save = Callable[[Any, TimelineEntry, Account, dt.datetime], TimelineEntry]
Record = Callable[[Any, Told, Account, dt.datetime], EntryBacked]
R = TypeVar("R", bound=EntryBacked)


def telling_or_404(campaign: Any, public_id: str) -> TimelineEntry:
    """What tells today what this entry told first, as far as whoever asks may read it."""
    found = newest_telling(campaign.id, public_id, current_account(), today=day_in(campaign.zone, clock.now()))
    if found is None:
        abort(404)
    return found


def record_or_404(kind: type[R], entry: TimelineEntry) -> R:
    """The record of this kind that an entry tells of."""
    found = db.session.scalar(sa.select(kind).where(kind.entry_id == entry.id))
    if found is None:
        abort(404)
    return found


def corrected_in_the_open(entry: TimelineEntry) -> TimelineEntry | None:
    """The entry, when whoever asks can no longer just change it; for `correcting=` of a form."""
    return None if may_change(entry, current_account(), now=clock.now()) else entry


def by_record(record: Record) -> Save:
    """A record told anew: in place of an entry that nobody else could have seen, otherwise as its correction."""

    def save(form: Any, entry: TimelineEntry, actor: Account, now: dt.datetime) -> TimelineEntry:
        told = form.told(now=now, actor=actor)
        return record(form, amend(entry, told, reason=form.reason.data or "", actor=actor, now=now), actor, now).entry

    return save


def tell_again(
    template: str,
    shape: Shape,
    save: Save,
    *,
    campaign: Any,
    entry: TimelineEntry,
    where: str | None = None,
    **facts: Any,
) -> Answer:
    """The view that tells `entry` anew; afterwards one goes to `where`, or to the entry that tells it now.

    Two at once: the second is asked field by field, with 409, and nothing that was typed is lost.
    """
    now, actor = clock.now(), me()
    form = shape(entry, version=entry.public_id)
    seen = request.form.get(form.NEWEST) or (request.view_args or {}).get("public_id")
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saving:
                if seen != entry.public_id:
                    raise Conflict(_("Somebody else told this anew meanwhile."))
                made = save(form, entry, actor, now)
                saving.leads_to(where or entry_url(campaign, made))
        except Conflict as error:
            newest = telling_or_404(campaign, entry.public_id)
            if newest.public_id != seen:
                theirs = shape(newest, version=newest.public_id, formdata=None)
                form.correcting = theirs.correcting
                both = clash(form, theirs, instead={"source": "\n".join(one.citation for one in newest.sources)})
                answer = show_form(template, form, campaign=campaign, entry=newest, conflict=both, **facts)
                return str(answer[0] if isinstance(answer, tuple) else answer), 409
            form.fail(error)
        except TimelineError as error:
            form.fail(error)
        else:
            return done(_("Corrected.") if form.correcting else _("Changed."), saving.where, form)
    return show_form(template, form, campaign=campaign, entry=entry, **facts)
