"""The stages in words and in order, and the moves between them."""

from __future__ import annotations

from tracker.campaigns.models import Stage
from tracker.words import LazyString, _

ORDER = tuple(Stage)

STAGE_WORDS: dict[Stage, LazyString] = {
    Stage.DRAFT: _("Draft"),
    Stage.GATHERING: _("Gathering"),
    Stage.DELIVERED: _("Delivered"),
    Stage.IN_DIALOGUE: _("In dialogue"),
    Stage.CONCLUDED: _("Concluded"),
}

# Forward by one step, or past a step that did not happen; back when something was taken for done that was not.
MOVES: dict[Stage, tuple[Stage, ...]] = {
    Stage.DRAFT: (Stage.GATHERING, Stage.DELIVERED, Stage.CONCLUDED),
    Stage.GATHERING: (Stage.DELIVERED, Stage.IN_DIALOGUE, Stage.CONCLUDED, Stage.DRAFT),
    Stage.DELIVERED: (Stage.IN_DIALOGUE, Stage.CONCLUDED, Stage.GATHERING),
    Stage.IN_DIALOGUE: (Stage.CONCLUDED, Stage.DELIVERED, Stage.GATHERING),
    Stage.CONCLUDED: (Stage.IN_DIALOGUE, Stage.DELIVERED, Stage.GATHERING),
}
