"""Campaigns for tests, logged as a person would: through the quick log."""

from typing import Any

from flask.testing import FlaskClient

from tests.support.pages import Page, submit

LETTER = {
    "title": "We won’t build it",
    "kind": "employee",
    "company": "Amazon",
    "demands": "Stop selling facial recognition to the police\nDrop Palantir",
    "began_on": "June 2018",
}


def log(client: FlaskClient, **fields: Any) -> Page:
    """Log a campaign by its form; the page that follows. What is not given is the employees' letter's."""
    return submit(client, "/campaigns/new", **{**LETTER, **fields})


def slug_of(page: Page) -> str:
    """The slug in the address of a campaign's page."""
    return page.response.request.path.split("/")[2]
