"""The blueprint of pages that compose several features."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("pages", __name__)
