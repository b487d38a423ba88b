"""Pages about accounts: signing in, first steps, one's own account, everybody's."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("accounts", __name__)

from tracker.accounts.views import arriving, factor, own, people, recovery, second_step, signing_in  # noqa: E402

__all__ = ["arriving", "bp", "factor", "own", "people", "recovery", "second_step", "signing_in"]
