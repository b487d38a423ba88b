"""For whoever watches the server: /healthz (alive), /readyz (may serve), /healthz/digests (nothing is late).

Plain words, no names, no addresses, nothing about anybody; `tracker doctor` says the rest.
"""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response

from tracker import clock, schema
from tracker.accounts.access import public
from tracker.digests import watching
from tracker.instance import setting
from tracker.sealing import probe

bp = Blueprint("health", __name__)

NO_DATABASE = "The database does not answer.\n"


@bp.get("/healthz")
@public
def show() -> Response:
    """200 while this process serves. It asks nothing else, so that nobody restarts it for an outage that is not its
    own."""
    return _plain("ok\n", 200)


@bp.get("/readyz")
@public
def ready() -> Response:
    """200 while pages may be sent here: the databases answer, are of this program's schema, and the key opens them."""
    try:
        if any(revision != schema.wanted() for revision in schema.found().values()):
            return _plain("The database is of another version; run `tracker upgrade`.\n", 503)
        if probe.wrong(setting(probe.PROBE)) is not None:
            return _plain("DATA_KEY does not open what was sealed here.\n", 503)
    except sa.exc.SQLAlchemyError:
        return _plain(NO_DATABASE, 503)
    return _plain("ok\n", 200)


@bp.get("/healthz/digests")
@public
def digests() -> Response:
    """200 while no mail and no digest is late and whatever sends them lives; else 503 and what is wrong, in words."""
    try:
        found = watching.concerns(watching.standing(clock.now()))
    except sa.exc.SQLAlchemyError:
        return _plain(NO_DATABASE, 503)
    status = 503 if any(one.is_bad for one in found) else 200
    return _plain("".join(f"{one.words}\n" for one in found) or "ok\n", status)


def _plain(words: str, status: int) -> Response:
    return Response(words, status, mimetype="text/plain", headers={"Cache-Control": "no-store"})
