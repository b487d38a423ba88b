"""What of a public page stands elsewhere: for machines as JSON, on other sites as a counter, on paper as a QR code."""

from __future__ import annotations

from typing import cast

from flask import Response, abort, g, jsonify, render_template, request

from tracker import clock
from tracker.accounts.access import public as for_everybody
from tracker.campaigns.queries import campaign_by_public_key
from tracker.pages.as_json import facts
from tracker.pages.blueprint import bp
from tracker.pages.public import PublicPage, address_of, public_page_of, told_of
from tracker.settings import config
from tracker.signatures.drawing import drawn

# The only pages that another site may show in a frame: they have nothing to click but one link, and know nobody.
FRAMED = "default-src 'none'; style-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *"
KEPT_FOR = "public, max-age=300"


def _public_page(key: str, after: str | None = None) -> PublicPage:
    campaign, is_public = campaign_by_public_key(key)
    if campaign is None or not is_public or key != campaign.slug or campaign.merged_into_id is not None:
        abort(404)
    return public_page_of(campaign, is_public=True, now=clock.now(), after=after)


@bp.get("/c/<key>.json")
@for_everybody
def public_json(key: str) -> Response:
    """What the public page shows, and nothing else; never of a campaign by link. `?page=` turns its history over,
    `?after=` its names. Whoever keeps a copy asks each time whether it still holds: a name may be hidden any moment."""
    here = _public_page(key, request.args.get("after", ""))
    answer = jsonify(facts(here, told_of(here, now=clock.now())))
    answer.headers["Access-Control-Allow-Origin"] = "*"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["Cache-Control"] = "public, no-cache"
    answer.add_etag()
    return cast(Response, answer.make_conditional(request))


@bp.get("/c/<key>/counter")
@for_everybody
def counter(key: str) -> Response:
    """How many signed, as a small page for a frame on another site: no script, no cookie, a few minutes old at most."""
    here = _public_page(key)
    page = render_template(
        "pages/counter.html", here=here, campaign=here.campaign, address=address_of(here.campaign.slug)
    )
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
