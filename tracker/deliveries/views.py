"""Delivering a letter, its packet, and news to those who signed."""

from __future__ import annotations

import datetime as dt
import logging

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from tracker import clock
from tracker.accounts.access import ask_for_factor, me, public
from tracker.accounts.limits import per_network
from tracker.accounts.models import Reading
from tracker.accounts.service import record_access
from tracker.campaigns import queries as campaigns
from tracker.campaigns.access import Level, for_campaign, level_for, stays
from tracker.campaigns.models import Campaign, CampaignText
from tracker.campaigns.service import CampaignError
from tracker.db import forget_deleted, transaction
from tracker.deliveries import packet, queries, redacted_news, service
from tracker.deliveries.forms import DeliveryForm, NewsRedactionForm, PressForm, ReceiptForm, UpdateForm
from tracker.deliveries.models import Delivery
from tracker.deliveries.service import DeliveryError
from tracker.deliveries.typesetting import NotSet
from tracker.deliveries.words import SIGNED_EARLIER, SIGNED_NOW, WAYS, rest_in_words, words_of
from tracker.jobs import SEND_UPDATES, nudge
from tracker.signatures import receipts
from tracker.signatures.queries import counts
from tracker.signatures.service import own
from tracker.signatures.versions import texts_as_now, versions_of
from tracker.timeline.in_place import Answer, done, show_form
from tracker.timeline.queries import day_in
from tracker.timeline.service import TimelineError
from tracker.web.csrf import csrf
from tracker.web.filters import number
from tracker.web.headers import token_page
from tracker.web.once import once
from tracker.web.pressing import press
from tracker.words import _, ngettext

bp = Blueprint("deliveries", __name__)
logger = logging.getLogger("tracker.deliveries")


