"""A page of something that a worker does: htmx asks for its part while it works, and for all of it once that ended."""

from __future__ import annotations

from typing import Any

from flask import make_response, render_template, request
from werkzeug.wrappers import Response


def polled(page: str, part: str, *, is_working: bool, **values: Any) -> Response:
    """The page; asked by the part itself, the part alone, and when nothing works any more the whole page anew: what may
    be done then stands outside the part."""
    if not request.headers.get("HX-Request"):
        return make_response(render_template(page, is_working=is_working, **values))
    if is_working:
        return make_response(render_template(part, is_working=True, **values))
    answer = make_response("")
    answer.headers["HX-Refresh"] = "true"
    return answer
