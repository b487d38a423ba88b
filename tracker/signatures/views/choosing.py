"""Two signatories whom nobody proposed: the other one is picked by a search, both are compared, a person decides."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from tracker import clock
from tracker.accounts.access import me
from tracker.campaigns.access import Level, for_campaign
from tracker.campaigns.models import Campaign
from tracker.signatures import pairs, queries, service
from tracker.signatures.likeness import names_alike
from tracker.signatures.listing import Filters, Row, members_list
from tracker.signatures.models import Signatory, SignatoryKind, SignatureStatus
from tracker.signatures.names import searched_words
from tracker.signatures.one_person import is_merged
from tracker.signatures.people import Keys, keys_of, read_name
from tracker.signatures.service import SignatureError
from tracker.signatures.views import bp
from tracker.signatures.views.lists import Answer
from tracker.signatures.views.same import see_names, sides_of
from tracker.web.pressing import press
from tracker.words import _


@bp.route("/campaigns/<slug>/signatories/<public_id>/same", methods=["GET", "POST"])
@for_campaign(Level.EDIT)
def choose_same(campaign: Campaign, public_id: str) -> Answer:
    """Find the other one. The search is posted, so that a name stays out of addresses; it begins with the last word of
    this one's name."""
    one, now = _person(campaign, public_id), clock.now()
    person = read_name(one, keys_of(campaign, now=now))
    words = searched_words(person.name)
    search = request.form.get("search", words[-1] if words else "").strip()[:200]
    return render_template(
        "signatures/choose_same.html",
        campaign=campaign,
        signatory=one,
        person=person,
        search=search,
        rows=_others(campaign, one, search) if search else [],
    )


@bp.get("/campaigns/<slug>/signatories/<public_id>/same/<other_id>")
@for_campaign(Level.EDIT)
def compare_same(campaign: Campaign, public_id: str, other_id: str) -> Answer:
    """Both side by side, with which one would count, or what was decided about them."""
    one, other = _both(campaign, public_id, other_id)
    keys, pair = keys_of(campaign, now=clock.now()), pairs.pair_of(one, other)
    return render_template(
        "signatures/compare_same.html",
        campaign=campaign,
        signatory=one,
        other=other,
        pair=pair,
        sides=sides_of(one, other, pair, keys),
        likeness=_likeness(one, other, keys),
    )


@bp.post("/campaigns/<slug>/signatories/<public_id>/same/<other_id>")
@for_campaign(Level.EDIT)
def join_same(campaign: Campaign, public_id: str, other_id: str) -> Response:
    """They are one."""
    one, other = _both(campaign, public_id, other_id)
    slug, now = campaign.slug, clock.now()
    likeness = _likeness(one, other, keys_of(campaign, now=now))

    def join() -> None:
        service.find_same_unasked(*_both(campaign, public_id, other_id), likeness=likeness, actor=me(), now=now)

    return press(
        join,
        leads_to=url_for("signatures.same", slug=slug, _anchor="decided"),
        said=_("They count once from now on. You can take this back."),
        refused=SignatureError,
    )


def _person(campaign: Campaign, public_id: str) -> Signatory:
    """A person of this campaign; organisations are found to be one on a page of their own, for all campaigns. Whoever
    was found to be one with somebody meanwhile is led to what was decided (aborts with the way there)."""
    see_names(campaign)
    found = queries.signatory_by_public_id(campaign, public_id)
    if found is not None and found.kind is SignatoryKind.PERSON:
        return found
    if is_merged(campaign, public_id):
        flash(_("One of the two was found to be one with somebody meanwhile."), "warning")
        abort(redirect(url_for("signatures.same", slug=campaign.slug, _anchor="decided")))
    abort(404)


def _both(campaign: Campaign, public_id: str, other_id: str) -> tuple[Signatory, Signatory]:
    if public_id == other_id:
        abort(404)
    return _person(campaign, public_id), _person(campaign, other_id)


def _others(campaign: Campaign, one: Signatory, search: str) -> list[Row]:
    """Who counts or withdrew and is found by these words, but this one; the first page of each."""
    found: list[Row] = []
    for status in (None, SignatureStatus.WITHDRAWN):
        wanted = Filters(status=status, kind=SignatoryKind.PERSON, search=search)
        listed = members_list(campaign, wanted, now=clock.now())
        found += [row for row in listed.rows if isinstance(row, Row) and row.public_id != one.public_id]
    return found


def _likeness(one: Signatory, other: Signatory, keys: Keys) -> int:
    return int(names_alike(*(searched_words(read_name(each, keys).name) for each in (one, other))))
