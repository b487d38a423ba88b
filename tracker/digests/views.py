"""What I follow, when it comes, what it would say. What became of each run is in `desk.py`."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from tracker import clock
from tracker.accounts.access import me, signed_in
from tracker.accounts.models import Account, Role
from tracker.campaigns.access import Level, level_for
from tracker.campaigns.issues import visible_issue
from tracker.campaigns.merged import standing_for
from tracker.campaigns.models import Campaign, Issue
from tracker.campaigns.queries import campaign_by_slug
from tracker.companies.models import Company
from tracker.companies.queries import company_by_slug
from tracker.db import transaction
from tracker.digests import queries, service
from tracker.digests.content import gather
from tracker.digests.emails import digest_message
from tracker.digests.followed import open_campaigns
from tracker.digests.forms import ScheduleForm
from tracker.digests.links import links_of
from tracker.digests.models import DigestState
from tracker.digests.service import DigestError
from tracker.digests.words import STATE_WORDS, schedule_sentence, subscription_sentence
from tracker.instance import SENDING_PAUSED, setting
from tracker.mail import outbox
from tracker.mail.render import Message
from tracker.web.chrome import link
from tracker.web.once import once

bp = Blueprint("digests", __name__)

# A mail in a frame: its own styles, and nothing else at all.
FRAME_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
TEAM = (Role.ADMINISTRATOR, Role.ORGANISER)


@bp.app_template_filter("digest_state")
def digest_state(state: DigestState) -> str:
    """A digest's state in words."""
    return str(STATE_WORDS[state])


@bp.get("/digests")
@signed_in
def index() -> str:
    """My subscriptions in a sentence each, and the runs."""
    account = me()
    subscriber = queries.subscriber_of(account)
    return _index(account, ScheduleForm.of(subscriber) if subscriber else None)


@bp.post("/digests/schedule")
@signed_in
def change_schedule() -> BaseResponse | tuple[str, int]:
    """Hear at other times."""
    subscriber = queries.subscriber_of(me())
    if subscriber is None:
        abort(404)
    form = ScheduleForm.of(subscriber)
    if form.validate_on_submit():
        now = clock.now()
        try:
            with transaction():
                subscriber = queries.subscriber_of(me())
                assert subscriber is not None
                service.change_schedule(
                    subscriber,
                    form.schedule(),
                    now=now,
                    neutral_subject=bool(form.neutral_subject.data),
                    version=form.version_number,
                )
                said = schedule_sentence(subscriber)
        except DigestError as error:
            form.fail(error)
        else:
            flash(_("Your digest comes: %(when)s.", when=said), "success")
            return redirect(url_for("digests.index"))
    return _index(me(), form), 422


@bp.post("/digests/follow")
@signed_in
def follow() -> BaseResponse:
    """Follow a campaign, a company, an issue area, or everything I may see."""
    now = clock.now()
    with transaction():
        campaign, company, issue = _named()
        subscription = service.follow(me(), now=now, campaign=campaign, company=company, issue=issue)
        when = schedule_sentence(subscription.subscriber)
        back = _back(campaign, company, issue)
    flash(_("You will hear about it. Your digest comes: %(when)s.", when=when), "success")
    return redirect(back)


@bp.post("/digests/unfollow")
@signed_in
def unfollow() -> BaseResponse:
    """Hear no more of it."""
    now = clock.now()
    with transaction():
        campaign, company, issue = _named()
        subscriber = queries.subscriber_of(me())
        if subscriber is not None:
            if campaign is not None:
                service.stop_campaign(subscriber, campaign, now=now)
            else:
                state = queries.following(me(), company=company, issue=issue)
                if state.subscription is not None:
                    service.unfollow(state.subscription, now=now)
        back = _back(campaign, company, issue)
    flash(_("You will hear no more about it."), "success")
    return redirect(back)


