"""The same answer for everyone (safety.md, 5): pages never tell which addresses have an account."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.accounts import forget_tries, make_account
from tests.support.mails import outbox
from tests.support.pages import counted_queries
from tracker.accounts.models import Role

POSTS = [("/login", {"password": "not the right password"}), ("/login/link", {}), ("/reset", {})]


@pytest.fixture
def people(app: Flask) -> None:
    """An account, one without a password, one disabled."""
    make_account(app, email="known@example.org", password=True)
    make_account(app, Role.VIEWER, email="links@example.org")
    make_account(app, email="gone@example.org", password=True, active=False)


def asked(client: FlaskClient, path: str, email: str, more: dict[str, str]) -> tuple[int, str]:
    """Status and page, with the address itself made the same."""
    answer = client.post(path, data={"email": email, **more})
    return answer.status_code, answer.get_data(as_text=True).replace(email, "ADDRESS")


@pytest.mark.parametrize(("path", "more"), POSTS)
def test_page_is_the_same_for_known_and_unknown(
    app: Flask, client: FlaskClient, people: None, path: str, more: dict[str, str]
) -> None:
    """Known, unknown, without a password and disabled: status and page are equal to the byte."""
    answers = {
        email: asked(client, path, email, more)
        for email in ("known@example.org", "nobody@example.org", "links@example.org", "gone@example.org")
    }
    assert len(set(answers.values())) == 1


def test_only_the_mailbox_learns_the_difference(app: Flask, client: FlaskClient, people: None) -> None:
    """Who has an account gets a link; who has none is told so, by mail and not by the page."""
    for email in ("known@example.org", "nobody@example.org", "gone@example.org"):
        client.post("/reset", data={"email": email})
    assert "reset" in outbox(app, "known@example.org")[0].links
    for email in ("nobody@example.org", "gone@example.org"):
        assert outbox(app, email)[0].links == {}
        assert "no account" in outbox(app, email)[0].text


def test_five_mails_a_day_and_no_more(app: Flask, client: FlaskClient, people: None) -> None:
    """Whoever asks again and again fills a mailbox with five mails, and sees the same page each time."""
    pages = {
        asked(client, "/login/link", email, {})
        for email in ("known@example.org", "nobody@example.org")
        for _ in range(4)
    }
    for email in ("known@example.org", "nobody@example.org"):
        asked(client, "/reset", email, {})
    assert len(pages) == 1
    forget_tries()
    for email in ("known@example.org", "nobody@example.org"):
        for _ in range(3):
            assert asked(client, "/reset", email, {})[0] == 200
        assert len(outbox(app, email)) == 5


class CountingHasher:
    """The app's hasher, which notes each hash it makes or checks, with its cost but without its salt."""

    def __init__(self, hasher: Any, work: list[str]) -> None:
        self.hasher, self.work = hasher, work

    def hash(self, secret: str, **options: Any) -> str:
        made = str(self.hasher.hash(secret, **options))
        self.work.append(f"hash {made.rsplit('$', 2)[0]}")
        return made

    def verify(self, secret: str, hash_: str, **options: Any) -> bool:
        self.work.append(f"verify {hash_.rsplit('$', 2)[0]}")
        return bool(self.hasher.verify(secret, hash_, **options))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.hasher, name)


@pytest.fixture
def hashes(app: Flask) -> Iterator[list[str]]:
    """The hashes that the app makes or checks, from now on."""
    work: list[str] = []
    security = app.extensions["security"]
    security.pwd_context = CountingHasher(security.pwd_context, work)
    yield work
    security.pwd_context = security.pwd_context.hasher


def shape(statement: str) -> str:
    """What a statement does to which table."""
    table = re.search(r"\b(?:FROM|INTO|UPDATE) (\w+)", statement)
    return f"{statement.split()[0]} {table[1] if table else ''}"


@pytest.mark.parametrize(("path", "more"), POSTS)
def test_the_same_work_is_done(
    client: FlaskClient, people: None, hashes: list[str], path: str, more: dict[str, str]
) -> None:
    """For every address the same hashes are computed and the same rows read and written, so time tells nothing."""
    client.post(path, data={"email": "first@example.org", **more})  # what is made once, such as a hash of nobody's
    work = {}
    for email in ("known@example.org", "nobody@example.org", "links@example.org", "gone@example.org"):
        hashes.clear()
        with counted_queries() as statements:
            client.post(path, data={"email": email, **more})
        work[email] = [*hashes, *map(shape, statements)]
    known = work["known@example.org"]
    assert all(done == known for done in work.values()), work
    expected = "verify $argon2id$v=19$m=65536,t=3,p=1" if path == "/login" else "INSERT one_time_link"
    assert known.count(expected) == 1
