"""What people read for the words of this feature."""

from __future__ import annotations

from tracker.importing.columns import Column
from tracker.importing.models import DayOrder, ImportState
from tracker.words import LazyString, _

COLUMNS: dict[Column, LazyString] = {
    Column.NAME: _("Name"),
    Column.FIRST: _("First name"),
    Column.MIDDLE: _("Middle name"),
    Column.LAST: _("Last name"),
    Column.OFFICE: _("Role or title"),
    Column.AFFILIATION: _("Organisation"),
    Column.TEAM: _("Team"),
    Column.CITY: _("City"),
    Column.ADDRESS: _("E-mail"),
    Column.PHONE: _("Phone"),
    Column.LINK: _("Profile"),
    Column.SIGNED: _("Signed on"),
    Column.APPEARANCE: _("Shown to outsiders"),
    Column.ANONYMOUS: _("Anonymous: yes or no"),
    Column.UPDATES: _("Wishes to hear more"),
    Column.CONFIRMED: _("Confirmed there"),
    Column.STATUS: _("State there"),
    Column.KIND: _("Person or organisation"),
}
ENCODINGS: dict[str, str] = {
    "utf-8-sig": "UTF-8",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
    "cp1252": "Windows-1252",
    "mac-roman": "Mac Roman",
}
DELIMITERS: dict[str, LazyString] = {",": _("Comma"), ";": _("Semicolon"), "\t": _("Tab"), "|": _("Bar")}
DAY_ORDERS: dict[DayOrder, LazyString] = {
    DayOrder.UNKNOWN: _("It does not matter here"),
    DayOrder.DAY_FIRST: _("The day first: 31/12/2026"),
    DayOrder.MONTH_FIRST: _("The month first: 12/31/2026"),
}
STATES: dict[ImportState, LazyString] = {
    ImportState.DRAFT: _("To be looked at"),
    ImportState.CHECKING: _("Being read; nobody is saved yet"),
    ImportState.CHECKED: _("Read; nobody is saved yet"),
    ImportState.RUNNING: _("Being brought in"),
    ImportState.DONE: _("Brought in"),
    ImportState.UNDOING: _("Being taken back"),
    ImportState.UNDONE: _("Taken back"),
    ImportState.CANCELLED: _("Stopped; the file was destroyed"),
}
