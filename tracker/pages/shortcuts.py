"""The keyboard shortcuts, in one list: the page shows it, and `?` opens it over any page (static/shortcuts.js)."""

from __future__ import annotations

from flask import render_template

from tracker.accounts.access import me, signed_in
from tracker.accounts.models import Role
from tracker.pages.blueprint import bp
from tracker.words import LazyString, _

ANYWHERE: tuple[tuple[str, LazyString], ...] = (
    ("?", _("Show these shortcuts")),
    ("/", _("Search")),
    ("g h", _("Go to home")),
    ("g c", _("Go to the campaigns")),
    ("g o", _("Go to the companies")),
    ("g d", _("Go to the digests")),
    ("g a", _("Go to your account")),
)
IN_LISTS: tuple[tuple[str, LazyString], ...] = (
    ("j", _("Next in the list")),
    ("k", _("Previous in the list")),
    ("Enter", _("Open it")),
)
HERE: tuple[tuple[str, LazyString], ...] = (
    ("e", _("Edit this campaign, company or entry")),
    ("t", _("Its campaign page")),
    ("h", _("Its history")),
    ("s", _("Its signatories")),
)


@bp.get("/shortcuts")
@signed_in
def shortcuts() -> str:
    """Every shortcut, without JavaScript too."""
    account = me()
    logs = account.role in (Role.ADMINISTRATOR, Role.ORGANISER)
    anywhere = [*ANYWHERE, ("n", _("Log a campaign"))] if logs else [*ANYWHERE]
    return render_template(
        "pages/shortcuts.html",
        groups=[(_("Anywhere"), anywhere), (_("In lists"), IN_LISTS), (_("In a campaign"), HERE)],
        are_on=account.shortcuts,
    )
