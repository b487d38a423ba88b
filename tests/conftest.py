"""The fixtures every test may use. Nothing is mocked: databases, Valkey, SMTP and the browser are real.

    def test_a_page(client):                         # an empty, migrated SQLite database of its own, each test
        page = visit(client, "/campaigns")           # from tests.support.pages; checks HTML, h1, labels, CSP, queries
        page = submit(client, "/campaigns/new", title="…", status=422)   # open, fill and send the form of a page
        assert page.heading == "Campaigns"           # page.select_one(css) .select(css) .text .link(words) .form(css)

    @pytest.mark.each_database                       # runs twice: on SQLite and on PostgreSQL
    def test_rows(app): ...                          # @pytest.mark.postgresql runs on PostgreSQL alone

    def test_mail(make_app, smtp_sink):
        app = make_app(MAIL_URL=smtp_sink.url, MAIL_ALLOW="*")     # any variable of tracker.config.VARIABLES
        app = make_app(durations=Durations(claim_lease=timedelta(seconds=1)))
        smtp_sink.answer_data = "451 later"; smtp_sink.to("a@example.org")[0].message["Subject"]; smtp_sink.reset()

    def test_journey(page, live_server, app):        # the same app on a real port, in threads; page is Playwright's
        page.goto(live_server.url + "/login")        # problems of any page (console, CSP, off-site) fail the test
        assert axe(page) == []                       # from the fixture `axe`; `page.emulate_media(color_scheme="dark")`

Fixtures: `database` (kind, url, keys_url, environ), `environ` (override it to set variables for a module),
`config`, `app`, `client`, `make_app(**variables, durations=…)`, `context` (an app context for tests of services and
queries; do not use it together with `client`: requests inside it would share its session and its `g`),
`postgresql` (server: url, create, drop, crash, start; with it the database of the test is new, not emptied),
`valkey` (url, client(), kill(), start(), emptied for each test), `smtp_sink` (url, received, to(), refused,
answer_rcpt, answer_data), `live_server` (url), `chromium` (the browser), `page`, `axe`, `new_page` (a page in a context
of its own: `new_page(java_script_enabled=False, viewport=…)`).
Beside them: `tests.support.instances.Instance` (an operator's whole instance: `.tracker("doctor")`, `.up()`),
`tests.support.pages.counted_queries()`, `tests.support.processes.wait_until(condition, "what")`.
Posts of `client` need no CSRF token; in `live_server` they do.
Servers start at their first use, one each for a pytest-xdist worker, and end with it.
Without a Chromium, browser tests are skipped loudly, and fail when CI is set.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Playwright, sync_playwright
from werkzeug.serving import make_server

from tests.support.accounts import signed_in, signed_in_page  # noqa: F401 - fixtures
from tests.support.browser import Watch, axe_violations, find_chromium, launch
from tests.support.databases import Database, PostgresqlTemplate, SqliteTemplate
from tests.support.happenings import campaign_visibility, team  # noqa: F401 - fixtures
from tests.support.ordering import longest_first
from tests.support.postgresql import PostgreSQL
from tests.support.processes import free_port
from tests.support.smtp import SmtpSink
from tests.support.sparing import Kept, keep_for_good, spare
from tests.support.statements import share_compiled_statements
from tests.support.valkey import Valkey
from tracker.app import create_app
from tracker.config import Config, Durations
from tracker.db import db

spare()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One who runs the tests one after another reads them in the order of their files."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        longest_first(items, int(os.environ["PYTEST_XDIST_WORKER_COUNT"]))


def pytest_collection_finish() -> None:
    """Everything that was loaded for the tests stays until the end."""
    keep_for_good()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test its databases, by its marks."""
    if "database_kind" in metafunc.fixturenames:
        kinds = None
        if metafunc.definition.get_closest_marker("each_database"):
            kinds = ["sqlite", "postgresql"]
        elif metafunc.definition.get_closest_marker("postgresql"):
            kinds = ["postgresql"]
        if kinds:
            metafunc.parametrize("database_kind", kinds, indirect=True)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    server = PostgreSQL()
    yield server
    server.close()


@pytest.fixture(scope="session")
def _valkey() -> Iterator[Valkey]:
    server = Valkey()
    yield server
    server.close()


@pytest.fixture
def valkey(_valkey: Valkey) -> Iterator[Valkey]:
    if _valkey.process.poll() is not None:
        _valkey.start()
    _valkey.empty()
    return _valkey


@pytest.fixture(scope="session")
def _smtp_sink() -> Iterator[SmtpSink]:
    sink = SmtpSink()
    yield sink
    sink.close()


