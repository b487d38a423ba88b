"""How the enums of this feature read to people."""

from __future__ import annotations

from tracker.signatures.listing import Order
from tracker.signatures.models import Appearance, Qualifier, SignatoryKind, SignatureStatus
from tracker.signatures.pairs import Evidence
from tracker.signatures.pasting import Separator
from tracker.signatures.signings import Asked
from tracker.words import _

APPEARANCES = {
    Appearance.NAMED: _("By name"),
    Appearance.INITIALS: _("By initials and role"),
    Appearance.COUNTED: _("Only counted"),
}
STATUSES = {
    SignatureStatus.PENDING: _("Waits for the signer"),
    SignatureStatus.CONFIRMED: _("Confirmed by the signer"),
    SignatureStatus.LISTED: _("From a list"),
    SignatureStatus.WITHDRAWN: _("Withdrawn"),
    SignatureStatus.INVALIDATED: _("Found invalid"),
}
KINDS = {
    SignatoryKind.PERSON: _("People"),
    SignatoryKind.ORGANISATION: _("Organisations"),
}
ORDERS = {
    Order.NAME: _("By name"),
    Order.NEWEST: _("Newest first"),
    Order.OLDEST: _("Oldest first"),
}
SEPARATORS = {
    Separator.GUESS: _("Find out for each line"),
    Separator.COMMA: _("Commas"),
    Separator.TAB: _("Tabs, as copied from a spreadsheet"),
    Separator.SEMICOLON: _("Semicolons"),
    Separator.NONE: _("Nothing: the whole line is the name"),
}
QUALIFIERS = {
    Qualifier.EXACTLY: _("exactly"),
    Qualifier.AT_LEAST: _("at least"),
    Qualifier.MORE_THAN: _("more than"),
    Qualifier.ABOUT: _("about"),
    Qualifier.FEWER_THAN: _("fewer than"),
}
EVIDENCE = {
    Evidence.ORGANISATION: _("The same organisation"),
    Evidence.ROLE: _("The same role"),
    Evidence.LINK: _("The same profile"),
    Evidence.PERSON: _("Put side by side by the team"),
    Evidence.WAYS: _("Nobody else has this name, and they signed in different ways"),
}
ASKED = {
    Asked.HIDDEN: _("Not asked"),
    Asked.OPTIONAL: _("Asked, may stay empty"),
    Asked.REQUIRED: _("Asked, must be filled in"),
}
# As a signer chooses, not as an organiser records.
OWN_APPEARANCES = {
    Appearance.NAMED: _("With my full name, role and organisation"),
    Appearance.INITIALS: _("With my initials and role"),
    Appearance.COUNTED: _("Only counted, not shown at all"),
}
WHO_SIGNS = {
    SignatoryKind.PERSON: _("I sign for myself"),
    SignatoryKind.ORGANISATION: _("I sign for an organisation, which the organisers confirm"),
}
