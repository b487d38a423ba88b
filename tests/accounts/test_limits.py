"""How often something may be tried."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from passlib.hash import argon2

from tests.conftest import MakeApp
from tests.support.accounts import PASSWORD, forget_tries, make_account
from tests.support.pages import visit
from tests.support.processes import wait_until
from tests.support.valkey import Valkey
from tracker.accounts import limits, passwords
from tracker.clock import now
from tracker.config import Durations


@pytest.fixture
def quick_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a try is compared with where there is no password takes no time: these tests count tries. That it takes as
    long as any other is what test_same_answer.py is about."""
    weak = argon2.using(type="ID", memory_cost=64, time_cost=1, parallelism=1).hash("nobody's")
    monkeypatch.setattr(passwords, "_nobody", lambda: weak)


def tries(client: FlaskClient, password: str = "wrong wrong wrong", email: str = "ada@example.org") -> int:
    return client.post("/login", data={"email": email, "password": password}).status_code


@pytest.mark.usefixtures("quick_to_refuse")
@pytest.mark.parametrize("email", ["ada@example.org", "nobody@example.org"])
def test_five_free_then_waits_that_double(app: Flask, client: FlaskClient, email: str) -> None:
    """Five wrong passwords are free; then 2, 4, 8 … seconds, never more than 15 minutes; unknown addresses alike."""
    make_account(app, email="ada@example.org")
    with time_machine.travel(now(), tick=False) as clock:
        assert [tries(client, email=email) for _ in range(5)] == [422] * 5
        for wait in (2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900):
            refused = client.post("/login", data={"email": email, "password": "x"})
            assert refused.status_code == 429
            assert int(refused.headers["Retry-After"]) == wait
            clock.shift(timedelta(seconds=wait + 1))
            assert tries(client, email=email) == 422


def test_right_password_waits_too_and_then_forgets(app: Flask, client: FlaskClient) -> None:
    """While the wait lasts even the right password is refused, in words; afterwards it works and the slate is clean."""
    make_account(app, email="ada@example.org", password=True)
    with time_machine.travel(now(), tick=False) as clock:
        for _ in range(6):
            tries(client)
        page = visit(
            client, "/login", method="POST", data={"email": "ada@example.org", "password": PASSWORD}, status=429
        )
        assert "Please wait 2 seconds" in page.text
        assert page.form()["email"] == "ada@example.org"
        clock.shift(timedelta(seconds=3))
        assert tries(client, PASSWORD) == 302
        assert [tries(client) for _ in range(5)] == [422] * 5


def test_one_network_does_not_lock_out_another(app: Flask) -> None:
    """The limit of a /24 stops its neighbours and leaves everybody else alone; the page says so in words."""
    client = app.test_client()

    def ask(address: str) -> int:
        return client.post(
            "/reset", data={"email": "x@example.org"}, environ_overrides={"REMOTE_ADDR": address}
        ).status_code

    assert [ask("192.0.2.1") for _ in range(10)] == [200] * 10
    assert ask("192.0.2.77") == 429
    assert ask("198.51.100.1") == 200
    assert [ask("2001:db8:1:1::1") for _ in range(10)] == [200] * 10
    assert ask("2001:db8:1:1:ffff::") == 429
    assert ask("2001:db8:1:2::1") == 200
    page = visit(
        client,
        "/reset",
        method="POST",
        data={"email": "x@example.org"},
        status=429,
        environ_overrides={"REMOTE_ADDR": "192.0.2.1"},
    )
    assert page.heading == "Too many tries"
    assert int(page.response.headers["Retry-After"]) <= 3600
    assert client.get("/reset", environ_overrides={"REMOTE_ADDR": "192.0.2.1"}).status_code == 200


def test_counters_are_in_redis_under_keys_that_tell_nothing(make_app: MakeApp, valkey: Valkey) -> None:
    """Processes share the counters; neither addresses of networks nor of people are in them, and all of them expire."""
    app = make_app(REDIS_URL=valkey.url, durations=Durations(counters_wait=timedelta(seconds=5)))  # a busy machine
    client = app.test_client()
    for _ in range(6):
        tries(client)
    store = valkey.client()
    keys = [key.decode() for key in store.keys("*")]
    assert any("/password/wait/" in key for key in keys)
    assert any("sign-in" in key for key in keys)
    assert not any(word in key for key in keys for word in ("127.0.0", "ada", "example.org"))
    assert all(0 < store.ttl(key) <= 3600 for key in keys)


def test_redis_dying_lets_people_sign_in(make_app: MakeApp, valkey: Valkey) -> None:
    """With Redis gone the limits go on in memory, and nobody is kept out."""
    app = make_app(REDIS_URL=valkey.url)
    client = app.test_client()
    make_account(app, email="ada@example.org", password=True)
    assert tries(client) == 422
    valkey.kill()
    assert tries(client, PASSWORD) == 302
    assert [tries(client) for _ in range(6)][-1] == 429


def test_redis_coming_back_counts_again(make_app: MakeApp, valkey: Valkey) -> None:
    """Once Redis answers again, what is tried is counted there, without anybody's doing."""
    patient = Durations(counters_wait=timedelta(seconds=5), counters_look_after=timedelta())
    app = make_app(REDIS_URL=valkey.url, durations=patient)
    client = app.test_client()
    valkey.kill()
    assert tries(client) == 422
    valkey.start()
    store = valkey.client()

    def counted() -> bool:
        with app.test_request_context():
            limits.passwords.failed("ada@example.org")
        return bool(store.keys("*/password/failures/*"))

    wait_until(counted, "failures to be counted in Redis")


def test_key_of_a_network_needs_the_secret(make_app: MakeApp) -> None:
    """The same network has another key in another instance."""
    keys = set()
    for secret in ("a" * 40, "b" * 40):
        app = make_app(SECRET_KEY=secret)
        with app.test_request_context(environ_base={"REMOTE_ADDR": "192.0.2.5"}):
            keys.add(limits.network_key())
    assert len(keys) == 2
    forget_tries()