@pytest.fixture
def smtp_sink(_smtp_sink: SmtpSink) -> SmtpSink:
    _smtp_sink.reset()
    return _smtp_sink


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    # Workers of one run have folders beside each other, and share what is the same for all.
    of_all = tmp_path_factory.getbasetemp()
    return SqliteTemplate((of_all.parent if "PYTEST_XDIST_WORKER" in os.environ else of_all) / "template-sqlite")


@pytest.fixture(scope="session")
def postgresql_template(postgresql: PostgreSQL, tmp_path_factory: pytest.TempPathFactory) -> PostgresqlTemplate:
    return PostgresqlTemplate(postgresql, tmp_path_factory.mktemp("template-postgresql"))


@pytest.fixture
def database_kind(request: pytest.FixtureRequest) -> str:
    return getattr(request, "param", "sqlite")


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """The instance folder of this test."""
    return tmp_path / "instance"


@pytest.fixture
def database(database_kind: str, instance: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    if database_kind == "sqlite":
        template: SqliteTemplate = request.getfixturevalue("sqlite_template")
        yield template.copy(instance)
    else:
        # Who stops the server, or looks into its files, wants no database that others used.
        is_fresh = "postgresql" in request.fixturenames
        with request.getfixturevalue("postgresql_template").clone(fresh=is_fresh) as clone:
            yield clone


@pytest.fixture
def environ() -> dict[str, str]:
    """Variables on top of the usual ones; override it in a module or class."""
    return {}


@pytest.fixture(scope="session")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """What each app would write anew."""
    return Kept(tmp_path_factory.mktemp("kept"))


MakeApp = Callable[..., Flask]


@pytest.fixture
def make_app(database: Database, instance: Path, environ: dict[str, str], kept: Kept) -> Iterator[MakeApp]:
    made: list[Flask] = []
    instance.mkdir(parents=True, exist_ok=True)
    (instance / "assets").symlink_to(kept.assets)

    def make(*, durations: Durations | None = None, **variables: str) -> Flask:
        usual = {
            "TRACKER_INSTANCE": str(instance),
            # A closed port: nobody listens, so a test without `valkey` shows that nothing waits for the broker.
            "REDIS_URL": "redis://127.0.0.1:9/0",
            "PORT": str(free_port()),
            # A test that is about the rates sets them; no other waits for them.
            "MAIL_RATE": "0",
            "MAIL_RATE_PER_DOMAIN": "0",
            **database.environ,
        }
        config = Config.from_environ({**usual, **environ, **variables})
        app = create_app(replace(config, testing=True, durations=durations or config.durations))
        app.jinja_env.bytecode_cache = kept.templates
        app.config["WTF_CSRF_ENABLED"] = False  # posts of `client` need no token; `live_server` switches it on again
        with app.app_context():
            for engine in db.engines.values():
                share_compiled_statements(engine)
        made.append(app)
        return app

    yield make
    for app in made:
        with app.app_context():
            db.session.remove()
            for engine in db.engines.values():
                engine.dispose()


@pytest.fixture
def app(make_app: MakeApp) -> Flask:
    return make_app()


@pytest.fixture
def config(app: Flask) -> Config:
    found = app.extensions["config"]
    assert isinstance(found, Config)
    return found


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


@dataclass(frozen=True)
class LiveServer:
    """A running web server; ``app`` is in this process, so a test may arrange rows and look at them."""

    app: Flask
    url: str


@pytest.fixture
def live_server(app: Flask, config: Config) -> Iterator[LiveServer]:
    app.config["WTF_CSRF_ENABLED"] = True
    server = make_server("127.0.0.1", config.port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, name="live server", daemon=True)
    thread.start()
    yield LiveServer(app, config.public_base_url)
    server.shutdown()
    thread.join(10)


@pytest.fixture(scope="session")
def _playwright() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        yield playwright


@pytest.fixture(scope="session")
def chromium(_playwright: Playwright) -> Iterator[Browser]:
    executable = find_chromium(_playwright)
    if executable is None:
        message = "NO BROWSER: install Chromium (Debian: apt-get install chromium) or name one in CHROMIUM"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    browser = launch(_playwright, executable)
    yield browser
    browser.close()


NewPage = Callable[..., Page]


@pytest.fixture
def new_page(chromium: Browser, live_server: LiveServer) -> Iterator[NewPage]:
    contexts, watches = [], []

    def make(**options: Any) -> Page:
        context = chromium.new_context(base_url=live_server.url, **{"locale": "en-GB", **options})
        context.set_default_timeout(30_000)  # a busy machine takes long over the first page
        contexts.append(context)
        page = context.new_page()
        watches.append(Watch(page, live_server.url))
        return page

    yield make
    for context in contexts:
        context.close()
    problems = [problem for watch in watches for problem in watch.problems]
    assert not problems, "\n".join(problems)


@pytest.fixture
def page(new_page: NewPage) -> Page:
    return new_page()


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    return axe_violations
