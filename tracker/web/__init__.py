"""What every page shares: assets, headers, tokens, language, chrome, filters, errors."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from tracker.web import (
    assets,
    chrome,
    compression,
    csrf,
    errors,
    filters,
    headers,
    language,
    markdown,
    once,
    uploads,
    views,
)


def init_app(app: Flask) -> None:
    """Wire all of it, before any feature registers a page."""
    assets.init_app(app, cache=Path(app.instance_path) / "assets")
    uploads.init_app(app)
    csrf.init_app(app)
    headers.init_app(app)
    compression.init_app(app)
    language.init_app(app)
    chrome.init_app(app)
    filters.init_app(app)
    markdown.init_app(app)
    errors.init_app(app)
    once.init_app(app)
    app.register_blueprint(views.bp)
