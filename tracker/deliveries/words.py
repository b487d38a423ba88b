"""Words for ways of delivering, and for what a packet says of its numbers."""

from __future__ import annotations

from tracker.deliveries.models import Way
from tracker.signatures.versions import Versions
from tracker.web.filters import number
from tracker.words import LazyString, _, gettext, ngettext

WAYS: dict[Way, LazyString] = {
    Way.IN_PERSON: _("handed over in person"),
    Way.POST: _("by post"),
    Way.MAIL: _("by e-mail"),
    Way.FORM: _("by a form on their site"),
    Way.MEETING: _("at a meeting"),
    Way.PUBLISHED: _("published as an open letter"),
}
SIGNED_NOW = _("Signed this text")
SIGNED_EARLIER = _("Signed an earlier text, before it was changed in substance")


def words_of(versions: Versions, *, exact: bool = False) -> str:
    """How many signed this text, and how many an earlier one. `exact`: for the team; else fewer than ten are told in
    words (safety.md, 6)."""
    if not exact and versions.is_few_now:
        return gettext(
            "Fewer than ten signed this text; the others signed an earlier one, before it was changed in substance."
        )
    if not exact and versions.is_few_earlier:
        return gettext(
            "All but a few signed this text; those signed an earlier one, before it was changed in substance."
        )
    return gettext(
        "%(now)s signed this text, %(earlier)s an earlier one, before it was changed in substance.",
        now=number(versions.now),
        earlier=number(versions.earlier),
    )


def rest_in_words(counted_only: int, bodies: int, gone: int) -> list[str]:
    """Who is told as a number only, and why."""
    chose = ngettext(
        "and %(num)d who chose only to be counted", "and %(num)d who chose only to be counted", counted_only
    )
    hidden = ngettext("and %(num)d organisation, not named here", "and %(num)d organisations, not named here", bodies)
    lost = ngettext("and %(num)d whose name is kept no longer", "and %(num)d whose names are kept no longer", gone)
    return [words for words, count in ((chose, counted_only), (hidden, bodies), (lost, gone)) if count]
