"""Laws for templates that neither the browser nor the linter would tell in time."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if "emails" not in path.parts)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_nothing_that_the_policy_forbids(path: Path) -> None:
    """No template has an inline style, script or handler, nor htmx that would need eval."""
    text = path.read_text()
    assert not re.search(r"\sstyle=", text), "style= breaks the Content-Security-Policy; use a class in theme.css"
    assert not re.search(r"\son[a-z]+=", text), "on…= breaks the policy; use a data attribute in theme.js"
    assert not re.search(r"<script(?![^>]*\bsrc=)", text), "inline scripts break the policy; use a file in static/"
    assert not re.search(r"hx-on|hx-(vals|headers)=[\"']js:|hx-trigger=[\"'][^\"']*\[", text), "that htmx needs eval"


@pytest.mark.parametrize("path", sorted((TEMPLATES / "components").glob("*.html")), ids=lambda path: path.name)
def test_a_component_says_how_to_use_it(path: Path) -> None:
    """The first line of a component names its macro and its arguments."""
    assert re.match(r"\{# .{30,} #\}$", path.read_text().splitlines()[0])
