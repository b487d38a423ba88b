"""How this feature's enums read to people."""

from __future__ import annotations

from tracker.resolutions.models import Denominator, DispositionKind, FilerRole
from tracker.words import _

DENOMINATORS = {
    Denominator.FOR_AND_AGAINST: _("of for and against, as the SEC counts"),
    Denominator.WITH_ABSTENTIONS: _("with abstentions counted as against"),
    Denominator.OUTSTANDING: _("of all shares outstanding"),
    Denominator.INDEPENDENT: _("of independent shares, without insiders"),
    Denominator.NOT_STATED: _("denominator not stated"),
}

DISPOSITIONS = {
    DispositionKind.CHALLENGED: _("The company asked the SEC to leave it out"),
    DispositionKind.CHALLENGE_REFUSED: _("The SEC’s staff did not agree: it stays in"),
    DispositionKind.OMITTED: _("Left out of the proxy statement"),
    DispositionKind.WITHDRAWN: _("Withdrawn by its filers"),
    DispositionKind.IN_PROXY: _("Printed in the proxy statement"),
    DispositionKind.NOT_PRESENTED: _("Not presented at the meeting"),
}

ROLES = {
    FilerRole.LEAD: _("Lead filer"),
    FilerRole.CO_FILER: _("Co-filer"),
}
