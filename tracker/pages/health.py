"""/healthz: for whoever watches the server. Says only whether pages can be served; `tracker doctor` says the rest."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response

from tracker.accounts.access import public
from tracker.db import db

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public
def show() -> Response:
    """200 while the databases answer, 503 otherwise; never a word about them."""
    try:
        for engine in db.engines.values():
            with engine.connect() as connection:
                connection.execute(sa.text("SELECT 1"))
    except sa.exc.SQLAlchemyError:
        return _plain("The database does not answer.\n", 503)
    return _plain("ok\n", 200)


def _plain(words: str, status: int) -> Response:
    return Response(words, status, mimetype="text/plain", headers={"Cache-Control": "no-store"})
