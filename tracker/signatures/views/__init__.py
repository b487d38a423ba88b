"""Signatories over HTTP. No name is ever in an address, a flash or a title: they outlive the page."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("signatures", __name__)

from tracker.signatures.views import (  # noqa: E402, F401, I001 - they need bp
    adding, calls, choosing, coded, editing, exporting, lists, one, pasting, receipt, same, signing, sizes, slips,
)  # fmt: skip
