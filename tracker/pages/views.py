"""The blueprint of pages that compose several features; each page is a file of its own."""

from tracker.pages import campaign, campaigns, company, conclude, hints, home, public, search, searches, shortcuts  # noqa: F401
from tracker.pages.blueprint import bp

__all__ = ["bp"]
