"""What real processes wrote of a signer: `tracker up` on its own Valkey and SQLite, a letter signed and erased."""

from __future__ import annotations

import contextlib
import http.cookiejar
import urllib.parse
import urllib.request
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from urllib.error import HTTPError

import pytest
from bs4 import BeautifulSoup
from flask import Flask

from tests.retention.test_traces import MORE, PLANTED, files_with
from tests.signatures.signing import ADDRESS, SLUG, lead, letter, open_letter, stamp, typed
from tests.support.databases import SqliteTemplate
from tests.support.instances import Instance
from tests.support.processes import wait_until
from tests.support.sparing import Kept
from tracker import clock
from tracker.app import create_app
from tracker.config import Config
from tracker.db import db, transaction
from tracker.importing import service as lists
from tracker.importing.models import Import, ImportState
from tracker.jobs import IMPORT, nudge
from tracker.signatures.models import Appearance, Signatory

pytestmark = pytest.mark.timeout(200)


@pytest.fixture
def instance(tmp_path: Path, sqlite_template: SqliteTemplate, kept: Kept) -> Iterator[Instance]:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    instance = Instance(TMPDIR=str(temporary)).after_migrations(sqlite_template, kept)
    yield instance
    instance.close()


class Signer:
    """Somebody's browser, without what makes it one."""

    def __init__(self, instance: Instance) -> None:
        self.base = f"http://127.0.0.1:{instance.port}"
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def sends(self, path: str, form: str = "main form", **values: str) -> tuple[int, str]:
        """Open a page, fill in its form and send it; the status and the address that follows."""
        page = self.opener.open(self.base + path)
        soup = BeautifulSoup(page.read(), "html5lib")
        (found,) = soup.select(form)
        given = {str(one["name"]): str(one.get("value", "")) for one in found.select("input[type=hidden][name]")}
        where = urllib.parse.urljoin(page.url, str(found.get("action") or page.url))
        try:
            answer = self.opener.open(where, urllib.parse.urlencode({**given, **values}).encode())
        except HTTPError as error:
            return error.code, where
        return answer.status, answer.url.removeprefix(self.base)


def link_in_a_mail(instance: Instance, part: str) -> str:
    """The first address with this in it, in the newest mail of the folder, or nothing yet."""
    for path in sorted((instance.folder / "outbox").glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True):
        body = message_from_bytes(path.read_bytes(), policy=policy.default).get_body(("plain",))
        for word in body.get_content().split() if body else ():
            if part in word:
                return word
    return ""


def test_no_file_tells_who_signed(instance: Instance, tmp_path: Path) -> None:
    """Signed on the page with a slip, by mail and from a list; then erased by the signer, and the list taken back.
    Nothing is in the database, its log ahead, the broker's append-only file or dump, the logs, what the parts printed,
    or a temporary file: while they run, and after they ended."""
    process = instance.up()
    app = create_app(Config.from_environ(instance.environ))
    open_letter(app)
    signer = Signer(instance)
    sheet = typed(**MORE, stamp=stamp(app))
    assert signer.sends(f"/c/{SLUG}/sign", **{**sheet, "consent": ""})[0] == 422
    assert signer.sends(f"/c/{SLUG}/sign", **sheet)[0] == 200
    asked = wait_until(lambda: link_in_a_mail(instance, "/sign/"), "the mail", seconds=60)
    status, receipt = signer.sends(urllib.parse.urlsplit(asked).path)
    assert status == 200
    listed = f"name,role,company,email\nZoë Planted-Name II,{','.join(MORE.values())},b{ADDRESS}\n"
    with app.app_context():
        with transaction():
            row = lists.begin(letter(), [listed.encode()], appearance=Appearance.NAMED, actor=lead(), now=clock.now())
            lists.check(row, row.columns, order=row.day_order, appearance=Appearance.NAMED, now=clock.now())
            number = row.id
        nudge(IMPORT)
    _wait_for_list(app, number, ImportState.CHECKED)
    with app.app_context():
        with transaction():
            lists.start(db.session.get_one(Import, number), now=clock.now())
        nudge(IMPORT)
    _wait_for_list(app, number, ImportState.DONE)
    broker = instance.folder / "valkey"
    assert files_with(instance.folder, (ADDRESS,)), "the search can find something"
    assert files_with(broker, ("importing.work", "LIMITS")), "and what the broker was told"

    assert signer.sends(receipt, "form[action$=erase]", sure="y")[0] == 200
    with app.app_context():
        with transaction():
            lists.undo(db.session.get_one(Import, number), now=clock.now())
        nudge(IMPORT)
    _wait_for_list(app, number, ImportState.UNDONE)
    with app.app_context():
        assert db.session.query(Signatory).filter(Signatory.erased_at.is_(None)).count() == 0
        db.session.remove()

    def left() -> list[str]:
        return [*files_with(instance.folder), *files_with(tmp_path)]

    with contextlib.suppress(AssertionError):  # what is left says more than that it was waited for
        wait_until(lambda: not left(), "the worker to empty the log ahead")
    assert left() == []
    process.terminate()
    printed = process.communicate(timeout=60)[0]
    assert left() == []
    assert not [one for one in PLANTED if one in printed]


def _wait_for_list(app: Flask, number: int, state: ImportState) -> None:
    def there() -> bool:
        with app.app_context():
            return db.session.get_one(Import, number).state is state

    wait_until(there, f"the list to be {state}", seconds=60)
