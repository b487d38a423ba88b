"""The pictures of README.md, taken from the demonstration. `make screenshots` writes them into docs/screenshots."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.browser.conftest import NewContext
from tests.browser.site import SHOP, Site
from tracker.db import db
from tracker.mail.models import Email, EmailKind

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
LARGEST = 200_000
SHAREHOLDERS = "shareholders-to-amazon-rekognition"
PICTURES = {
    "campaign": ("/campaigns/we-wont-build-it", ""),
    "history": (f"/campaigns/{SHAREHOLDERS}/history?order=oldest", ""),
    "company": ("/companies/amazon", ""),
    "votes": ("/companies/amazon", "#votes"),
    "campaigns": ("/campaigns", ""),
    "digest": ("/mail/{digest}", ""),
    "log": ("/campaigns/new", ""),
}
TALL = {"campaign": 1260, "digest": 1240}


@pytest.mark.parametrize("name", PICTURES)
def test_picture(name: str, site: Site, open_as: NewContext, tmp_path: Path) -> None:
    """Each picture can be taken, shows the page that it names, and is small enough to load."""
    path, anchor = PICTURES[name]
    page = open_as("owner", color_scheme="light", viewport={"width": 1280, "height": TALL.get(name, 900)}).new_page()
    with site.app.app_context():
        digest = db.session.scalars(sa.select(Email.public_id).where(Email.kind == EmailKind.DIGEST)).first()
    page.goto(path.format(digest=digest) + anchor)
    page.evaluate("document.fonts.ready")
    assert SHOP not in page.locator("h1").inner_text()
    folder = FOLDER if os.environ.get("SCREENSHOTS") else tmp_path
    file = folder / f"{name}.png"
    file.parent.mkdir(exist_ok=True)
    page.screenshot(path=file)
    assert file.stat().st_size < LARGEST


def test_pictures_are_there() -> None:
    """What README.md shows is in the repository, and every picture there is one that is taken here."""
    kept = {file.stem for file in FOLDER.glob("*.png")}
    assert kept == set(PICTURES), "run `make screenshots` and commit docs/screenshots"
