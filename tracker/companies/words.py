"""How the enums of companies and organisations read to people."""

from __future__ import annotations

from tracker.companies.models import OrganisationKind
from tracker.words import LazyString, _

ORGANISATION_KINDS: dict[OrganisationKind, LazyString] = {
    OrganisationKind.FAITH_BASED_INVESTOR: _("Faith-based investor"),
    OrganisationKind.ASSET_MANAGER: _("Asset manager"),
    OrganisationKind.PENSION_FUND: _("Pension fund"),
    OrganisationKind.FOUNDATION: _("Foundation"),
    OrganisationKind.NON_PROFIT: _("Non-profit"),
    OrganisationKind.UNION: _("Union"),
    OrganisationKind.AGENCY: _("Agency"),
    OrganisationKind.LEGISLATURE: _("Legislature"),
    OrganisationKind.OTHER: _("Other organisation"),
}
