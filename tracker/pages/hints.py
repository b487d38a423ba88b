"""First-run hints: small cards that teach one thing, and go away by a button or by themselves once it was done."""

from __future__ import annotations

from flask import abort, g, redirect, request
from werkzeug import Response

from tracker import clock
from tracker.accounts import service
from tracker.accounts.access import current_account, me, safe_next, signed_in
from tracker.accounts.queries import dismissed_hints
from tracker.db import transaction
from tracker.pages.blueprint import bp

# What each teaches stands in the template that shows it, beside the thing.
HINTS = frozenset({"correct", "follow", "seen", "shortcuts", "signatories", "sources"})


@bp.app_template_global()
def wants_hint(key: str) -> bool:
    """Whether this reader has not waved this hint away; nobody signed in wants none. One question a request."""
    if key not in HINTS:
        raise LookupError(f"tracker/pages/hints.py knows no hint {key!r}")
    account = current_account()
    if account is None:
        return False
    if "dismissed_hints" not in g:
        g.dismissed_hints = dismissed_hints(account)
    return key not in g.dismissed_hints


@bp.post("/hints/<key>/dismiss")
@signed_in
def dismiss_hint(key: str) -> Response:
    """Never show it again."""
    if key not in HINTS:
        abort(404)
    now = clock.now()
    with transaction():
        account = me()
        service.dismiss_hint(account, key, now=now)
    return redirect(safe_next(request.form.get("back")))
