"""Files of entries: add, fetch, open to others, take back, destroy. Served as downloads and never shown in a page."""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, render_template
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from tracker import clock
from tracker.accounts.access import current_account, me
from tracker.accounts.access import public as for_everybody
from tracker.accounts.models import Account
from tracker.campaigns.access import Level, for_campaign, level_for
from tracker.campaigns.models import Campaign
from tracker.campaigns.queries import campaign_by_public_key
from tracker.db import forget_deleted, transaction
from tracker.files import disposition
from tracker.files.kinds import FORMS
from tracker.pages.entries import may_redact
from tracker.timeline import attached
from tracker.timeline.file_fields import FilesForm, limits
from tracker.timeline.in_place import Answer, done, entry_or_404, entry_url, show_form
from tracker.timeline.models import CONFIDENTIAL, Attachment, TimelineEntry
from tracker.timeline.queries import day_in
from tracker.timeline.service import (
    TimelineError,
    attach,
    note_change,
    open_attachment,
    redact_attachment,
    remove_attachment,
)
from tracker.web.forms import BaseForm
from tracker.web.once import once
from tracker.web.uploads import takes_files
from tracker.words import _

bp = Blueprint("attachments", __name__)


class FileRedactionForm(BaseForm):
    """Why a file goes."""

    reason = StringField(
        _("Why"),
        [DataRequired(_("Say why; this stays for everybody to read.")), Length(max=300)],
        description=_("This stays for all who could read the entry. Do not repeat what you remove."),
    )


@bp.route("/campaigns/<slug>/history/<public_id>/files/new", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@takes_files
def new(campaign: Campaign, public_id: str) -> Answer:
    """Add files to what was recorded."""
    now, actor = clock.now(), me()
    entry, form = entry_or_404(campaign, public_id), FilesForm()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                attach(entry, form.new_files(), actor=actor, now=now)
                note_change(campaign.id, now)
                saved.leads_to(entry_url(campaign, entry))
        except TimelineError as error:
            form.fail(error)
        else:
            one = len(form.cleaned) == 1
            return done(_("Added the file.") if one else _("Added the files."), saved.where, form)
    return show_form(
        "timeline/new_files.html",
        form,
        campaign=campaign,
        entry=entry,
        in_confidence=entry.visibility in CONFIDENTIAL,
        used=attached.bytes_of(campaign.id, actor, now=now),
        limits=limits(),
    )


@bp.get("/campaigns/<slug>/files/<public_id>")
@for_campaign(Level.READ)
def download(campaign: Campaign, public_id: str) -> Answer | Response:
    """A file, for who may have it."""
    return _sent(_attachment(campaign, public_id, current_account()))


@bp.get("/c/<key>/files/<public_id>")
@for_everybody
def public(key: str, public_id: str) -> Answer | Response:
    """A file of a public campaign that was opened to everybody."""
    campaign, is_public = campaign_by_public_key(key)
    if campaign is None or not is_public:
        abort(404)
    return _sent(_attachment(campaign, public_id, None))


@bp.post("/campaigns/<slug>/files/<public_id>/remove")
@for_campaign(Level.EDIT)
def remove(campaign: Campaign, public_id: str) -> Answer:
    """Take back a file that nobody else could have seen."""
    actor = me()
    try:
        with transaction(), once() as saved:
            attachment = _attachment(campaign, public_id, actor)
            saved.leads_to(entry_url(campaign, _entry(campaign, attachment, actor)))
            remove_attachment(attachment, actor=actor, now=clock.now())
    except TimelineError:
        abort(409)
    forget_deleted()
    return done(_("Removed; nobody else had seen it."), saved.where)


@bp.post("/campaigns/<slug>/files/<public_id>/open")
@for_campaign(Level.EDIT)
def open_to_others(campaign: Campaign, public_id: str) -> Answer:
    """Let everybody have the file who may read its entry."""
    return _change_readers(campaign, public_id, True)


@bp.post("/campaigns/<slug>/files/<public_id>/close")
@for_campaign(Level.EDIT)
def close_to_others(campaign: Campaign, public_id: str) -> Answer:
    """Let members alone have it."""
    return _change_readers(campaign, public_id, False)


def _change_readers(campaign: Campaign, public_id: str, is_open: bool) -> Answer:
    actor = me()
    try:
        with transaction(), once() as saved:
            attachment = _attachment(campaign, public_id, actor)
            saved.leads_to(entry_url(campaign, _entry(campaign, attachment, actor)))
            open_attachment(attachment, is_open, actor=actor, now=clock.now())
    except TimelineError:
        abort(409)
    said = _("Whoever may read the entry may have the file now.") if is_open else _("Members alone have the file now.")
    return done(said, saved.where)


@bp.route("/campaigns/<slug>/files/<public_id>/redact", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def redact(campaign: Campaign, public_id: str) -> Answer:
    """Destroy one file for good; the day and the reason stay."""
    now, account = clock.now(), me()
    attachment = _attachment(campaign, public_id, account)
    entry = _entry(campaign, attachment, account)
    if not may_redact(entry, account, level_for(account, campaign)) and attachment.recorded_by_id != account.id:
        abort(403)
    form = FileRedactionForm()
    if form.validate_on_submit():
        with transaction(), once(form) as saved:
            redact_attachment(attachment, reason=form.reason.data or "", actor=account, now=now)
            saved.leads_to(entry_url(campaign, entry))
        forget_deleted()
        return done(_("Destroyed for good. The date and the reason stay."), saved.where)
    name = attached.names([attachment], now=now).get(attachment.id)
    return show_form("timeline/redact_file.html", form, campaign=campaign, entry=entry, name=name, file=attachment)


def _attachment(campaign: Campaign, public_id: str, account: Account | None) -> Attachment:
    today = day_in(campaign.zone, clock.now())
    found = attached.attachment_by_public_id(campaign.id, public_id, account, today=today)
    if found is None:
        abort(404)
    return found


def _entry(campaign: Campaign, attachment: Attachment, account: Account) -> TimelineEntry:
    entry = attached.entry_shown_with(attachment, account, today=day_in(campaign.zone, clock.now()))
    assert entry is not None, "whoever found the file found it through an entry"
    return entry


def _sent(attachment: Attachment) -> Answer | Response:
    """The bytes, as something to keep and never to show: no page of ours can be made of a stranger's file."""
    try:
        name, content = attached.content_of(attachment, now=clock.now())
    except attached.KeyGone:
        return render_template("timeline/file_lost.html", damaged=False), 410
    except attached.Damaged:
        current_app.logger.error("The stored file %s is not what was added.", attachment.public_id)
        return render_template("timeline/file_lost.html", damaged=True), 500
    response = Response(content, mimetype=FORMS[attachment.kind].mime)
    response.headers["Content-Disposition"] = disposition(name)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex"
    return response