@bp.post("/digests/subscriptions/<public_id>/stop")
@signed_in
def stop(public_id: str) -> BaseResponse:
    """End one subscription of mine."""
    now = clock.now()
    with transaction(), once() as saved:
        subscriber = queries.subscriber_of(me())
        subscription = queries.subscription_of(subscriber, public_id) if subscriber is not None else None
        if subscription is None:
            abort(404)
        service.unfollow(subscription, now=now)
        saved.leads_to(url_for("digests.index"))
    flash(_("You will hear no more about it."), "success")
    return redirect(saved.where)


@bp.post("/digests/subscriptions/<public_id>/subject")
@signed_in
def name_in_subject(public_id: str) -> BaseResponse:
    """Let the subject lines about one subscription of mine name what they tell, or only count."""
    with transaction():
        subscriber = queries.subscriber_of(me())
        subscription = queries.subscription_of(subscriber, public_id) if subscriber is not None else None
        if subscription is None:
            abort(404)
        service.name_in_subject(subscription, names=request.form.get("names") == "1")
    flash(_("Saved."), "success")
    return redirect(url_for("digests.index"))


@bp.get("/digests/preview")
@signed_in
def preview() -> str:
    """What would be sent to me now. Consumes nothing."""
    return render_template("digests/preview.html", message=_preview(), address=me().email)


@bp.get("/digests/preview/mail")
@signed_in
def preview_mail() -> Response:
    """The same as the mail's HTML part, for the frame."""
    message = _preview()
    return framed(message.html if message else "")


def framed(html: str) -> Response:
    """A mail's HTML part, as a document of its own that can do nothing."""
    response = Response(html, mimetype="text/html")
    response.headers["Content-Security-Policy"] = FRAME_POLICY
    response.headers["Cache-Control"] = "no-store"
    return response


def _index(account: Account, form: ScheduleForm | None) -> str:
    subscriber = queries.subscriber_of(account)
    active = queries.active_subscriptions(subscriber) if subscriber and subscriber.ended_at is None else []
    return render_template(
        "digests/index.html",
        subscriber=subscriber,
        active=active,
        open_campaigns=open_campaigns(subscriber, active) if subscriber else set(),
        followed=len(set(standing_for(queries.followed_since(subscriber, today=clock.now().date()), account).values()))
        if subscriber and active
        else 0,
        everything=queries.following(account),
        form=form,
        has_desk=account.role in TEAM,
        paused=setting(SENDING_PAUSED),
        refusal=outbox.refusal(account.email),
        schedule_sentence=schedule_sentence,
        subscription_sentence=subscription_sentence,
    )


def _preview() -> Message | None:
    now = clock.now()
    subscriber = queries.subscriber_of(me())
    if subscriber is None or subscriber.ended_at is not None:
        return None
    with force_locale(subscriber.locale):
        gathered = gather(subscriber, due_at=now, now=now)
        if gathered is None:
            return None
        return digest_message(gathered.content).filled(links_of(subscriber, list(gathered.campaigns)))


def _named() -> tuple[Campaign | None, Company | None, Issue | None]:
    """The campaign, company or issue area that the form names, if I may read it; else 404."""
    if slug := request.form.get("campaign"):
        campaign, _former = campaign_by_slug(slug)
        if campaign is None or campaign.deleted_at is not None or level_for(me(), campaign) < Level.READ:
            abort(404)
        return campaign, None, None
    if slug := request.form.get("company"):
        company = company_by_slug(slug)
        if company is None:
            abort(404)
        return None, company, None
    if slug := request.form.get("issue"):
        return None, None, visible_issue(slug, me()) or abort(404)
    return None, None, None


def _back(campaign: Campaign | None, company: Company | None, issue: Issue | None) -> str:
    page = None
    if campaign is not None:
        page = link("pages.campaign", slug=campaign.slug)
    elif company is not None:
        page = link("pages.company", slug=company.slug)
    elif issue is not None:
        page = link("pages.issue", slug=issue.slug)
    return page or url_for("digests.index")
