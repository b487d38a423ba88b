"""The same answer for everyone (safety.md, 5): pages never tell which addresses have an account."""

import statistics
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.support.accounts import forget_tries, make_account
from tests.support.mails import outbox
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


@pytest.mark.parametrize(("path", "more"), POSTS)
def test_it_takes_the_same_time(app: Flask, people: None, path: str, more: dict[str, str]) -> None:
    """Known and unknown addresses take the same time, to less than 5 ms or 10 % (medians, taken in turns)."""
    took: dict[str, list[float]] = {"known": [], "nobody": []}
    client = app.test_client()
    for turn in range(14):
        for who, times in took.items():
            forget_tries()
            # A fresh address each time: the sixth mail of a day is not written, for either.
            email = f"{who}{turn}@example.org" if who == "nobody" else f"known{turn}@example.org"
            if who == "known":
                make_account(app, email=email, password=True)
            start = time.perf_counter()
            client.post(path, data={"email": email, **more})
            if turn > 1:
                times.append(time.perf_counter() - start)
    known, nobody = (statistics.median(times) for times in took.values())
    assert abs(known - nobody) < max(0.005, 0.1 * max(known, nobody)), (known, nobody)
