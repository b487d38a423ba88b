"""What of a public page stands elsewhere: for machines as JSON, on other sites as a counter, on paper as a QR code."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, g, jsonify, render_template

from tracker import clock
from tracker.accounts.access import public as for_everybody
from tracker.campaigns.models import Campaign
from tracker.campaigns.queries import campaign_by_public_key
from tracker.outcomes.words import STATUSES
from tracker.pages.blueprint import bp
from tracker.pages.public import PublicPage, public_page_of
from tracker.settings import config
from tracker.signatures.drawing import drawn
from tracker.signatures.models import ReportedCount
from tracker.timeline.models import Source

# The only pages that another site may show in a frame: they have nothing to click but one link, and know nobody.
FRAMED = "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
KEPT_FOR = "public, max-age=300"


def _public_page(key: str) -> PublicPage:
    campaign, is_public = campaign_by_public_key(key)
    if campaign is None or not is_public or key != campaign.slug or campaign.merged_into_id is not None:
        abort(404)
    return public_page_of(campaign, is_public=True, now=clock.now())


@bp.get("/c/<key>.json")
@for_everybody
def public_json(key: str) -> Response:
    """What the public page shows, and nothing else; never of a campaign by link."""
    answer = jsonify(_facts(_public_page(key)))
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Cache-Control"] = KEPT_FOR
    return answer


@bp.get("/c/<key>/counter")
@for_everybody
def counter(key: str) -> Response:
    """How many signed, as a small page for a frame on another site: no script, no cookie, a few minutes old at most."""
    here = _public_page(key)
    page = render_template("pages/counter.html", here=here, campaign=here.campaign, address=_address(here.campaign))
    return _elsewhere(Response(page, mimetype="text/html"))


@bp.get("/c/<key>/counter.svg")
@for_everybody
def counter_picture(key: str) -> Response:
    """The same as a picture."""
    here = _public_page(key)
    share = min(1.0, here.counts.here / here.campaign.goal) if here.campaign.goal else None
    picture = render_template("pages/counter.svg", here=here, campaign=here.campaign, share=share)
    return _elsewhere(Response(picture, mimetype="image/svg+xml"))


@bp.get("/c/<key>/code.svg")
@for_everybody
def code(key: str) -> Response:
    """A QR code of the page's address, for posters and slips; also of a page by link, for whoever has that link."""
    campaign, is_public = campaign_by_public_key(key)
    if campaign is None:
        abort(404)
    g.token_page = not is_public
    return Response(drawn(f"{config().public_base_url}/c/{key}"), mimetype="image/svg+xml")


def _elsewhere(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = FRAMED
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Cache-Control"] = KEPT_FOR
    return answer


def _address(campaign: Campaign) -> str:
    return f"{config().public_base_url}/c/{campaign.slug}"


def _facts(here: PublicPage) -> dict[str, Any]:
    campaign, signed = here.campaign, here.counts
    assert here.signatories is not None
    return {
        "title": campaign.title,
        "address": _address(campaign),
        "kind": campaign.kind.value,
        "asked": [whom.name for one in here.asked if (whom := one.company or one.organisation)],
        "text": {"version": here.text.number, "markdown": here.text.body} if here.text else None,
        "signing": here.state.value,
        "signed_here": {
            "total": signed.here,
            "confirmed_by_the_signer": signed.confirmed,
            "from_a_list": signed.listed,
            "is_at_most": signed.at_most,
        },
        "goal": campaign.goal,
        "size_as_reported": _size(here.size) if here.size is not None else None,
        "asks": [
            {
                "words": score.text,
                "outcome": str(STATUSES[score.outcome]),
                "since": score.since.isoformat() if score.since else None,
                "evidence": [_source(one) for one in score.evidence],
            }
            for score in here.scores
        ],
        "signatories": [
            {"name": one.name, "role": one.office, "organisation": one.affiliation} for one in here.signatories.shown
        ],
        "chose_only_to_be_counted": here.signatories.counted_only,
    }


def _size(size: ReportedCount) -> dict[str, Any]:
    return {
        "qualifier": size.qualifier.value,
        "value": size.value,
        "population": size.population,
        "as_of": size.as_of_on.isoformat(),
        "precision": size.as_of_precision.value,
        "sources": [_source(one) for one in size.entry.sources],
    }


def _source(source: Source) -> dict[str, Any]:
    if source.redacted_at is not None:
        return {"citation": None, "url": None}
    return {"citation": source.citation, "url": source.url or None}
