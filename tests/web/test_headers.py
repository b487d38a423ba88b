"""The headers that keep a browser from doing harm."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import MakeApp
from tracker.web.headers import token_page


def test_every_answer_is_guarded(client: FlaskClient) -> None:
    """A page, an error and a redirect alike carry the policy of reliability.md."""
    for path in ("/privacy", "/nothing-here"):
        headers = client.get(path).headers
        policy = dict(part.strip().partition(" ")[::2] for part in headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'"
        assert policy["script-src"] == policy["style-src"] == policy["font-src"] == policy["connect-src"] == "'self'"
        assert policy["img-src"] == "'self' data:"
        assert policy["base-uri"] == policy["frame-ancestors"] == policy["object-src"] == "'none'"
        assert policy["form-action"] == "'self'"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in headers
        assert "X-Robots-Tag" not in headers


def test_https_is_remembered(make_app: MakeApp) -> None:
    """Only behind an https address does the browser learn to insist on it."""
    app = make_app(PUBLIC_BASE_URL="https://tracker.example.org")
    headers = app.test_client().get("/privacy", base_url="https://tracker.example.org").headers
    assert headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"


@pytest.fixture
def letter(app: Flask) -> FlaskClient:
    """A client of an app with a page whose address holds a secret."""

    @app.route("/letter/<token>", methods=["GET", "POST"])
    @token_page
    def letter(token: str) -> str:
        return "<p>taken</p>"

    return app.test_client()


def test_a_secret_address_is_not_passed_on(letter: FlaskClient) -> None:
    """A page with a token in its address is not referred, indexed or cached."""
    headers = letter.get("/letter/abc").headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Cache-Control"] == "no-store"


def test_a_signed_in_page_is_not_kept(client: FlaskClient) -> None:
    """Nothing that a signed-in reader saw stays in a shared browser's cache."""
    assert client.get("/privacy").headers["Cache-Control"] == "no-cache"
    with client.session_transaction() as session:
        session["_user_id"] = "nobody"
    assert client.get("/privacy").headers["Cache-Control"] == "no-store"


def test_a_token_page_needs_its_token_but_no_referrer(make_app: MakeApp) -> None:
    """Over https a form on a token page needs no referrer, which it never sends, but always its token."""
    app = make_app(PUBLIC_BASE_URL="https://tracker.example.org")
    app.config["WTF_CSRF_ENABLED"] = True

    @app.post("/letter/<token>")
    @token_page
    def letter(token: str) -> str:
        return "<p>taken</p>"

    @app.route("/plain", methods=["GET", "POST"])
    def plain() -> str:
        from flask_wtf.csrf import generate_csrf

        return str(generate_csrf())

    client = app.test_client()
    https = {"base_url": "https://tracker.example.org"}
    token = client.get("/plain", **https).get_data(as_text=True)
    assert client.post("/letter/abc", data={"csrf_token": token}, **https).status_code == 200
    assert client.post("/letter/abc", data={}, **https).status_code == 400
    assert client.post("/plain", data={"csrf_token": token}, **https).status_code == 400
    own = {"Referer": "https://tracker.example.org/plain"}
    assert client.post("/plain", data={"csrf_token": token}, headers=own, **https).status_code == 200
