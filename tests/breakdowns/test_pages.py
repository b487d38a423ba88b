"""Which numbers are public is chosen on a page; the public page and its JSON show them and no others."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.breakdowns.test_counting import DAY, come
from tests.signatures.signing import LINK, SLUG, lead, letter, open_letter
from tests.support.accounts import SignedIn
from tests.support.pages import submit, visit
from tracker import clock
from tracker.breakdowns.models import Dimension
from tracker.breakdowns.service import choose_public, count_groups
from tracker.campaigns.models import Visibility
from tracker.db import transaction


def fill(app: Flask) -> None:
    """Two teams that may be told, a small one, and people of whom nothing is known."""
    with app.app_context():
        for number, team in ((31, "Night Shift"), (14, "Kitchen"), (3, "Rare-Team-Planted"), (11, "")):
            come(letter(), lead(), clock.now(), number, team=team, office="Cook" if team == "Kitchen" else "")


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.LINK])
def test_chosen_and_read(
    app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn], visibility: Visibility
) -> None:
    """Off until it is chosen; then outsiders read that one alone, in tens, with its day, and why another is empty."""
    open_letter(app, visibility=visibility)
    fill(app)
    key = SLUG if visibility is Visibility.PUBLIC else LINK
    assert not visit(client, f"/c/{key}").has("#numbers")
    with app.app_context():
        team = signed_in(account_id=lead().id)
    page = submit(team, f"/campaigns/{SLUG}/signing/numbers", "form:has([name=dimensions])", dimensions=["team"])
    assert "Saved" in page.text and "Nobody has counted yet" in page.text
    assert "No group of fewer than 10 people" in page.text
    with app.app_context():
        count_groups(now=clock.now() + DAY)
    page = visit(client, f"/c/{key}")
    told = page.select_one("#numbers")
    rows = [[cell.get_text(" ", strip=True) for cell in row.select("th, td")] for row in told.select("tbody tr")]
    assert rows == [["Night Shift", "30"], ["Kitchen", "10"]]
    assert "Of at least 50 people" in told.get_text(" ", strip=True)
    assert "Rare-Team-Planted" not in page.html and "Cook" not in told.get_text()
    if visibility is Visibility.PUBLIC:
        found = client.get(f"/c/{key}.json").get_json()["breakdowns"]
        groups = [{"name": "Night Shift", "at_least": 30}, {"name": "Kitchen", "at_least": 10}]
        assert found["team"]["groups"] == groups and found["team"]["people_at_least"] == 50
        assert list(found) == ["team"] and found["team"]["nothing"] is None
    else:
        assert client.get(f"/c/{key}.json").status_code == 404


def test_why_nothing_is_shown(app: Flask, client: FlaskClient) -> None:
    """In words beside it, on the page and in JSON."""
    open_letter(app)
    with app.app_context():
        with transaction():
            choose_public(letter(), [Dimension.CITY, Dimension.TEAM], actor=lead(), now=clock.now())
        come(letter(), lead(), clock.now(), 16, team="Night Shift")
        come(letter(), lead(), clock.now(), 2, team="Kitchen")
        count_groups(now=clock.now() + DAY)
    told = visit(client, f"/c/{SLUG}").select_one("#numbers").get_text(" ", strip=True)
    assert "Hidden because each group has fewer than 10 people" in told and "Kitchen" not in told
    assert client.get(f"/c/{SLUG}.json").get_json()["breakdowns"]["team"]["nothing"].startswith("Hidden because")
