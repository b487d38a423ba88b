"""What an export may hold. The names of the columns stand in the files and never change: imports know them by name."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from tracker.signatures.models import COUNTED, SignatureStatus


class Column(enum.StrEnum):
    """A column, by the name in its first row; in this order."""

    NAME = "name"
    ROLE = "role"
    ORGANISATION = "organisation"  # which a person names beside the name
    TEAM = "team"
    CITY = "city"
    KIND = "kind"  # person or organisation
    EMAIL = "email"
    PHONE = "phone"
    LINK = "link"  # of a profile
    STATUS = "status"
    FROM = "from"  # signer or list
    APPEARANCE = "appearance"  # named, initials or counted
    SIGNED_ON = "signed_on"  # 2018-06-21, 2018-06 or 2018, as exactly as it is known
    RECORDED_AT = "recorded_at"  # in a protected campaign the day alone
    TEXT_VERSION = "text_version"
    WISHES_UPDATES = "wishes_updates"  # yes or no
    REFERENCE = "reference"  # the signatory's id here


CONTACT = frozenset({Column.EMAIL, Column.PHONE, Column.LINK})
# What outsiders see. Neither days nor an order by day: they would tell who signed between two looks (safety.md, 6).
SHOWN_TO_OUTSIDERS = (Column.NAME, Column.ROLE, Column.ORGANISATION, Column.KIND)


class Extent(enum.StrEnum):
    """How much of each signatory."""

    AS_SHOWN = "as_shown"  # as each chose to appear to outsiders; fit to be passed on
    WHOLE = "whole"  # every name, for the eyes of the team


class Format(enum.StrEnum):
    """Which kind of file."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


@dataclass(frozen=True)
class Wanted:
    """What somebody asks for. Nobody gets a column that their extent does not have."""

    extent: Extent
    columns: tuple[Column, ...]
    ended_too: bool = False  # also who withdrew, waits or was found invalid; then without their contact data

    @property
    def has_contacts(self) -> bool:
        """Whether it holds contact data, for which one needs another permission."""
        return bool(CONTACT & set(self.columns))

    @property
    def is_sensitive(self) -> bool:
        """Whether it holds what outsiders do not see, so that one must sign in again."""
        return self.extent is Extent.WHOLE

    @property
    def statuses(self) -> tuple[SignatureStatus, ...]:
        """Whose signatures."""
        return tuple(SignatureStatus) if self.ended_too and self.is_sensitive else tuple(COUNTED)

    def checked(self) -> Wanted:
        """The same with the columns its extent has, in their order."""
        allowed = SHOWN_TO_OUTSIDERS if self.extent is Extent.AS_SHOWN else tuple(Column)
        return Wanted(self.extent, tuple(each for each in allowed if each in self.columns), self.ended_too)
