"""One site for all tests of a worker in this folder, and a browser signed in to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask.sessions import SecureCookieSessionInterface
from playwright.sync_api import Browser, BrowserContext
from werkzeug.serving import make_server

from tests.browser.site import Site, furnish
from tests.browser.tabs import Tab
from tests.support.accounts import session_of
from tests.support.databases import SqliteTemplate
from tests.support.processes import free_port
from tracker.accounts.models import Account
from tracker.app import create_app
from tracker.config import Config
from tracker.db import db


@pytest.fixture(scope="session")
def site(sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The tracker with something on every page, served on a port of this machine."""
    folder = tmp_path_factory.mktemp("site")
    database = sqlite_template.copy(folder)
    config = Config.from_environ(
        {
            "TRACKER_INSTANCE": str(folder),
            "REDIS_URL": "redis://127.0.0.1:9/0",
            "PORT": str(free_port()),
            **database.environ,
        }
    )
    app = create_app(replace(config, testing=True))
    owner = furnish(app)
    server = make_server("127.0.0.1", config.port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="site", daemon=True)
    thread.start()
    yield Site(app, config.public_base_url, owner)
    server.shutdown()
    thread.join(10)
    with app.app_context():
        for engine in db.engines.values():
            engine.dispose()


NewContext = Callable[..., BrowserContext]


@pytest.fixture
def open_as(chromium: Browser, site: Site) -> Iterator[NewContext]:
    """A function: `open_as("owner", **options)` is a browser without a past, signed in as owner or viewer, or not."""
    contexts = []

    def make(who: str, **options: Any) -> BrowserContext:
        context = chromium.new_context(base_url=site.url, **{"locale": "en-GB", "reduced_motion": "reduce", **options})
        context.set_default_timeout(15_000)
        contexts.append(context)
        if who != "stranger":
            context.add_cookies([_cookie(site, who)])
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def _tabs(chromium: Browser, site: Site) -> Iterator[dict[str, Tab]]:
    tabs: dict[str, Tab] = {}
    yield tabs
    for tab in tabs.values():
        tab.page.context.close()


@pytest.fixture
def tab_of(chromium: Browser, site: Site, _tabs: dict[str, Tab]) -> Callable[[str], Tab]:
    """A function: `tab_of("owner")` is a tab that stays open, without a past, signed in as owner or viewer, or not."""

    def find(who: str) -> Tab:
        if who not in _tabs or _tabs[who].has_crashed:
            context = chromium.new_context(base_url=site.url, locale="en-GB", reduced_motion="reduce")
            context.set_default_timeout(15_000)
            _tabs[who] = Tab(context, site.url)
        tab = _tabs[who]
        tab.forget()
        if who != "stranger":
            tab.page.context.add_cookies([_cookie(site, who)])
        return tab

    return find


def _cookie(site: Site, who: str) -> Any:
    with site.app.app_context():
        account = site.owner
        if who == "viewer":
            account = db.session.scalars(sa.select(Account.id).where(Account.name == "Kestrel")).one()
    interface = site.app.session_interface
    assert isinstance(interface, SecureCookieSessionInterface)
    serializer = interface.get_signing_serializer(site.app)
    assert serializer is not None
    return {
        "name": site.app.config["SESSION_COOKIE_NAME"],
        "value": serializer.dumps(session_of(site.app, account)),
        "url": site.url,
        "httpOnly": True,
        "sameSite": "Lax",
    }
