"""The benchmark of the public page asks for pages that are there; what it would measure is not judged."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bench import public


@pytest.mark.each_database
def test_each_measured_page_is_a_page(app: Flask, client: FlaskClient) -> None:
    """Whoever is not signed in gets each; later names are others than the first ones, and end in initials."""
    small, _large = public.QUICK
    with app.app_context():
        filled = public.fill_public(small)
    told = {page.name: client.get(page.path(filled, small)) for page in public.PAGES}
    assert {name: answer.status_code for name, answer in told.items()} == dict.fromkeys(told, 200)
    first, later = (told[name].get_data(as_text=True) for name in ("Public page", "Later names"))
    assert first.count("Person Before") == small.signatures // 3 and 0 < later.count("Person Before") < 10
