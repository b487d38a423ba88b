"""Pasting a list: read, look, save. Until the last step nothing is kept; the text travels in the form."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from tracker import clock
from tracker.accounts.access import me
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.models import Campaign
from tracker.companies.service import CompanyError
from tracker.db import transaction
from tracker.signatures import service
from tracker.signatures.forms import PasteForm
from tracker.signatures.known import mark_known
from tracker.signatures.models import Appearance, SignatoryKind
from tracker.signatures.pasting import MOST_LINES, Line, Reading, Separator, read_list
from tracker.signatures.service import SignatureError
from tracker.signatures.views import bp
from tracker.signatures.views.lists import Answer
from tracker.web.once import once
from tracker.words import _, ngettext

AT_ONCE = 300  # lines of a preview that are shown at once


@dataclass(frozen=True)
class Preview:
    """What was understood, and the part of it that is shown."""

    lines: list[Line]
    left_out: frozenset[int]
    start: int

    @property
    def shown(self) -> list[Line]:
        """The lines on this page."""
        return self.lines[self.start : self.start + AT_ONCE]

    @property
    def new(self) -> list[Line]:
        """What would be saved."""
        return [line for line in self.lines if line.is_new and line.number not in self.left_out]

    @property
    def understood(self) -> int:
        """How many could be saved, those left out among them: what a reader saw, whatever he ticks off after that."""
        return sum(1 for line in self.lines if line.is_new)

    @property
    def carried(self) -> str:
        """The left-out lines of other pages, as they travel in the form."""
        here = {line.number for line in self.shown}
        return ",".join(str(number) for number in sorted(self.left_out - here))

    @property
    def tally(self) -> dict[str, int]:
        """How many lines of each sort; with `new` they add up to all that are not blank."""
        found = {reading.value: 0 for reading in Reading}
        for line in self.lines:
            found[line.reading.value] += 1
        found["left_out"] = found[Reading.SIGNATORY.value] - len(self.new)
        found["perhaps"] = sum(1 for line in self.new if line.perhaps)
        return found


@bp.route("/campaigns/<slug>/signatories/paste", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def paste(campaign: Campaign) -> Answer:
    """A list: the first form, its preview, and the saving of what was seen."""
    form, now = PasteForm(), clock.now()
    step = request.form.get("step", "")
    if not form.validate_on_submit() or step == "edit":
        return _first_page(campaign, form, asked_for=step == "edit")
    try:
        preview = _preview(campaign, form, now)
    except ValueError:
        form.fail(SignatureError(_("More than %(most)d lines; paste it in parts.", most=MOST_LINES), "text"))
        return _first_page(campaign, form)
    if step == "save":
        if form.expected.data == str(preview.understood):
            try:
                return _save(campaign, form, preview, now)
            except (SignatureError, CompanyError) as error:
                form.form_errors.append(str(error))
                preview = _preview(campaign, form, now)
        else:
            form.form_errors.append(str(_("The list or what is here has changed since you looked; look again.")))
    status = 422 if form.errors else 200
    return render_template("signatures/preview.html", form=form, campaign=campaign, preview=preview), status


def _first_page(campaign: Campaign, form: PasteForm, *, asked_for: bool = False) -> Answer:
    status = 422 if form.errors and not asked_for else 200
    return render_template("signatures/paste.html", form=form, campaign=campaign), status


def _preview(campaign: Campaign, form: PasteForm, now: dt.datetime) -> Preview:
    kind = SignatoryKind(form.kind.data)
    lines = read_list(
        form.text.data,
        separator=Separator(form.separator.data),
        organisations=kind is SignatoryKind.ORGANISATION,
    )
    mark_known(campaign, lines, kind, now=now)
    ticked: list[Any] = [*request.form.getlist("leave_out"), *(form.carried.data or "").split(",")]
    left_out = frozenset(int(number) for number in ticked if number.isdecimal())
    start = request.form.get("start", "0")
    return Preview(lines, left_out, int(start) if start.isdecimal() and int(start) < len(lines) else 0)


def _save(campaign: Campaign, form: PasteForm, preview: Preview, now: dt.datetime) -> Answer:
    with transaction(), once(form) as saved:
        added = service.add_list(
            campaign,
            preview.new,
            kind=SignatoryKind(form.kind.data),
            appearance=Appearance(form.appearance.data),
            signed=form.signed.data,
            actor=me(),
            now=now,
        )
        saved.leads_to(url_for("signatures.index", slug=campaign.slug))
    flash(ngettext("%(num)d signatory was added.", "%(num)d signatories were added.", added), "success")
    return redirect(saved.where)
