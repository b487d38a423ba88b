"""The one page that belongs to no feature: what is kept, and who can read it."""

from __future__ import annotations

from flask import Blueprint, render_template

bp = Blueprint("web", __name__)


@bp.get("/privacy")
def privacy() -> str:
    """What is kept about whom, in plain words (safety.md, 13)."""
    return render_template("web/privacy.html")


# `accounts.access.public` lies above this package; this is the mark it writes.
privacy.access_mark = "public"  # type: ignore[attr-defined]
