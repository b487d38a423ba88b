"""When something goes wrong: designed, honest, and nothing lost."""

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import TooManyRequests

from tests.support.pages import form_data, visit

OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def failing(app: Flask) -> FlaskClient:
    """A client of an app that fails on demand."""
    app.config["PROPAGATE_EXCEPTIONS"] = False

    @app.route("/fail/<int:status>", methods=["GET", "POST"])
    def fail(status: int) -> str:
        abort(status)

    @app.get("/wait")
    def wait() -> str:
        raise TooManyRequests(retry_after=90)

    @app.get("/down")
    def down() -> str:
        raise OperationalError("SELECT secret", {}, Exception("database is locked"))

    @app.get("/defect")
    def defect() -> str:
        raise RuntimeError("secret detail")

    @app.route("/form", methods=["GET", "POST"])
    def form() -> str:
        return "<p>taken</p>"

    return app.test_client()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 409, 410, 413, 418, 422, 429, 500, 502, 503])
def test_every_error_is_a_page(failing: FlaskClient, status: int) -> None:
    """Each error has a designed, valid page that says what happened and a way on."""
    page = visit(failing, f"/fail/{status}", status=status)
    assert page.heading
    assert page.has("main a[href='/']")
    assert page.response.headers["Cache-Control"] == "no-store"


def test_an_unknown_address_is_a_page(client: FlaskClient) -> None:
    """A wrong address gets the same care."""
    assert visit(client, "/nowhere", status=404).heading == "There is nothing here"


def test_a_wrong_host_is_refused(client: FlaskClient) -> None:
    """A request for a host we do not answer to is refused in words."""
    response = client.get("/privacy", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert "could not be understood" in response.get_data(as_text=True)


def test_the_database_away_is_a_pause(failing: FlaskClient) -> None:
    """A database that does not answer is a 503 that says when to try again, without details."""
    page = visit(failing, "/down", status=503)
    assert page.response.headers["Retry-After"] == "30"
    assert "SELECT" not in page.html


def test_a_defect_tells_nothing(failing: FlaskClient) -> None:
    """A defect of ours shows no detail."""
    assert "secret" not in visit(failing, "/defect", status=500).html


def test_too_many_tries_say_when(failing: FlaskClient) -> None:
    """A limit passes on how long to wait."""
    assert visit(failing, "/wait", status=429).response.headers["Retry-After"] == "90"


def test_htmx_gets_a_part(failing: FlaskClient) -> None:
    """A part of a page that fails puts a sentence where messages stand, not a page into the page."""
    response = failing.get("/fail/403", headers={"HX-Request": "true"})
    assert response.status_code == 403
    assert response.headers["HX-Retarget"] == "#messages"
    assert "<html" not in response.get_data(as_text=True)


TYPED = {"title": 'We "won\'t" <build> it', "text": "\nDear Jeff,\n\nno.", "password": "hunter2", "csrf_token": "old"}


def test_an_expired_form_is_still_here(failing: FlaskClient, app: Flask) -> None:
    """A form whose token is too old comes back filled, without its secrets, and can be sent again."""
    app.config["WTF_CSRF_ENABLED"] = True
    page = visit(failing, "/form?a=1", method="POST", data=TYPED, headers=OWN, status=400)
    assert "Your form is still here" in page.text
    form = page.select_one("main form")
    assert form["action"] == "/form?a=1"
    again = form_data(form)
    assert again["title"] == TYPED["title"]
    assert page.select_one("textarea").get_text() == TYPED["text"]
    assert "hunter2" not in page.html
    assert visitless_post(failing, again) == "<p>taken</p>"


def visitless_post(client: FlaskClient, data: dict[str, str]) -> str:
    """Post and give the body."""
    return client.post("/form?a=1", data=data).get_data(as_text=True)


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {}])
def test_a_foreign_form_is_not_kept(failing: FlaskClient, app: Flask, headers: dict[str, str]) -> None:
    """A form that another site sent is refused and never offered to be sent again."""
    app.config["WTF_CSRF_ENABLED"] = True
    page = visit(failing, "/form", method="POST", data=TYPED, headers=headers, status=400)
    assert not page.has("main form")
    assert TYPED["title"] not in page.text


def test_signed_out_while_writing(failing: FlaskClient) -> None:
    """A view that refuses a POST with 401 gives the words back."""
    page = visit(failing, "/fail/401", method="POST", data=TYPED, headers=OWN, status=401)
    assert page.select_one("[name=title]")["value"] == TYPED["title"]
