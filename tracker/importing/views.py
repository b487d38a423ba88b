"""Lists from files: bring one, look at how it is read, let it be read as a whole, save, take back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import IO, Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.accounts.access import ask_for_factor, current_account, me
from tracker.accounts.forms import LookForm
from tracker.accounts.models import Reading
from tracker.accounts.service import record_access
from tracker.accounts.views.proving import asked_again, proved_lately_or_now
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.models import Campaign
from tracker.db import forget_deleted, transaction
from tracker.importing import queries, service
from tracker.importing.detecting import Shape
from tracker.importing.forms import ReadingForm, UploadForm
from tracker.importing.models import WORKING, DayOrder, Import, ImportState
from tracker.importing.presets import program_of
from tracker.importing.problems import PROBLEMS, FileProblem, Problem
from tracker.importing.rows import Row, understand
from tracker.importing.words import COLUMNS, STATES
from tracker.jobs import IMPORT, nudge
from tracker.signatures.cells import original_cell
from tracker.signatures.models import Appearance, SignatoryKind
from tracker.timeline.queries import day_in
from tracker.web.once import once
from tracker.web.polled import polled
from tracker.web.pressing import press
from tracker.web.uploads import takes_files
from tracker.words import gettext

bp = Blueprint("importing", __name__)


@bp.route("/campaigns/<slug>/signatories/import", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def new(campaign: Campaign) -> ResponseReturnValue:
    """A file."""
    form, now = UploadForm(), clock.now()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                row = service.begin(
                    campaign,
                    _pieces(request.files["file"].stream),
                    appearance=Appearance(form.appearance.data),
                    actor=current_account(),
                    now=now,
                )
                saved.leads_to(url_for("importing.show", slug=campaign.slug, public_id=row.public_id))
        except FileProblem as found:
            form.file.errors = [*form.file.errors, str(PROBLEMS[found.problem])]
        else:
            return redirect(saved.where, 303)
    page = render_template(
        "importing/new.html", form=form, campaign=campaign, imports=queries.imports_of(campaign), states=STATES
    )
    return page, 422 if form.errors else 200


@bp.route("/campaigns/<slug>/signatories/import/<public_id>", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def show(campaign: Campaign, public_id: str) -> ResponseReturnValue:
    """How far it is; while it is a draft, how it is read."""
    row, now = _import(campaign, public_id), clock.now()
    form = ReadingForm(obj=row)
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                _choose(_import(campaign, public_id), form, now)
                saved.leads_to(url_for("importing.show", slug=campaign.slug, public_id=public_id))
        except service.ImportingError as error:
            form.form_errors.append(str(error))
        else:
            nudge(IMPORT)
            return redirect(saved.where, 303)
        row = _import(campaign, public_id)
    return _page(campaign, row, form, now)


def _page(
    campaign: Campaign, row: Import, form: ReadingForm, now: dt.datetime, mending: LookForm | None = None
) -> ResponseReturnValue:
    mending = mending or LookForm(formdata=None, reason=gettext("Rows refused by an import, to be mended"))
    page = polled(
        "importing/show.html",
        "importing/_progress.html",
        is_working=row.state in WORKING,
        form=form,
        campaign=campaign,
        row=row,
        columns=COLUMNS,
        state_words=STATES[row.state],
        problem=PROBLEMS[Problem(row.problem)] if row.problem else None,
        refused=queries.refusals(row, 20, now=now) if _is_own(row) else [],
        is_own=_is_own(row),
        mending=mending,
        asked=asked_again(),
        pace=_pace(row, now),
        **_first(row, now),
    )
    return page, 422 if form.errors or mending.errors else 200


@bp.post("/campaigns/<slug>/signatories/import/<public_id>/start")
@for_campaign(Level.EDIT)
def start(campaign: Campaign, public_id: str) -> ResponseReturnValue:
    """Save whom the check found new."""
    return _step(campaign, public_id, service.start)


@bp.post("/campaigns/<slug>/signatories/import/<public_id>/cancel")
@for_campaign(Level.EDIT)
def cancel(campaign: Campaign, public_id: str) -> ResponseReturnValue:
    """Stop, and destroy the file."""
    return _step(campaign, public_id, service.cancel)


@bp.post("/campaigns/<slug>/signatories/import/<public_id>/undo")
@for_campaign(Level.EDIT)
def undo(campaign: Campaign, public_id: str) -> ResponseReturnValue:
    """Take back whom it brought."""
    return _step(campaign, public_id, service.undo)


@bp.post("/campaigns/<slug>/signatories/import/<public_id>/refused.csv")
@for_campaign(Level.EDIT)
def refused(campaign: Campaign, public_id: str) -> ResponseReturnValue:
    """The rows that were refused, for whoever brought the file, who shows once more that it is them. They hold contact
    data: it is written down."""
    now, account, form = clock.now(), me(), LookForm()
    row = _import(campaign, public_id)
    if not _is_own(row):
        abort(403)
    ask_for_factor()
    if not form.validate_on_submit() or not proved_lately_or_now(form):
        return _page(campaign, row, ReadingForm(formdata=None, obj=row), now, form)
    with transaction():
        rows = _rows_of(row, 1, now) if row.has_header else []
        text = "".join(queries.refusals_as_csv(row, rows[0] if rows else [], now=now))
        record_access(
            account,
            campaign_id=campaign.id,
            reading=Reading.EXPORTED,
            count=queries.number_of_refusals(row),
            reason=form.reason.data,
            now=now,
        )
    headers = {"Content-Disposition": 'attachment; filename="refused.csv"', "Cache-Control": "no-store"}
    return Response(text, content_type="text/csv; charset=utf-8", headers=headers)


def _step(campaign: Campaign, public_id: str, verb: Callable[..., None]) -> ResponseReturnValue:
    now = clock.now()

    def after() -> None:
        if verb is service.cancel:
            forget_deleted()
        nudge(IMPORT)

    return press(
        lambda: verb(_import(campaign, public_id), now=now),
        leads_to=url_for("importing.show", slug=campaign.slug, public_id=public_id),
        refused=service.ImportingError,
        then=after,
    )


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    while some := stream.read(1_000_000):
        yield some


def _import(campaign: Campaign, public_id: str) -> Import:
    return queries.import_by_public_id(campaign, public_id) or abort(404)


def _is_own(row: Import) -> bool:
    """Only whoever brought the file reads its rows here: they hold contact data, which needs a permission."""
    account = current_account()
    return account is not None and account.id == row.actor_id


def _choose(row: Import, form: ReadingForm, now: dt.datetime) -> None:
    wanted = Shape(form.encoding.data, form.delimiter.data, form.has_header.data)
    if wanted != service.shape(row):
        service.reshape(row, wanted, now=now)
        row.day_order = DayOrder(form.day_order.data)
        return  # look at it once more: the columns are others now
    chosen = [request.form.get(f"column-{at}", "") for at in range(len(row.columns))]
    if any(name and name not in list(COLUMNS) for name in chosen):
        abort(400)
    service.check(
        row,
        chosen,
        order=DayOrder(form.day_order.data),
        appearance=Appearance(form.appearance.data),
        kind=SignatoryKind(form.kind.data),
        now=now,
    )


def _rows_of(row: Import, most: int, now: dt.datetime) -> list[list[str]]:
    try:
        return service.first_rows(row, most, now=now)
    except FileProblem:
        return []


def _first(row: Import, now: dt.datetime) -> dict[str, Any]:
    """The first rows as they stand in the file (addresses masked), and as they will be stored."""
    if row.state not in (ImportState.DRAFT, ImportState.CHECKED) or not _is_own(row):
        return {"heading": [], "sample": [], "stored": [], "program": "", "is_remembered": False}
    rows = _rows_of(row, 6, now)
    heading, sample = (rows[0], rows[1:]) if row.has_header and rows else ([], rows[:5])
    zone = ZoneInfo(row.campaign.zone)
    today = day_in(row.campaign.zone, now)
    reader = understand(row.columns, row.day_order, row.appearance, zone, today, row.kind)
    stored: list[Row] = [reader(at, cells) for at, cells in enumerate(sample, 2 if heading else 1)]
    return {
        "heading": heading,
        "sample": [[_masked(cell) for cell in cells] for cells in sample],
        "stored": stored,
        "program": program_of(heading),
        "is_remembered": row.state is ImportState.DRAFT and queries.chosen_before(row) is not None,
    }


def _masked(cell: str) -> str:
    cell = original_cell(cell)
    name, at, domain = cell.partition("@")
    return f"{name[:1]}…@{domain}" if at and name else cell[:80]


def _pace(row: Import, now: dt.datetime) -> dict[str, float]:
    """Rows a second, and seconds that are left, as far as both are known."""
    seconds = (now - row.phase_began_at).total_seconds() if row.phase_began_at else 0
    rate = row.done / seconds if seconds > 0 else 0
    left = (row.rows - row.done) / rate if rate and row.rows > row.done else 0
    return {"rate": round(rate), "left": round(left)}
