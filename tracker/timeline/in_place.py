"""Forms that stand alone as a page and are loaded into another page by htmx; and where one goes after saving."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from tracker import clock
from tracker.accounts.access import current_account, me
from tracker.accounts.models import Account
from tracker.db import transaction
from tracker.timeline.editing import Stale
from tracker.timeline.models import EntryBacked, TimelineEntry
from tracker.timeline.queries import day_in, entry_by_public_id, is_in_bin_of
from tracker.timeline.service import TimelineError, Told
from tracker.web.chrome import link
from tracker.web.errors import kept_form
from tracker.web.once import once
from tracker.words import LazyString, _

Answer = str | BaseResponse | tuple[str, int]
Record = Callable[[Told, Account, dt.datetime], EntryBacked]
# Which form tells a kind of record anew: table → endpoint, which takes `slug` and the entry's `public_id`.
AMENDED_AT: dict[str, str] = {}


def amended_at(record_type: str, endpoint: str) -> None:
    """Say with which form a record is changed or corrected, once, beside that form's view."""
    AMENDED_AT[record_type] = endpoint


def show_form(template: str, form: Any, *, campaign: Any, **facts: Any) -> Answer:
    """The form as a page, or alone for htmx; 422 when something in it is wrong."""
    alone = bool(request.headers.get("HX-Request"))
    layout = "timeline/_form_alone.html" if alone else "timeline/_form_page.html"
    html = render_template(template, form=form, campaign=campaign, form_layout=layout, back=back_to(campaign), **facts)
    return (html, 422) if form.errors else html


def done(words: LazyString | str, where: str, form: Any = None) -> BaseResponse:
    """Say what was saved, and what was taken out of the files of a form that has any, and go there; the whole page too
    when htmx asked."""
    flash(str(words), "success")
    for said in form.words_after() if hasattr(form, "words_after") else []:
        flash(said, "info")
    if request.headers.get("HX-Request"):
        return Response(status=200, headers={"HX-Redirect": where})
    return redirect(where)


def save_form(
    form: Any,
    verb: Callable[[], object],
    *,
    leads_to: str,
    refused: type[Exception],
    said: LazyString | str,
    then: Callable[[], object] = lambda: None,
) -> BaseResponse | None:
    """Save what was typed, in a transaction, once however often it is sent, and lead there with `said`; `then` after
    the commit. None where it was not: why stands on the form, an error of the kind `refused` or that somebody else was
    quicker, and what was typed is kept."""
    try:
        with transaction(), once(form) as saved:
            verb()
            saved.leads_to(leads_to)
    except refused as error:
        form.fail(error)
    except Stale:
        form.form_errors.append(str(_("Somebody else changed this meanwhile; look again.")))
    else:
        then()
        flash(str(said), "success")
        return redirect(saved.where)
    return None


def back_to(campaign: Any) -> str:
    """The campaign's page, or its history where there is none."""
    return link("pages.campaign", slug=campaign.slug) or url_for("pages.history", slug=campaign.slug)


def entry_url(campaign: Any, entry: TimelineEntry) -> str:
    """The page of one entry."""
    return url_for("timeline.show", slug=campaign.slug, public_id=entry.public_id)


def entry_or_404(campaign: Any, public_id: str) -> TimelineEntry:
    """An entry of the campaign that whoever asks may read. Who removed it, in another window perhaps, is told so, with
    what they typed meanwhile; for anybody else it is not there."""
    today, account = day_in(campaign.zone, clock.now()), current_account()
    entry = entry_by_public_id(campaign.id, public_id, account, today=today)
    if entry is not None:
        return entry
    if account is not None and is_in_bin_of(account, campaign.id, public_id):
        page = render_template("timeline/removed.html", campaign=campaign, kept=kept_form(), status=410)
        abort(make_response(page, 410))
    abort(404)


def tell_form(
    template: str,
    form: Any,
    record: Record,
    *,
    campaign: Any,
    saved: LazyString | str,
    where: str | None = None,
    **facts: Any,
) -> Answer:
    """The view of a form of EntryFields: `record` tells the fact. What is told already is told anew by anew.py.

    After saving one goes to `where`; if that is not given, to the campaign.
    """
    now, actor = clock.now(), me()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saving:
                record(form.told(now=now, actor=actor), actor, now)
                saving.leads_to(where or back_to(campaign))
        except TimelineError as error:
            form.fail(error)
        else:
            return done(saved, saving.where, form)
    return show_form(template, form, campaign=campaign, entry=None, **facts)
