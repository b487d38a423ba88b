"""The queue of organisations whose names differ by their form alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug import Response

from tracker import clock
from tracker.accounts.access import me
from tracker.companies import merging
from tracker.companies.merges import (
    like_organisations,
    merge_by_public_id,
    merges_standing,
    organisations_by_public_ids,
)
from tracker.companies.models import Organisation
from tracker.companies.service import CompanyError
from tracker.companies.views import bp, may_edit
from tracker.companies.words import ORGANISATION_KINDS
from tracker.web.pressing import press


@bp.get("/organisations/same")
@may_edit
def same_organisations() -> str:
    """Groups of like names, and what was merged."""
    groups = like_organisations()
    uses = merging.uses_of(one for group in groups for one in group)
    return render_template(
        "companies/same.html",
        groups=[merging.usual_first(group, uses) for group in groups],
        uses=uses,
        merges=merges_standing(),
        kinds=ORGANISATION_KINDS,
    )


@bp.post("/organisations/same/one")
@may_edit
def merge_organisations() -> Response:
    """Those that were ticked are one; the chosen name stays."""
    ticked, kept = _named(request.form.getlist("one")), _named([request.form.get("kept", "")])
    others = [one for one in ticked if one not in kept]
    if not kept or not others:
        flash(_("Tick at least two, and choose the name that stays."), "warning")
        return redirect(url_for("companies.same_organisations"))
    return _decide(
        lambda: merging.merge_organisations(kept[0], others, actor=me(), now=clock.now()),
        _("They are one from now on. You can take this back."),
    )


@bp.post("/organisations/same/two")
@may_edit
def differ_organisations() -> Response:
    """Those that were ticked are different ones."""
    ticked = _named(request.form.getlist("one"))
    return _decide(
        lambda: merging.find_organisations_different(ticked, actor=me(), now=clock.now()),
        _("Remembered: nobody is asked about them again."),
    )


@bp.post("/organisations/same/<public_id>/undo")
@may_edit
def part_organisations(public_id: str) -> Response:
    """What was merged stands by itself again."""
    merge = merge_by_public_id(public_id) or abort(404)
    return _decide(
        lambda: merging.part_organisations(merge, actor=me(), now=clock.now()),
        _("Taken back: everything is as it was before."),
    )


def _decide(verb: Callable[[], object], said: str) -> Response:
    return press(verb, leads_to=url_for("companies.same_organisations"), said=said, refused=CompanyError)


def _named(public_ids: Sequence[str]) -> list[Organisation]:
    return organisations_by_public_ids(public_ids[:100])
