"""The queue of signatories that are perhaps one: a person decides, and can take it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from tracker import clock
from tracker.accounts.access import me
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.models import Campaign
from tracker.db import transaction
from tracker.jobs import LOOK_FOR_SAME, nudge
from tracker.signatures import pairs, service
from tracker.signatures.appearing import Sight
from tracker.signatures.models import Signatory, Signature
from tracker.signatures.one_person import newest_of
from tracker.signatures.pairs import SignatoryPair
from tracker.signatures.people import Keys, Person, keys_of, read_name
from tracker.signatures.service import SignatureError
from tracker.signatures.service.joining import kept_first
from tracker.signatures.views import bp
from tracker.signatures.views.lists import Answer, reader
from tracker.signatures.words import EVIDENCE
from tracker.web.paging import page_of
from tracker.web.pressing import press
from tracker.words import LazyString, _

PER_PAGE, DECIDED = 20, 50


@dataclass(frozen=True)
class Side:
    """One of the two, as the team sees it; contact data is no part."""

    signatory: Signatory
    person: Person
    signature: Signature | None
    is_kept: bool


@dataclass(frozen=True)
class Shown:
    """Two that are perhaps one."""

    pair: SignatoryPair
    sides: tuple[Side, Side]
    evidence: LazyString


@bp.get("/campaigns/<slug>/signatories/same")
@for_campaign(Level.EDIT)
def same(campaign: Campaign) -> Answer:
    """Who is perhaps the same as whom, the likest first; and what was decided lately."""
    see_names(campaign)
    now = clock.now()
    keys, total = keys_of(campaign, now=now), pairs.number_open(campaign)
    page, pages = page_of(total, PER_PAGE)
    waiting = pairs.page_of_pairs(pairs.open_pairs(campaign), PER_PAGE, (page - 1) * PER_PAGE)
    decided = pairs.page_of_pairs(pairs.decided_pairs(campaign), DECIDED)
    return render_template(
        "signatures/same.html",
        campaign=campaign,
        total=total,
        page=page,
        pages=pages,
        waiting=[_shown(pair, keys) for pair in waiting],
        decided=[_shown(pair, keys) for pair in decided],
        search=pairs.search_of(campaign),
    )


@bp.post("/campaigns/<slug>/signatories/same/look")
@for_campaign(Level.EDIT)
def look_for_same(campaign: Campaign) -> Response:
    """Have a worker look."""
    see_names(campaign)
    with transaction():
        service.ask_to_look(campaign.id, now=clock.now())
        slug = campaign.slug
    nudge(LOOK_FOR_SAME)
    flash(_("A worker is looking. Open this page again in a moment."), "success")
    return redirect(url_for("signatures.same", slug=slug))


@bp.post("/campaigns/<slug>/signatories/same/<public_id>/one")
@for_campaign(Level.EDIT)
def find_same(campaign: Campaign, public_id: str) -> Response:
    """They are one."""
    return _decide(campaign, public_id, service.find_same, _("They count once from now on. You can take this back."))


@bp.post("/campaigns/<slug>/signatories/same/<public_id>/two")
@for_campaign(Level.EDIT)
def find_different(campaign: Campaign, public_id: str) -> Response:
    """They are two."""
    return _decide(campaign, public_id, service.find_different, _("Remembered: nobody is asked about these two again."))


@bp.post("/campaigns/<slug>/signatories/same/<public_id>/undo")
@for_campaign(Level.EDIT)
def take_back_same(campaign: Campaign, public_id: str) -> Response:
    """What was decided is open again."""
    return _decide(campaign, public_id, service.take_back, _("Taken back: everything is as it was before."))


def _decide(campaign: Campaign, public_id: str, verb: Callable[..., object], said: LazyString) -> Response:
    see_names(campaign)
    now = clock.now()
    return press(
        lambda: verb(pairs.pair_by_public_id(campaign, public_id) or abort(404), actor=me(), now=now),
        leads_to=url_for("signatures.same", slug=campaign.slug),
        said=said,
        refused=SignatureError,
    )


def see_names(campaign: Campaign) -> None:
    """Who sees no names here finds no such page."""
    _account, _level, sight = reader(campaign)
    if sight < Sight.NAMES:
        abort(404)


def _shown(pair: SignatoryPair, keys: Keys) -> Shown:
    return Shown(pair, sides_of(pair.one, pair.other, pair, keys), EVIDENCE[pair.evidence])


def sides_of(one: Signatory, other: Signatory, pair: SignatoryPair | None, keys: Keys) -> tuple[Side, Side]:
    """Two as they stand side by side, with which of them counts, or would count, for both."""
    if pair is None or pair.merged_id is None:
        kept = kept_first(one, other)[0]
    else:
        kept = other if pair.merged_id == one.id else one
    first, second = (Side(each, read_name(each, keys), newest_of(each), each is kept) for each in (one, other))
    return first, second
