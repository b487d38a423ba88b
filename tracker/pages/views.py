"""The blueprint of pages that compose several features; each page is a file of its own."""

from tracker.pages import (  # noqa: F401
    briefing,
    campaign,
    campaigns,
    company,
    conclude,
    hints,
    home,
    issues,
    merging,
    public,
    search,
    searches,
    set_back,
    sharing,
    shortcuts,
)
from tracker.pages.blueprint import bp

__all__ = ["bp"]
