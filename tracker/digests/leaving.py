"""The links of a mail, good without signing in: unsubscribe, stop one campaign, manage.

Opening one changes nothing, since scanners open them all; a button does. RFC 8058's POST is that button.
"""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from tracker import clock
from tracker.accounts.access import public
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.digests import followed, links, queries, service
from tracker.digests.forms import ScheduleForm
from tracker.digests.models import Subscriber, Subscription
from tracker.digests.service import DigestError
from tracker.digests.words import afterwards, next_sentence, schedule_sentence, subscription_sentence
from tracker.web.csrf import csrf
from tracker.web.headers import token_page

bp = Blueprint("leaving", __name__, url_prefix="/u")


@bp.route("/<token>", methods=["GET", "POST"])
@public
@csrf.exempt  # a mailbox provider has neither cookie nor form; the token in the address is the right to do this
@token_page
def unsubscribe(token: str) -> str:
    """End everything this address follows. Answers 200 however often it is asked."""
    subscriber = _whose(token, links.UNSUBSCRIBE)
    if request.method == "POST":
        now = clock.now()
        with transaction():
            subscriber = _whose(token, links.UNSUBSCRIBE)
            service.unsubscribe(subscriber, now=now)
    return render_template(
        "digests/unsubscribe.html",
        is_done=subscriber.ended_at is not None,
        subscriber=subscriber,
        afterwards=afterwards,
    )


@bp.route("/<token>/stop/<campaign>", methods=["GET", "POST"])
@public
@csrf.exempt  # as above
@token_page
def stop(token: str, campaign: str) -> str:
    """Hear no more about one campaign."""
    if request.method == "POST":
        now = clock.now()
        with transaction():
            found = _campaign(campaign)
            service.stop_campaign(_whose(token, links.stop_purpose(found)), found, now=now)
    found = _campaign(campaign)
    subscriber = _whose(token, links.stop_purpose(found))
    is_told = db.session.scalar(followed.campaigns_told_to(subscriber).where(Campaign.id == found.id)) is not None
    return render_template(
        "digests/stop.html",
        # The title is for those who may read it today; the link outlives that right.
        title=found.title if is_told else None,
        is_done=found.id not in queries.followed_since(subscriber),
        is_last=all(one.campaign_id == found.id for one in queries.active_subscriptions(subscriber)),
        subscriber=subscriber,
        afterwards=afterwards,
    )


@bp.route("/<token>/manage", methods=["GET", "POST"])
@public
@token_page
def manage(token: str) -> str | tuple[str, int] | Response:
    """When it comes and what is followed, without signing in."""
    subscriber = _whose(token, links.MANAGE)
    form = ScheduleForm.of(subscriber)
    status = 200
    if form.is_submitted():
        status = 422
        if form.validate():
            now = clock.now()
            try:
                with transaction():
                    service.change_schedule(
                        _whose(token, links.MANAGE),
                        form.schedule(),
                        now=now,
                        neutral_subject=bool(form.neutral_subject.data),
                        version=form.version_number,
                    )
            except DigestError as error:
                form.fail(error)
            else:
                flash(_("Saved."), "success")
                return redirect(url_for("leaving.manage", token=token), 303)
    subscriber = _whose(token, links.MANAGE)
    active = queries.active_subscriptions(subscriber) if subscriber.ended_at is None else []
    told = followed.open_campaigns(subscriber, active)
    return (
        render_template(
            "digests/manage.html",
            form=form,
            subscriber=subscriber,
            token=token,
            active=[one for one in active if one.campaign_id is None or one.campaign_id in told],
            # Of what is not theirs to read any longer nothing is said, but it can be ended.
            is_hidden=any(one.campaign_id is not None and one.campaign_id not in told for one in active),
            unsubscribe_url=url_for("leaving.unsubscribe", token=links.token(subscriber, links.UNSUBSCRIBE)),
            schedule_sentence=schedule_sentence,
            subscription_sentence=subscription_sentence,
            next_sentence=next_sentence,
            afterwards=afterwards,
        ),
        status,
    )


@bp.post("/<token>/manage/<subscription>")
@public
@token_page
def stop_following(token: str, subscription: str) -> Response:
    """End one subscription from the manage page."""
    now = clock.now()
    with transaction():
        service.unfollow(_subscription(token, subscription), now=now)
    flash(_("You will hear no more about it."), "success")
    return redirect(url_for("leaving.manage", token=token), 303)


@bp.post("/<token>/manage/<subscription>/subject")
@public
@token_page
def name_in_subject(token: str, subscription: str) -> Response:
    """Let the subject lines about one subscription name what they tell, or only count."""
    with transaction():
        service.name_in_subject(_subscription(token, subscription), names=request.form.get("names") == "1")
    flash(_("Saved."), "success")
    return redirect(url_for("leaving.manage", token=token), 303)


def _whose(token: str, purpose: str) -> Subscriber:
    subscriber = links.subscriber_for(token, purpose)
    if subscriber is None:
        abort(404)
    return subscriber


def _subscription(token: str, public_id: str) -> Subscription:
    found = queries.subscription_of(_whose(token, links.MANAGE), public_id)
    if found is None:
        abort(404)
    return found


def _campaign(public_id: str) -> Campaign:
    found = db.session.scalar(sa.select(Campaign).where(Campaign.public_id == public_id))
    if found is None:
        abort(404)
    return found
