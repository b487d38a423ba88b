"""How this feature's enums read to people."""

from __future__ import annotations

from tracker.outcomes.models import Attribution, Implementation, OutcomeStatus
from tracker.words import _

STATUSES = {
    OutcomeStatus.UNANSWERED: _("Unanswered"),
    OutcomeStatus.REFUSED: _("Refused"),
    OutcomeStatus.PARTLY_MET: _("Partly met"),
    OutcomeStatus.MET: _("Met"),
    OutcomeStatus.REVERSED: _("Reversed: granted once, then taken back"),
    OutcomeStatus.REPLACED: _("Replaced by another"),
}

ATTRIBUTIONS = {
    Attribution.NOT_CLAIMED: _("Nobody claims to know"),
    Attribution.CLAIMED_BY_ORGANISERS: _("The organisers say: this campaign’s"),
    Attribution.CREDITED_BY_TARGET: _("The target credits this campaign"),
    Attribution.CREDITED_BY_PRESS: _("The press credits this campaign"),
    Attribution.DISPUTED: _("Disputed"),
}

# Beside an outcome, where "nobody claims" goes without saying.
CLAIMS = {
    Attribution.CLAIMED_BY_ORGANISERS: _("The organisers claim it"),
    Attribution.CREDITED_BY_TARGET: _("The target credits the campaign"),
    Attribution.CREDITED_BY_PRESS: _("The press credits the campaign"),
    Attribution.DISPUTED: _("Whose doing it was is disputed"),
}

IMPLEMENTATIONS = {
    Implementation.NOT_KNOWN: _("Not known"),
    Implementation.NOT_STARTED: _("Not begun"),
    Implementation.PARTLY: _("Partly carried out"),
    Implementation.FULLY: _("Fully carried out"),
    Implementation.ABANDONED: _("Abandoned"),
}
