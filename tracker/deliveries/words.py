"""Words for ways of delivering."""

from __future__ import annotations

from tracker.deliveries.models import Way
from tracker.words import LazyString, _

WAYS: dict[Way, LazyString] = {
    Way.IN_PERSON: _("handed over in person"),
    Way.POST: _("by post"),
    Way.MAIL: _("by e-mail"),
    Way.FORM: _("by a form on their site"),
    Way.MEETING: _("at a meeting"),
    Way.PUBLISHED: _("published as an open letter"),
}
