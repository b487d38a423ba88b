"""The counter on other sites: the number that the campaign's own page has first, with its qualifier and its date."""

from __future__ import annotations

from xml.etree import ElementTree

from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.conftest import source
from tests.signatures.signing import SLUG, lead, letter, open_letter, signed
from tests.signatures.test_sizes import report
from tests.support.pages import visit
from tracker.signatures.models import Qualifier
from tracker.timeline.models import SourceKind


def test_what_was_reported_comes_first(app: Flask, client: FlaskClient) -> None:
    """A campaign of which a larger size is reported does not stand elsewhere as "0 signed"; picture and page agree."""
    open_letter(app)
    with app.app_context():
        report(letter(), lead(), Qualifier.ABOUT, 500, "July 2019", source("d", "Post", SourceKind.PRIMARY))
    for has_signed in (False, True):
        if has_signed:
            signed(client, app)
        picture = ElementTree.fromstring(client.get(f"/c/{SLUG}/counter.svg").get_data())
        told = (visit(client, f"/c/{SLUG}/counter").text, " ".join(picture.itertext()), picture.attrib["aria-label"])
        for words in told:
            words = " ".join(words.split())
            assert "about 500 employees" in words and "reported July 2019" in words
            assert "0 signed" not in words and ("1 signed here" in words) is has_signed
