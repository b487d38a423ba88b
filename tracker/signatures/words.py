"""How the enums of this feature read to people."""

from __future__ import annotations

from tracker.signatures.listing import Order
from tracker.signatures.models import Appearance, Qualifier, SignatoryKind, SignatureStatus
from tracker.signatures.pasting import Separator
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
