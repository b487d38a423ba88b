"""The pages on which a campaign is logged and edited. The list and the campaign's page compose more: see pages/."""

from tracker.campaigns.views import (  # noqa: F401
    bin,
    deadlines,
    demands,
    edit,
    issues,
    links,
    log,
    stage,
    targets,
    template,
    text,
    visibility,
)
from tracker.campaigns.views.blueprint import bp

__all__ = ["bp"]
