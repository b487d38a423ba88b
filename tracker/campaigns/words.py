"""How the enums of campaigns read to people."""

from __future__ import annotations

from tracker.accounts.models import Membership
from tracker.campaigns.models import CampaignKind, DemandKind, SubjectRole, TargetKind, Visibility
from tracker.campaigns.relations import LinkKind
from tracker.words import LazyString, _

KINDS: dict[CampaignKind, LazyString] = {
    CampaignKind.EMPLOYEE: _("Employees"),
    CampaignKind.SHAREHOLDER: _("Shareholders"),
    CampaignKind.PUBLIC: _("The public"),
}

VISIBILITIES: dict[Visibility, LazyString] = {
    Visibility.MEMBERS: _("Members only"),
    Visibility.LINK: _("By link"),
    Visibility.SIGNED_IN: _("Everyone signed in"),
    Visibility.PUBLIC: _("Public"),
}

# What each level means, for the form that changes it and the page that shows it.
VISIBILITY_MEANINGS: dict[Visibility, LazyString] = {
    Visibility.MEMBERS: _("Only its members, and administrators, know that it exists."),
    Visibility.LINK: _(
        "Members work on it here. Whoever has its link reads the text, what is asked and how many signed; "
        "nobody finds it by searching."
    ),
    Visibility.SIGNED_IN: _("Everyone with an account here reads it; nobody outside does."),
    Visibility.PUBLIC: _("Everybody reads its public page and its public entries, without an account."),
}

DEMAND_KINDS: dict[DemandKind, LazyString] = {
    DemandKind.STOP: _("to stop something"),
    DemandKind.ADOPT: _("to adopt something"),
    DemandKind.DISCLOSE: _("to disclose something"),
    DemandKind.STUDY: _("to study something"),
    DemandKind.REMOVE: _("to remove something"),
}

TARGET_KINDS: dict[TargetKind, LazyString] = {
    TargetKind.COMPANY: _("A company"),
    TargetKind.BOARD: _("A board"),
    TargetKind.OFFICE_HOLDER: _("A named office-holder"),
    TargetKind.AGENCY: _("An agency"),
    TargetKind.LEGISLATURE: _("A legislature"),
}

SUBJECT_ROLES: dict[SubjectRole, LazyString] = {
    SubjectRole.ASKED: _("Asked: it can grant what is asked"),
    SubjectRole.ABOUT: _("About: what is asked is about it"),
}

# How a campaign stands to another, said of either; the second: of the one that it was not said of.
LINKS: dict[tuple[LinkKind, bool], LazyString] = {
    (LinkKind.FOLLOWS, False): _("follows"),
    (LinkKind.FOLLOWS, True): _("is followed by"),
    (LinkKind.SUPPORTS, False): _("supports"),
    (LinkKind.SUPPORTS, True): _("is supported by"),
    (LinkKind.ESCALATES, False): _("escalates"),
    (LinkKind.ESCALATES, True): _("is escalated by"),
}

MEMBERSHIPS: dict[Membership, LazyString] = {
    Membership.LEAD: _("Lead"),
    Membership.EDITOR: _("Editor"),
    Membership.READER: _("Reader"),
}


def ask_word(kind: CampaignKind) -> LazyString:
    """One thing asked: an "ask" of shareholders, a "demand" of others (product.md)."""
    return _("Ask") if kind is CampaignKind.SHAREHOLDER else _("Demand")


def asks_word(kind: CampaignKind) -> LazyString:
    """Several of them."""
    return _("Asks") if kind is CampaignKind.SHAREHOLDER else _("Demands")
