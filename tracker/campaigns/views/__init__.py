"""The pages on which a campaign is logged and edited. The list and the campaign's page compose more: see pages/."""

from tracker.campaigns.views import bin, deadlines, demands, edit, links, log, stage, targets, text, visibility  # noqa: F401
from tracker.campaigns.views.blueprint import bp

__all__ = ["bp"]
