"""What people read for the words of this feature."""

from __future__ import annotations

from tracker.breakdowns.models import Dimension
from tracker.breakdowns.queries import Nothing
from tracker.words import LazyString, _

DIMENSIONS: dict[Dimension, LazyString] = {
    Dimension.TEAM: _("By team"),
    Dimension.CITY: _("By city"),
    Dimension.ROLE: _("By role"),
}
GROUPS: dict[Dimension, LazyString] = {
    Dimension.TEAM: _("Team"),
    Dimension.CITY: _("City"),
    Dimension.ROLE: _("Role"),
}
NOTHING: dict[Nothing, LazyString] = {
    Nothing.NOT_YET: _("Nobody has counted yet; the numbers come within a day."),
    Nothing.FEW_SIGNED: _("Hidden because fewer than 10 people had signed when it was last counted."),
    Nothing.HELD: _(
        "Hidden because somebody who was counted has gone. The numbers come back once 10 people have come or gone, "
        "so that they do not tell who it was."
    ),
    Nothing.SMALL: _("Hidden because each group has fewer than 10 people, or would give such a group away."),
}
