"""What can be said of templates without rendering them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from tests.house.laws import TEMPLATES, kept_files, python_files, shown

FILES = [path for path in kept_files() if TEMPLATES in path.parents and path.suffix in (".html", ".txt", ".xml")]
PAGES = [path for path in FILES if "emails" not in path.parts and path.suffix == ".html"]
# Templates that Flask-Security looks for by itself.
LIBRARY = "security"


def test_every_template_is_used() -> None:
    """No template lies about unused: a view, a mail or another template names it."""
    words = "\n".join(path.read_text() for path in [*python_files("tracker", "worker"), *FILES])
    unused = []
    for path in FILES:
        name = path.relative_to(TEMPLATES)
        # A mail is named by its folder (templates/emails/<name>/subject.txt, body.txt, body.html).
        named = f'"{name.parts[-2]}"' if name.parts[0] == "emails" and len(name.parts) == 3 else str(name)
        if name.parts[0] != LIBRARY and named not in words and f"errors/{name.name}" != str(name):
            unused.append(str(name))
    assert not unused, f"delete with pleasure: {unused}"


@pytest.mark.parametrize("path", PAGES, ids=shown)
def test_pages_keep_to_the_policy(path: Path) -> None:
    """Pages hold no inline style, script or handler: our Content-Security-Policy would refuse them."""
    text = re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)
    assert not re.search(r"<[^>]*\sstyle=", text), "use a class in theme.css"
    assert not re.search(r"<[^>]*\son[a-z]+=\"", text), "use a script in static/"
    assert "<style" not in text
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script or "json" in script, f"move it to static/: {script}"


@pytest.mark.parametrize("path", PAGES, ids=shown)
def test_nothing_user_made_is_called_safe(path: Path) -> None:
    """Autoescape stays on; what is HTML comes as Markup from the one sanitiser, never through `|safe`."""
    text = path.read_text()
    assert not re.search(r"\|\s*safe\b", text)
    assert "autoescape false" not in text


def test_every_template_compiles(app: Flask) -> None:
    """Jinja reads every template; a typing error is found before a person finds it."""
    for path in FILES:
        app.jinja_env.get_template(str(path.relative_to(TEMPLATES)))
