"""What pages share."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Wire what every page shares."""
