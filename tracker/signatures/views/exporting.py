"""Signatories as a file, for whoever may export; each export is written in the access record before it begins."""

from __future__ import annotations

from flask import Response, abort, render_template, stream_with_context

from tracker import clock
from tracker.accounts import limits
from tracker.accounts.access import ask_for_factor
from tracker.accounts.models import Account, Reading
from tracker.accounts.service import record_access
from tracker.accounts.views.proving import asked_each_time, proved_themselves
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.signatures.appearing import Sight
from tracker.signatures.export_forms import NOT_IN_IT, ExportForm
from tracker.signatures.exporting import Format, Wanted, in_format, number_of_rows, rows
from tracker.signatures.exporting.files import MIME_TYPES
from tracker.signatures.views import bp
from tracker.signatures.views.lists import Answer, reader


@bp.route("/campaigns/<slug>/signatories/export", methods=["GET", "POST"])
@for_campaign(Level.READ)
@limits.per_network("export", "30 per hour")
def export(campaign: Campaign) -> Answer:
    """Choose what goes into the file; posted with a reason, and proof for the whole list, the file comes at once."""
    account, _level, sight = reader(campaign)
    form = ExportForm()
    form.offer(whole=sight is Sight.NAMES, contacts=account.may_see_contacts)
    if not form.is_submitted():
        return _page(campaign, form, account)
    if not account.may_export:
        abort(403)
    ask_for_factor()
    if not form.validate_on_submit():
        return _page(campaign, form, account, 422)
    wanted, kind = form.wanted, Format(form.format.data)
    if not wanted.columns:
        form.columns.errors = [str(NOT_IN_IT)]
    if form.errors or (wanted.is_sensitive and not proved_themselves(form)):
        return _page(campaign, form, account, 422)
    return _file(campaign, wanted, kind, str(form.reason.data))


def _file(campaign: Campaign, wanted: Wanted, kind: Format, reason: str) -> Response:
    account, _level, _sight = reader(campaign)
    now = clock.now()
    with transaction():
        said = f"{reason} [{kind.value}, {wanted.extent.value}: {', '.join(wanted.columns)}]"
        record_access(
            db.session.get_one(Account, account.id),
            campaign_id=campaign.id,
            reading=Reading.EXPORTED,
            count=number_of_rows(campaign, wanted),
            reason=said,
            now=now,
        )
        about = {"campaign": campaign.title, "exported_at": now.isoformat(timespec="seconds")}
        # All that is asked of the session is asked here: the file may take minutes, and must hold no transaction open.
        content = in_format(kind, wanted.columns, rows(campaign, wanted, now=now), about=about)
        name = f"{campaign.slug}-signatories-{now:%Y-%m-%d}.{kind.value}"
    response = Response(stream_with_context(content), mimetype=MIME_TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _page(campaign: Campaign, form: ExportForm, account: Account, status: int = 200) -> Answer:
    page = render_template(
        "signatures/export.html",
        campaign=campaign,
        form=form,
        may_export=account.may_export,
        asked=asked_each_time(),
        offers_whole="ended_too" in form,
    )
    return page, status
