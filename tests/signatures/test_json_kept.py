"""What machines read of a letter: kept by nobody without asking again, and with the same numbers as the page."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.signing import NAME, SLUG, lead, letter, open_letter, signed
from tests.support.pages import submit, visit
from tracker import clock
from tracker.db import transaction
from tracker.signatures import service
from tracker.signatures.models import Appearance, SignatoryKind
from tracker.signatures.pasting import read_list


def bring(app: Flask, number: int) -> None:
    """So many from a list, only counted."""
    with app.app_context(), transaction():
        lines = read_list("\n".join(f"Person {one}" for one in range(number)))
        how = {"kind": SignatoryKind.PERSON, "appearance": Appearance.COUNTED, "actor": lead(), "now": clock.now()}
        service.add_list(letter(), lines, **how)


def test_a_name_that_was_hidden_is_served_by_nobody(app: Flask, client: FlaskClient) -> None:
    """Whoever keeps a copy asks whether it still holds: as long as it does, no word travels; a moment after the signer
    hid the name it does not."""
    open_letter(app)
    receipt = signed(client, app)
    outside = app.test_client()
    first = outside.get(f"/c/{SLUG}.json")
    assert NAME in str(json.loads(first.get_data())["signatories"])
    assert "no-cache" in first.headers["Cache-Control"] and "max-age" not in first.headers["Cache-Control"]
    again = outside.get(f"/c/{SLUG}.json", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and not again.get_data()
    submit(client, receipt, "form[action$=appearance]", appearance="counted")
    after = outside.get(f"/c/{SLUG}.json", headers={"If-None-Match": first.headers["ETag"]})
    assert after.status_code == 200 and json.loads(after.get_data())["signatories"] == []


@pytest.mark.parametrize(
    ("listed", "words", "told"),
    [
        (0, "Confirmed by the signer, each of them.", {"confirmed_by_the_signer": 1, "from_a_list": 0}),
        (3, "Some confirmed by the signer, some from a list.",
         {"confirmed_by_the_signer": "fewer than 10", "from_a_list": "fewer than 10"}),
        (12, "From a list; fewer than ten confirmed by the signer.", {"confirmed_by_the_signer": "fewer than 10"}),
    ],
)  # fmt: skip
def test_where_the_number_comes_from(
    app: Flask, client: FlaskClient, listed: int, words: str, told: dict[str, int | str]
) -> None:
    """The page and the JSON say it alike; fewer than ten are in neither, nor what they could be subtracted from."""
    open_letter(app)
    signed(client, app)
    if listed:
        bring(app, listed)
    assert visit(client, f"/c/{SLUG}").select_one(".origins").get_text(strip=True) == words
    found = json.loads(client.get(f"/c/{SLUG}.json").get_data())["signed_here"]
    assert found == {"total": listed + 1, "is_at_most": False, **told}
