"""What surrounds every page: where one can go, who is reading, what was just said. Pages fill the middle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, has_request_context, request, url_for
from flask.globals import request_ctx
from flask_login import current_user

from tracker.words import LazyString, _


@dataclass(frozen=True)
class Place:
    """A place one can go to; the first of its endpoints that exists is meant."""

    label: LazyString
    icon: str
    endpoints: tuple[str, ...]
    roles: tuple[str, ...] = ()  # empty: everybody who is signed in
    keys: str = ""  # its keyboard shortcut: "g h" is g and then h
    also: tuple[str, ...] = ()  # paths outside its own that belong to it

    @property
    def endpoint(self) -> str | None:
        """The endpoint, or None while no feature provides it."""
        return next((name for name in self.endpoints if name in current_app.view_functions), None)

    @property
    def url(self) -> str:
        """Its address."""
        assert self.endpoint
        return url_for(self.endpoint)

    @property
    def here(self) -> bool:
        """Whether the reader is in this part of the site: at its address or below it."""
        if not self.endpoint:
            return False
        parts = self.also if self.url == "/" else (self.url, *self.also)
        return request.path == self.url or any(f"{request.path}/".startswith(part + "/") for part in parts)


MAIN = (
    Place(_("Home"), "house", ("pages.home", "pages.index"), keys="g h"),
    Place(_("Campaigns"), "megaphone", ("campaigns.index", "pages.campaigns"), keys="g c"),
    Place(_("Companies"), "building", ("companies.index", "pages.companies"), keys="g o", also=("/organisations",)),
    Place(_("Issues"), "tag", ("pages.issues",), keys="g i"),
    Place(_("Digests"), "envelope-paper", ("digests.index",), keys="g d"),
)
OWN = (
    Place(_("Your account"), "person", ("accounts.account", "accounts.show", "accounts.profile"), keys="g a"),
    Place(_("People"), "people", ("accounts.index", "accounts.people"), ("administrator",)),
    Place(_("Mails"), "inbox", ("mail.index",), ("administrator",)),
)
SEARCH = Place(_("Search"), "search", ("pages.search", "campaigns.index", "pages.campaigns"))
SIGN_IN = ("accounts.login", "security.login")
SIGN_OUT = ("accounts.logout", "security.logout")


class Chrome:
    """What a layout asks for. Nothing here touches the database until a template asks who is reading."""

    @property
    def places(self) -> list[Place]:
        """The main navigation."""
        return [place for place in MAIN if place.endpoint]

    @property
    def own_places(self) -> list[Place]:
        """The account menu, without what the reader's role does not open."""
        role = str(getattr(self.reader, "role", "") or "")
        return [place for place in OWN if place.endpoint and (not place.roles or role in place.roles)]

    @property
    def search(self) -> Place | None:
        """Where the search box leads."""
        return SEARCH if SEARCH.endpoint else None

    @property
    def reader(self) -> Any | None:
        """The account that is signed in, or None."""
        if not hasattr(current_app, "login_manager"):
            return None
        return current_user if current_user.is_authenticated else None

    @property
    def may_log(self) -> bool:
        """Whether the reader may log a campaign."""
        return str(getattr(self.reader, "role", "") or "") in ("administrator", "organiser")

    @property
    def reader_name(self) -> str:
        """What the reader is called here: handle, name or address."""
        for attribute in ("handle", "display_name", "name", "email"):
            if value := getattr(self.reader, attribute, None):
                return str(value)
        return ""

    @property
    def sign_in_url(self) -> str | None:
        """The sign-in page."""
        return _first_url(SIGN_IN)

    @property
    def sign_out_url(self) -> str | None:
        """Where the sign-out button posts to."""
        return _first_url(SIGN_OUT)


def _first_url(endpoints: tuple[str, ...]) -> str | None:
    return next((url for name in endpoints if (url := link(name))), None)


def link(endpoint: str, **values: Any) -> str | None:
    """`url_for`, or None while the feature is not there: `{% if link("digests.index") %}`."""
    # A request for a host that is not ours never got as far as addresses.
    if endpoint not in current_app.view_functions or (has_request_context() and request_ctx.url_adapter is None):
        return None
    return url_for(endpoint, **values)


def here_with(**changes: Any) -> str:
    """This page's address with some of its query changed; None takes a name away. For filters and pages."""
    query = request.args.to_dict(flat=False)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return url_for(request.endpoint or "", **{**(request.view_args or {}), **query})


def init_app(app: Flask) -> None:
    """Give every template `chrome`, `link` and `here_with`."""
    app.jinja_env.globals.update(chrome=Chrome(), link=link, here_with=here_with)
    app.jinja_env.add_extension("jinja2.ext.do")
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
