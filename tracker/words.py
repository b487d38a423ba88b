"""Words for people, marked for translation where no request is at hand (services, enums, forms)."""

from __future__ import annotations

from flask_babel import LazyString, gettext, lazy_gettext, ngettext

_ = lazy_gettext

__all__ = ["LazyString", "_", "gettext", "ngettext"]
