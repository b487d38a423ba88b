"""The running application's Config, for code that must not know Flask (house.md, 3)."""

from __future__ import annotations

from flask import current_app

from tracker.config import Config


def config() -> Config:
    """What the environment decided, once, at the start."""
    found: Config = current_app.extensions["config"]
    return found
