"""In which language and zone a reader is answered: their account's, else the browser's language and UTC."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Babel, get_locale
from flask_login import current_user

LANGUAGES: tuple[str, ...] = ("en",)
ZONE = "UTC"


def _reader() -> Any | None:
    if not has_request_context() or g.get("database_down") or not hasattr(current_app, "login_manager"):
        return None
    return current_user if current_user.is_authenticated else None


def choose_language() -> str:
    """The account's language, else the best the browser asks for, among those we have."""
    if not has_request_context():
        return LANGUAGES[0]
    wanted = getattr(_reader(), "locale", None)
    return wanted if wanted in LANGUAGES else request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


def choose_zone() -> str:
    """The account's zone, else UTC, which every page names beside the time."""
    zone = str(getattr(_reader(), "zone", None) or ZONE)
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return ZONE
    return zone


def init_app(app: Flask) -> None:
    """Set up Flask-Babel; catalogues lie in `tracker/translations`."""
    Babel(app, locale_selector=choose_language, timezone_selector=choose_zone)
    app.jinja_env.globals["get_locale"] = get_locale
