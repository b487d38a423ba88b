"""Words for people, marked for translation where no request is at hand (services, enums, forms)."""

from __future__ import annotations

from collections.abc import Callable

from flask_babel import LazyString, lazy_gettext
from flask_babel import gettext as _gettext
from flask_babel import ngettext as _ngettext

_ = lazy_gettext
# Flask-Babel has no types; what these give is text.
gettext: Callable[..., str] = _gettext
ngettext: Callable[..., str] = _ngettext

__all__ = ["LazyString", "_", "gettext", "ngettext"]
