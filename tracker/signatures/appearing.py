"""How a signatory is shown, and to whom (safety.md, 1; product.md, "Who sees what")."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass

from tracker.accounts import factor
from tracker.accounts.models import Account, Membership, Role
from tracker.campaigns.access import Level, level_of
from tracker.campaigns.models import Campaign
from tracker.search_text import normalise
from tracker.signatures.models import Appearance, SignatoryKind, Signature
from tracker.signatures.names import initials
from tracker.signatures.people import Keys, Person, read_name


class Sight(enum.IntEnum):
    """How much of a campaign's signatories somebody sees; each includes those before it. Contact data is no part."""

    NOTHING = 0
    AS_CHOSEN = 1  # the numbers, and each signer as that signer chose
    NAMES = 2  # the whole list


def sight_of(account: Account | None, campaign: Campaign, membership: Membership | None) -> Sight:
    """Members and administrators see the list; others who may read the campaign see what each signer chose."""
    if level_of(account, campaign, membership) < Level.READ or account is None:
        return Sight.NOTHING
    if membership is not None or (account.role is Role.ADMINISTRATOR and not factor.is_lacking(account)):
        return Sight.NAMES
    return Sight.AS_CHOSEN


@dataclass(frozen=True)
class Shown:
    """A signatory as shown to outsiders."""

    name: str  # or initials
    office: str
    affiliation: str
    is_initials: bool
    is_organisation: bool

    def sort_key(self) -> tuple[bool, bool, str]:
        """Organisations, then names, then initials; by what is shown, never by what is hidden."""
        return (not self.is_organisation, self.is_initials, normalise(self.name))


def hides_names(campaign: Campaign) -> bool:
    """Whether the campaign forbids public names altogether: people are shown by initials at most, bodies not at all."""
    return not campaign.allows_public_names


def as_chosen(signature: Signature, campaign: Campaign, keys: Keys) -> Shown | None:
    """The signatory as outsiders see it: by name, by initials and role, or not at all."""
    signatory = signature.signatory
    return shown_as(
        lambda: read_name(signatory, keys),
        kind=signatory.kind,
        appearance=signature.appearance,
        hides=hides_names(campaign),
    )


def shown_as(read: Callable[[], Person], *, kind: SignatoryKind, appearance: Appearance, hides: bool) -> Shown | None:
    """The same of a row that is no model; a name that is not shown is not even read. `hides`: see `hides_names`."""
    is_organisation = kind is SignatoryKind.ORGANISATION
    if hides and appearance is Appearance.NAMED:
        appearance = Appearance.COUNTED if is_organisation else Appearance.INITIALS
    if appearance is Appearance.COUNTED:
        return None
    person = read()
    if not person.name:
        return None
    if appearance is Appearance.INITIALS:
        return Shown(initials(person.name), person.office, "", True, False)
    return Shown(person.name, person.office, person.affiliation, False, is_organisation)
