"""Searches that one keeps: name, rename, remove, follow. Nobody else sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug import Response
from wtforms import BooleanField, StringField
from wtforms.validators import DataRequired, Length

from tracker import clock
from tracker.accounts.access import me, signed_in
from tracker.campaigns.models import Issue, SavedSearch
from tracker.campaigns.stages import STAGE_WORDS
from tracker.campaigns.words import KINDS
from tracker.companies.models import Company
from tracker.db import db, transaction
from tracker.digests import service as digests
from tracker.digests.queries import followed_searches
from tracker.finding import saved as searches
from tracker.finding.wanted import Wanted
from tracker.outcomes.words import STATUSES
from tracker.pages.blueprint import bp
from tracker.web.forms import BaseForm
from tracker.web.once import once
from tracker.words import LazyString, _

Answer = str | tuple[str, int] | Response


class SearchForm(BaseForm):
    """What a search is called, and whether its owner wants to hear of what it finds."""

    name = StringField(_("Name"), [DataRequired(_("Give it a name.")), Length(max=120)])
    follow = BooleanField(
        _("Tell me in my digest"),
        description=_("What changes in any campaign that it finds, also in those that are logged later."),
    )


@bp.get("/searches")
@signed_in
def saved() -> str:
    """Every search one keeps, and what it asks."""
    account = me()
    kept = searches.saved_searches(account)
    return render_template(
        "pages/searches.html",
        searches=[(one, in_words(searches.wanted_by(one)), address_of(one)) for one in kept],
        followed=followed_searches(account),
    )


@bp.route("/searches/new", methods=["GET", "POST"])
@signed_in
def keep_search() -> Answer:
    """Keep the search that this address asks."""
    wanted = Wanted.from_query(request.args)
    if not wanted.is_narrowed:
        return redirect(url_for("campaigns.index"))
    words = in_words(wanted)
    form = SearchForm(data={"name": words[:120]})
    if form.validate_on_submit():
        now = clock.now()
        try:
            with transaction(), once(form) as saving:
                kept = searches.keep_search(me(), form.name.data or "", wanted, now=now)
                if form.follow.data:
                    digests.follow(me(), now=now, saved_search=kept)
                saving.leads_to(url_for("campaigns.index", **_arguments(wanted)))
        except searches.SavedSearchError as error:
            form.fail(error)
        else:
            flash(gettext("Kept. You find it above the list of campaigns."), "success")
            return redirect(saving.where)
    return _form(form, words, url_for("campaigns.index", **_arguments(wanted)))


@bp.route("/searches/<public_id>/edit", methods=["GET", "POST"])
@signed_in
def rename_search(public_id: str) -> Answer:
    """Give a search another name."""
    kept = _mine(public_id)
    form = SearchForm(obj=kept)
    del form.follow
    if form.validate_on_submit():
        with transaction(), once(form) as saving:
            searches.rename_search(_mine(public_id), form.name.data or "")
            saving.leads_to(url_for("pages.saved"))
        return redirect(saving.where)
    return _form(form, in_words(searches.wanted_by(kept)), url_for("pages.saved"))


@bp.post("/searches/<public_id>/remove")
@signed_in
def remove_search(public_id: str) -> Response:
    """Keep a search no longer, and hear no more of it."""
    now = clock.now()
    with transaction(), once() as saving:
        kept = _mine(public_id)
        digests.forget_saved_search(kept, now=now)
        searches.remove_search(kept)
        saving.leads_to(url_for("pages.saved"))
    flash(gettext("Removed. The campaigns are where they were."), "success")
    return redirect(saving.where)


@bp.post("/searches/<public_id>/follow")
@signed_in
def follow_search(public_id: str) -> Response:
    """Hear what changes in the campaigns that a search finds, or hear no more."""
    now = clock.now()
    with transaction():
        kept = _mine(public_id)
        if request.form.get("stop"):
            digests.stop_saved_search(kept, now=now)
            said = gettext("You will hear no more about it.")
        else:
            digests.follow(me(), now=now, saved_search=kept)
            said = gettext("You will hear about it.")
    flash(said, "success")
    return redirect(url_for("pages.saved"))


def in_words(wanted: Wanted) -> str:
    """What is asked, as a person says it: “moratorium”; Shareholders; Amazon."""
    parts = [f"“{wanted.q}”"] if wanted.q else []
    for values, words in ((wanted.kind, KINDS), (wanted.stage, STAGE_WORDS), (wanted.outcome, STATUSES)):
        parts += _labels(values, words)
    parts += _names(Company, wanted.company) + _names(Issue, wanted.issue) + [str(year) for year in wanted.years]
    return "; ".join(parts)


def _labels(values: tuple[str, ...], words: Mapping[Any, LazyString]) -> list[str]:
    return [str(word) for member, word in words.items() if member.value in values]


def _names(model: type[Company] | type[Issue], slugs: tuple[str, ...]) -> list[str]:
    if not slugs:
        return []
    return list(db.session.scalars(sa.select(model.name).where(model.slug.in_(slugs)).order_by(model.name)))


def address_of(kept: SavedSearch) -> str:
    """The list of campaigns as the search asks for it."""
    return url_for("campaigns.index", **_arguments(searches.wanted_by(kept)))


def _arguments(wanted: Wanted) -> dict[str, Any]:
    arguments: dict[str, Any] = {name: list(values) for name, values in wanted.ticked.items() if values}
    if wanted.q:
        arguments["q"] = wanted.q
    if wanted.sort != "changed":
        arguments["sort"] = wanted.sort
    return arguments


def _form(form: SearchForm, words: str, back: str) -> tuple[str, int]:
    status = 422 if form.is_submitted() else 200
    return render_template("pages/saved_search.html", form=form, words=words, back=back), status


def _mine(public_id: str) -> SavedSearch:
    return searches.saved_search(me(), public_id) or abort(404)
