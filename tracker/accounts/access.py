"""Who may enter. Every view carries exactly one of these marks; a view without one stops the app from starting.

`tracker.campaigns.access.for_campaign` is the fourth mark, for pages of one campaign.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, abort, current_app, flash, make_response, redirect, request, url_for
from flask_login import current_user

from tracker.accounts import factor
from tracker.accounts.models import Account, Role
from tracker.words import _

View = TypeVar("View", bound=Callable[..., Any])

MARK = "access_mark"
NARROWER = "access_is_narrower"

# Endpoints of libraries, with who may enter; everything else must be marked at its view.
LIBRARY_ENDPOINTS: dict[str, str] = {"static": "public"}


def mark(view: View, name: str) -> View:
    """Write on a view who may enter. Raises RuntimeError when it says so already: two marks would contradict."""
    if hasattr(view, MARK):
        raise RuntimeError(f"{view.__qualname__} says twice who may enter; one mark is enough.")
    setattr(view, MARK, name)
    return view


def narrower(view: View) -> View:
    """The view itself refuses (403) some of those whom its mark admits, never leads or administrators; put it below
    the mark. It may only take away: the mark still keeps everybody else out."""
    setattr(view, NARROWER, True)
    return view


def public(view: View) -> View:
    """Anybody may enter."""
    return mark(view, "public")


def signed_in(view: View) -> View:
    """Every account may enter."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if not current_user.is_authenticated:
            return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
        return view(*args, **kwargs)

    return mark(guarded, "signed_in")  # type: ignore[return-value]


def requires(*roles: Role) -> Callable[[View], View]:
    """Accounts in one of these roles may enter; others get 403."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
            if current_user.role not in roles:
                abort(403)
            if set(roles) == {Role.ADMINISTRATOR}:
                ask_for_factor()
            return view(*args, **kwargs)

        return mark(guarded, "requires:" + ",".join(roles))  # type: ignore[return-value]

    return decorate


def ask_for_factor() -> None:
    """Before administration, contact data and exports: whoever has no second factor is led to set one up (aborts with
    the way there). Who has one gave it when signing in: setting it up ends every sign-in begun without."""
    account = current_account()
    if account is None or not factor.is_lacking(account):
        return
    wanted = request.full_path.rstrip("?") if request.method == "GET" else ""
    address = url_for("accounts.second_factor", next=safe_next(wanted))
    if request.headers.get("HX-Request"):
        abort(make_response("", 200, {"HX-Redirect": address}))
    flash(_("This asks for a second factor, which you have not set up yet."), "info")
    abort(redirect(address))


def current_account() -> Account | None:
    """Who is signed in, or None."""
    account = current_user._get_current_object()
    return account if isinstance(account, Account) and account.is_authenticated else None


def me() -> Account:
    """Who is signed in, where the mark of the view, or the view itself, lets nobody else in (aborts with 401)."""
    account = current_account()
    if account is None:
        abort(401)
    return account


def safe_next(address: str | None) -> str:
    """Where to go after signing in: a path of this site, else the first page.

    Refuses whatever a browser could read as another site: a scheme, a host, `//`, a backslash, a control character.
    """
    if not address or not address.startswith("/") or address.startswith("//") or "\\" in address:
        return "/"
    if any(ord(character) < 33 or ord(character) == 127 for character in address):
        return "/"
    return address


def refuse_unmarked(app: Flask) -> None:
    """Default deny: raises RuntimeError that names every view without a mark."""
    unmarked = sorted(
        endpoint
        for endpoint, view in app.view_functions.items()
        if not hasattr(view, MARK) and endpoint not in LIBRARY_ENDPOINTS
    )
    if unmarked:
        raise RuntimeError("Say who may enter (tracker/accounts/access.py): " + ", ".join(unmarked))
