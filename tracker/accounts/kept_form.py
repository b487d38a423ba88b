"""An expired session never loses a filled form: it is sealed into the sign-in page and offered again afterwards.

Only a form that came from our own page is kept, so that nobody else can put words into a reader's mouth; it is never
sent without a click; and only the account that was signed in when it was filled gets it back.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from flask import make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from tracker.accounts.access import safe_next
from tracker.accounts.models import Account
from tracker.sealing import SealError, keyring
from tracker.web.errors import KeptField, kept_form

PLACE = "kept form"
LONGEST = 400_000  # characters, sealed; the sign-in form must stay below MAX_CONTENT_LENGTH


@dataclass(frozen=True)
class KeptForm:
    """A form to be sent again: where to, and its fields."""

    path: str
    fields: list[KeptField]


def ask_to_sign_in() -> ResponseReturnValue:
    """For Flask-Login: what somebody sees who is not signed in and wanted something that needs it."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        address = url_for("accounts.login", next=safe_next(request.full_path.rstrip("?")))
        if request.headers.get("HX-Request"):
            page = safe_next(_path_of(request.headers.get("HX-Current-URL")))
            return "", 200, {"HX-Redirect": url_for("accounts.login", next=page)}
        return redirect(address)
    from tracker.accounts.forms import SignInForm

    kept = seal()
    form = SignInForm(formdata=None)
    form.kept.data = kept
    form.next.data = _path_of(request.referrer) if _is_ours(request.referrer) else ""
    answer = make_response(
        render_template("accounts/login.html", form=form, too_long=kept is None and bool(request.form)), 401
    )
    if request.headers.get("HX-Request"):  # a whole page, not a part: htmx shall show it as one
        answer.headers["HX-Retarget"] = "body"
        answer.status_code = 200
    return answer


def seal() -> str | None:
    """The form just posted, sealed; None when there is none, it is too long, or it came from elsewhere."""
    fields = [field for field in kept_form() if field.name not in ("next", "kept")]
    if not fields:
        return None
    text = json.dumps(
        {
            "path": request.full_path.rstrip("?"),
            "fields": [(field.name, field.value) for field in fields],
            # Who was signed in, if the browser's expired cookie still says so.
            "whose": session.get("_user_id"),
        }
    )
    sealed = keyring().seal(text, PLACE)
    return sealed if len(sealed) <= LONGEST else None


def unseal(sealed: str | None, account: Account) -> KeptForm | None:
    """The form again, if it was this account's (or nobody can tell whose)."""
    if not sealed or len(sealed) > LONGEST:
        return None
    try:
        data = json.loads(keyring().open(sealed, PLACE))
    except SealError:
        return None
    if data["whose"] not in (None, account.fs_uniquifier):
        return None
    return KeptForm(safe_next(data["path"]), [KeptField(name, value) for name, value in data["fields"]])


def _is_ours(address: str | None) -> bool:
    return bool(address) and str(address).startswith(request.host_url)


def _path_of(address: str | None) -> str:
    if not _is_ours(address):
        return ""
    return "/" + str(address).removeprefix(request.host_url)
