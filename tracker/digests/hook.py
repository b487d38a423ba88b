"""What a mail service tells by itself: bounces and complaints, by HTTPS with a shared secret."""

from __future__ import annotations

import hmac

from flask import Blueprint, abort, request
from werkzeug.wrappers import Response

from tracker import clock
from tracker.accounts.access import public
from tracker.accounts.limits import per_network
from tracker.db import transaction
from tracker.digests.ending import end_forgotten
from tracker.digests.rechecking import WATCH
from tracker.mail import bounces
from tracker.settings import config
from tracker.web.csrf import csrf

bp = Blueprint("hook", __name__, url_prefix="/hooks")


@bp.post("/bounce")
@public
@csrf.exempt  # a mail service has neither cookie nor form; the secret in its header is the right to do this
@per_network("bounce", "600 per minute")
def bounce() -> Response:
    """Take a report: the message itself (message/rfc822), or JSON with kind, message_id and perhaps status.

    Answers 204 when it was taken or is about no mail of ours, 422 with words when it is no report.
    """
    secret = config().mail.bounce_secret
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not secret or not hmac.compare_digest(given.encode(), secret.encode()):
        abort(403 if secret else 404)
    try:
        report = _report()
    except bounces.NoReport as problem:
        return Response(f"{problem}\n", 422, mimetype="text/plain")
    with transaction():
        bounces.take(report, now=clock.now(), changed=WATCH.changed, forgotten=end_forgotten)
    return Response(status=204)


def _report() -> bounces.Report:
    if not request.is_json:
        return bounces.read_report(request.get_data(), envelope_to=request.args.get("to", ""))
    told = request.get_json(silent=True)
    if not isinstance(told, dict) or not isinstance(told.get("message_id"), str):
        raise bounces.NoReport("The JSON must be an object with kind and message_id.")
    message_id = told["message_id"].strip()
    if not message_id.startswith("<"):
        message_id = f"<{message_id}>"
    return bounces.report_of(str(told.get("kind")), message_id=message_id, status=str(told.get("status", "")))
