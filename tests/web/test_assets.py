"""Static files: hashed names, kept for ever, compressed, and light."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Page

from tracker.web.assets import STATIC, Assets, UnknownAsset, asset

# look.md allows 150 kB; a page of real campaigns is longer than the samples.
BUDGET = 135_000
ASKED = re.compile(
    r"""\b(?:icon|empty_state)\(["']([a-z0-9-]+)["']|\bmark\("[a-z]+", "([a-z0-9-]+)\""""
    r"""|icon_name="([a-z0-9-]+)"|\("(?:good|bad|part|live|quiet|plain|done)", "([a-z0-9-]+)\""""
)


def test_a_file_is_named_by_its_content_and_kept_for_ever(app: Flask, client: FlaskClient) -> None:
    """A style sheet comes under a hashed name, immutable and compressed."""
    with app.app_context():
        url = asset("theme.css")
    assert re.fullmatch(r"/static/theme\.[0-9a-f]{12}\.css", url)
    response = client.get(url, headers={"Accept-Encoding": "gzip"}, buffered=True)
    assert response.headers["Content-Encoding"] == "gzip"
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert b"source-serif-4-latin." in gzip.decompress(response.data)


def test_what_a_style_sheet_points_to_exists(app: Flask, client: FlaskClient) -> None:
    """Every url() of ours leads to a hashed file that is served."""
    with app.app_context():
        css = client.get(asset("theme.css"), buffered=True).get_data(as_text=True)
    targets = [target for target in re.findall(r"url\(([^)]+)\)", css) if not target.startswith('"data:')]
    assert targets
    for target in targets:
        assert client.get(target, buffered=True).status_code == 200


def test_changed_content_has_another_name(tmp_path: Path) -> None:
    """The name follows the content, through what a style sheet points to."""
    urls = []
    for number, font in enumerate(("old", "new")):
        source = tmp_path / str(number)
        source.mkdir()
        (source / "font.woff2").write_text(font)
        (source / "a.css").write_text("@font-face { src: url('font.woff2') }")
        urls.append(Assets(source, tmp_path / "cache").url("a.css"))
    assert urls[0] != urls[1]


def test_an_unknown_file_is_refused(app: Flask, tmp_path: Path) -> None:
    """A misspelt name fails where it is written, in a template or in a style sheet."""
    with app.app_context(), pytest.raises(UnknownAsset):
        asset("theme.scss")
    (tmp_path / "a.css").write_text("a { background: url(gone.png) }")
    with pytest.raises(UnknownAsset, match=r"gone\.png"):
        Assets(tmp_path, tmp_path / "cache")


def test_every_icon_asked_for_is_in_the_sprite() -> None:
    """No template asks for a drawing that the sprite lacks."""
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    asked = {
        name
        for template in (STATIC.parents[1] / "templates").rglob("*.html")
        for found in ASKED.findall(template.read_text())
        for name in found
        if name
    }
    assert {"search", "trash", "circle-half", "x-lg"} <= asked
    assert asked - drawn == set()


def test_no_drawing_is_carried_for_nothing() -> None:
    """Every drawing of the sprite is named by a template or by the page chrome: each visitor loads them all."""
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text()))
    templates = (STATIC.parents[1] / "templates").rglob("*.html")
    words = "".join(path.read_text() for path in [*templates, STATIC.parent / "web" / "chrome.py"])
    unused = {name for name in drawn if f'"{name}"' not in words and f"'{name}'" not in words}
    assert not unused, f"take these out of icons.svg: {unused}"


def test_every_vendored_file_names_its_licence() -> None:
    """Each vendored folder has a licence and a line with its version in the README."""
    readme = (STATIC / "vendor" / "README.md").read_text()
    for folder in (path for path in (STATIC / "vendor").iterdir() if path.is_dir()):
        assert (folder / "LICENSE").is_file()
        assert f"`{folder.name}`" in readme


def test_a_cold_page_is_light(sample_pages: Flask, new_page: Callable[..., Page]) -> None:
    """A page with every component stays under the budget on a cold cache, everything it loads counted."""
    page = new_page()
    sizes: dict[str, int] = {}
    devtools = page.context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    page.goto("/sample/record")
    page.wait_for_load_state("networkidle")
    assert len(sizes) >= 6
    assert 0 < sum(sizes.values()) < BUDGET
