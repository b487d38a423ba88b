"""Pages about accounts: signing in, first steps, one's own account, everybody's."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("accounts", __name__)

from tracker.accounts.views import arriving, own, people, recovery, signing_in  # noqa: E402

__all__ = ["arriving", "bp", "own", "people", "recovery", "signing_in"]
