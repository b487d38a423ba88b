"""A button that does one thing: done once, refused in words, and back to a page.

return press(
    lambda: service.find_same(pairs.pair_by_public_id(campaign, public_id) or abort(404), actor=me(), now=now),
    leads_to=url_for("signatures.same", slug=campaign.slug),
    said=_("They count once from now on."),
    refused=SignatureError,
)
"""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from tracker.db import transaction
from tracker.web.once import once
from tracker.words import LazyString, _


def press(
    verb: Callable[[], object],
    *,
    leads_to: str,
    refused: type[Exception],
    said: LazyString | str | None = None,
    then: Callable[[], object] = lambda: None,
) -> Response:
    """Do it in a transaction, once however often it is pressed, and lead there with `said`; `then` after the commit.

    What `verb` changes it loads itself. An error of the kind `refused`, or somebody who was quicker, is said instead.
    """
    try:
        with transaction(), once() as saved:
            verb()
            saved.leads_to(leads_to)
    except refused as error:
        flash(str(error), "warning")
    except StaleDataError:
        flash(_("Somebody else decided this meanwhile."), "warning")
    else:
        then()
        if said is not None:
            flash(said, "success")
    return redirect(leads_to, 303)
