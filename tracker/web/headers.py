"""The headers every answer carries (reliability.md, 4 and (b)), and the mark of pages with a secret in the address."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, Response, current_app, g, request, session

P = ParamSpec("P")
R = TypeVar("R")

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; "  # data: for the marks inside Bootstrap's style sheet
    "frame-src 'self'; "  # the mail viewer shows a mail in a sandboxed frame
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; manifest-src 'self'"
)
UNUSED = ("accelerometer", "camera", "geolocation", "gyroscope", "magnetometer", "microphone", "payment", "usb")
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in UNUSED)
TWO_YEARS = 63_072_000


def token_page(view: Callable[P, R]) -> Callable[P, R]:
    """Mark a view whose address holds a secret: no referrer, not indexed, not cached.

    Its forms send no referrer either, so the CSRF check there goes by the token alone (`web/csrf.py`).
    """
    view.token_page = True  # type: ignore[attr-defined]  # functools.wraps carries it through access decorators
    return view


def is_token_page() -> bool:
    """Whether the current request asks for a page marked by `token_page` (or `g.token_page` was set)."""
    if g.get("token_page"):
        return True
    view = current_app.view_functions.get(request.endpoint or "")
    return bool(getattr(view, "token_page", False))


def add_headers(response: Response) -> Response:
    """Set what is missing; a view that set a header of its own (a mail shown in a frame) knows better."""
    headers = response.headers
    token = is_token_page()
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "no-referrer" if token else "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
    if current_app.extensions["config"].is_https:
        headers.setdefault("Strict-Transport-Security", f"max-age={TWO_YEARS}; includeSubDomains")
    if token:
        headers.setdefault("X-Robots-Tag", "noindex, nofollow")
    # The session says who is signed in without asking the database, which may be down.
    if token or session.get("_user_id") or response.status_code >= 400:
        headers["Cache-Control"] = "no-store"
    elif "Cache-Control" not in headers:
        headers["Cache-Control"] = "no-cache"
    return response


def init_app(app: Flask) -> None:
    """Add the headers to every answer of the application."""
    app.after_request(add_headers)