@bp.route("/campaigns/<slug>/delivery", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
@stays
def index(campaign: Campaign) -> ResponseReturnValue:
    """What was delivered, to whom, and what is to be; posted, one more delivery."""
    now, form = clock.now(), DeliveryForm()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                service.record_delivery(campaign, form.handed(), actor=me(), now=now)
                saved.leads_to(url_for("deliveries.index", slug=campaign.slug))
        except (DeliveryError, CampaignError, TimelineError) as error:
            form.fail(error)
        else:
            flash(_("Recorded. The text and the number are frozen."), "success")
            return redirect(saved.where)
    if not form.is_submitted():
        form = DeliveryForm(formdata=None, delivered_on=day_in(campaign.zone, now))
    return _page(campaign, form=form), 422 if form.errors or form.form_errors else 200


@bp.post("/campaigns/<slug>/delivery/<public_id>/receipt")
@for_campaign(Level.EDIT)
def receipt(campaign: Campaign, public_id: str) -> ResponseReturnValue:
    """What came back."""
    form = ReceiptForm()
    if not form.validate_on_submit():
        return _page(campaign), 422
    with transaction():
        service.add_receipt(_delivery(campaign, public_id), form.receipt.data or "")
    flash(_("Saved."), "success")
    return redirect(url_for("deliveries.index", slug=campaign.slug), 303)


@bp.post("/campaigns/<slug>/delivery/<public_id>/remove")
@for_campaign(Level.EDIT)
def remove(campaign: Campaign, public_id: str) -> ResponseReturnValue:
    """It was recorded by mistake."""
    now = clock.now()
    return press(
        lambda: service.remove_delivery(_delivery(campaign, public_id), now=now),
        leads_to=url_for("deliveries.index", slug=campaign.slug),
        said=_("Removed. Correct the history too, if it tells of it."),
        refused=DeliveryError,
    )


@bp.post("/campaigns/<slug>/delivery/packet")
@for_campaign(Level.EDIT)
def make_packet(campaign: Campaign) -> ResponseReturnValue:
    """The packet as a page to print, or as PDF; written down like every export."""
    now, account = clock.now(), me()
    if not account.may_export:
        abort(403)
    ask_for_factor()
    text = campaigns.latest_text(campaign)
    if text is None:
        flash(_("There is no text yet: write what was delivered first."), "warning")
        return redirect(url_for("deliveries.index", slug=campaign.slug), 303)
    is_pdf, part = request.form.get("format") == "pdf", request.form.get("part", 1, type=int)
    if not 1 <= part <= packet.parts_of(campaign):
        abort(404)
    made = packet.packet_of(campaign, text, part=part, today=day_in(campaign.zone, now), now=now)
    try:
        answer = _packet_as_pdf(made, now) if is_pdf else _packet_as_page(made)
    except NotSet as error:
        logger.error("a packet was not set: %s", error)
        return _page(campaign, not_set=part), 503
    with transaction():  # only now: setting it may take long, and nobody signs while somebody writes to SQLite
        record_access(
            me(),
            campaign_id=campaign.id,
            reading=Reading.EXPORTED,
            count=made.number_shown,
            reason=f"Delivery packet [{'pdf' if is_pdf else 'print'}, as each chose to appear"
            f"{f', part {part} of {made.parts}' if made.parts > 1 else ''}]",
            now=now,
        )
    return answer


def _packet_as_pdf(made: packet.Packet, now: dt.datetime) -> Response:
    content = packet.as_pdf(made, _sentences(made))
    behind = f"-{made.part}-of-{made.parts}" if made.parts > 1 else ""
    name = f"{made.campaign.slug}-packet-{now:%Y-%m-%d}{behind}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, mimetype="application/pdf", headers=headers)


def _packet_as_page(made: packet.Packet) -> str:
    said = _sentences(made)
    return render_template(
        "deliveries/packet.html",
        campaign=made.campaign,
        packet=made,
        said=said,
        groups=packet.groups_of(made, said),
        line_of=packet.line_of,
    )


@bp.post("/campaigns/<slug>/delivery/update")
@for_campaign(Level.LEAD)
def update(campaign: Campaign) -> ResponseReturnValue:
    """News to the signers who wished to hear."""
    form = UpdateForm()
    if form.validate_on_submit():
        try:
            with transaction(), once(form) as saved:
                service.send_update(campaign, form.words.data, readers=form.who_else(), actor=me(), now=clock.now())
                saved.leads_to(url_for("deliveries.index", slug=campaign.slug) + "#update")
        except DeliveryError as error:
            form.fail(error)
        else:
            nudge(SEND_UPDATES)
            flash(_("On its way to those who wished to hear."), "success")
            return redirect(saved.where)
    return _page(campaign, update_form=form), 422


@bp.route("/campaigns/<slug>/delivery/update/<public_id>/redact", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def redact_update(campaign: Campaign, public_id: str) -> Answer:
    """Destroy the words of news for signers alone; what stands in the history too is redacted there."""
    account = me()
    update = redacted_news.news_by_public_id(campaign, public_id)
    if update is None:
        abort(404)
    if not redacted_news.may_redact_news(update, account, level_for(account, campaign)):
        abort(403)
    form = NewsRedactionForm()
    if form.validate_on_submit():
        with transaction(), once(form) as saved:
            redacted_news.redact_news(update, reason=form.reason.data or "", actor=account, now=clock.now())
            saved.leads_to(url_for("deliveries.index", slug=campaign.slug) + "#update")
        forget_deleted()
        return done(_("Destroyed for good. The date and the reason stay."), saved.where)
    return show_form("deliveries/redact.html", form, campaign=campaign, update=update)


@bp.route("/hears/<token>", methods=["GET", "POST"])
@public
@csrf.exempt  # a mailbox provider has neither cookie nor form; the token in the address is the right to do this
@token_page
@per_network("receipt", "30 per minute; 200 per hour")
def stop(token: str) -> ResponseReturnValue:
    """Hear no more of this campaign: one press. Opening it changes nothing; RFC 8058's POST is that press."""
    now = clock.now()
    if request.method == "POST":
        with transaction():
            if (signatory := receipts.signatory_of(token, now=now, purpose=receipts.HEARS)) is not None:
                own.hear_no_more(signatory)
    return _hears_page(token, now)


@bp.post("/hears/<token>/again")
@public
@csrf.exempt  # as above
@token_page
@per_network("receipt", "30 per minute; 200 per hour")
def again(token: str) -> ResponseReturnValue:
    """It was pressed by mistake: hear of this campaign again."""
    now = clock.now()
    with transaction():
        row = receipts.row_of(token, now=now, purpose=receipts.HEARS)
        is_done = row is not None and own.hear_again(row)
    return _hears_page(token, now, is_again=is_done)


def _hears_page(token: str, now: dt.datetime, *, is_again: bool = False) -> ResponseReturnValue:
    """Whether its owner hears of news, and the button for the other."""
    row = receipts.row_of(token, now=now, purpose=receipts.HEARS)
    if row is None or not own.is_live(row):
        return render_template("signatures/over.html", words=str(_("Nothing comes from here any more."))), (
            410 if request.method == "GET" else 200  # to a mailbox provider who presses twice, it is done
        )
    return render_template(
        "deliveries/stop.html", token=token, hears=own.hears(row), is_again=is_again, form=PressForm(formdata=None)
    )


def _sentences(made: packet.Packet) -> packet.Sentences:
    """What the packet says of its numbers; who is told as a number only stands in the last part."""
    first, last = map(number, made.names)
    part = _(
        "Part %(part)d of %(parts)d: names %(first)s to %(last)s",
        part=made.part, parts=made.parts, first=first, last=last,
    )  # fmt: skip
    return packet.Sentences(
        counted=str(ngettext("%(num)d signatory", "%(num)d signatories", made.number)),
        versions=words_of(made.versions) if made.versions else "",
        groups=(str(SIGNED_NOW), str(SIGNED_EARLIER)),
        rest=rest_in_words(made.counted_only, made.bodies, made.gone) if made.is_last else [],
        part=str(part) if made.parts > 1 else "",
    )


def _delivery(campaign: Campaign, public_id: str) -> Delivery:
    return queries.delivery_by_public_id(campaign, public_id) or abort(404)


def _page(
    campaign: Campaign,
    *,
    form: DeliveryForm | None = None,
    update_form: UpdateForm | None = None,
    not_set: int | None = None,
) -> str:
    """`not_set`: the part of the packet that could not be made a PDF."""
    now, account = clock.now(), me()
    text: CampaignText | None = campaigns.latest_text(campaign)
    counted = counts(campaign)
    updates, level = queries.updates_of(campaign), level_for(account, campaign)
    return render_template(
        "deliveries/index.html",
        campaign=campaign,
        text=text,
        counts=counted,
        parts=packet.parts_of(campaign),
        not_set=not_set,
        names_a_part=packet.MOST,
        deliveries=queries.deliveries_of(campaign),
        updates=updates,
        redactable={one.id for one in updates if one.words and redacted_news.may_redact_news(one, account, level)},
        reasons=redacted_news.reasons_of(updates),
        hearers=queries.number_of_hearers(campaign),
        ways=WAYS,
        versions=versions_of(campaign, counted, texts_as_now(campaign)),
        words_of=words_of,
        form=form or DeliveryForm(formdata=None, delivered_on=day_in(campaign.zone, now)),
        update_form=update_form or UpdateForm(formdata=None, readers=service.usual_readers(campaign).value),
        may_export=account.may_export,
        may_lead=level >= Level.LEAD,
    )
