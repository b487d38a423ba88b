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


# Pages of the menu and of their tabs, where no way has been gone yet; and what stands instead of a page.
WITHOUT_A_TRAIL = {
    *("pages/home.html", "pages/search.html", "campaigns/index.html", "issues/index.html", "digests/index.html"),
    *("companies/index.html", "companies/organisations.html"),
    *("accounts/account.html", "accounts/people.html", "accounts/access_record.html", "mail/index.html"),
    *("errors/_layout.html", "timeline/file_lost.html"),
}


def test_every_page_says_where_it_lies() -> None:
    """Each of the team's pages below the top level has its trail (components/breadcrumb.html), and no page above."""
    text = {str(path.relative_to(TEMPLATES)): path.read_text() for path in PAGES}
    extends = {name: re.findall(r"\{% extends \"(.+?)\"", words) for name, words in text.items()}
    without, with_one = set(), set()
    for page in text:
        line = [page]
        while extends.get(line[-1]):
            line += extends[line[-1]]
        if line[-1] == "layout.html" and page != "layout.html":
            has = any("block breadcrumb" in text[name] for name in line[:-1])
            (with_one if has else without).add(page)
    errors = {page for page in without if "errors/_layout.html" in extends[page]}
    forgotten = without - errors - WITHOUT_A_TRAIL
    assert not forgotten, f"say {{% block breadcrumb %}} in {sorted(forgotten)}"
    assert with_one and not with_one & WITHOUT_A_TRAIL


def test_every_template_compiles(app: Flask) -> None:
    """Jinja reads every template; a typing error is found before a person finds it."""
    for path in FILES:
        app.jinja_env.get_template(str(path.relative_to(TEMPLATES)))
