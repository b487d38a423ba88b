"""Markdown that strangers may have typed."""

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from tracker.web.markdown import ATTRIBUTES, TAGS, render


def test_a_letter_keeps_its_shape() -> None:
    """Headings, lists, emphasis, quotations and links come through; the page keeps h1 to itself."""
    html = render("# Demands\n\n1. **Stop**\n2. *Study*\n\n> We refuse.\n\nSee [it](https://example.org/a).\nNext line")
    assert "<h2>Demands</h2>" in html
    assert "<strong>Stop</strong>" in html
    assert "<blockquote>" in html
    assert '<a href="https://example.org/a" rel="nofollow noopener noreferrer ugc">it</a>' in html
    assert "<br>" in html


@pytest.mark.parametrize(
    "source",
    [
        "![spy](https://evil.example/pixel.gif)",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](data:text/html;base64,AAAA)",
        "[x](//evil.example/a)",
        "[x](/campaigns/1/remove)",
        "[x](\\\\evil.example)",
        "<https://ok.example> <script>alert(1)</script>",
        "<a href='javascript:alert(1)'>x</a>",
        "<style>*{display:none}</style>",
        "[x](vbscript:a)",
        "[x](https:evil)",
    ],
)
def test_nothing_harmful_comes_through(source: str) -> None:
    """No image, no script, no address but a whole http, https or mailto one."""
    soup = BeautifulSoup(render(source), "html5lib")
    assert not soup.select("img, script, style, iframe")
    for link in soup.select("a[href]"):
        assert str(link["href"]).startswith(("https://ok.example", "mailto:"))


def test_an_image_leaves_its_description() -> None:
    """Who wrote a description of a picture still says it."""
    assert render("![a *crowd*](https://evil.example/x.png)") == "<p>a *crowd*</p>\n"


def test_nothing_is_nothing() -> None:
    """No text renders as no text."""
    assert render(None) == ""


@given(st.text(alphabet=st.sampled_from("<>[]()!\"'&;:/\\# `*_-\nahrefscriptoimgjv="), max_size=120))
def test_only_allowed_tags_and_attributes_ever(source: str) -> None:
    """Whatever is typed, only the allow-list comes out."""
    body = BeautifulSoup(render(source), "html5lib").body
    assert body
    for tag in body.find_all(True):
        assert tag.name in TAGS
        assert set(tag.attrs) <= ATTRIBUTES.get(tag.name, set()) | {"rel"}
