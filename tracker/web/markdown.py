"""Markdown that people typed, as HTML that cannot harm: the source is stored, this is made anew for each page.

Rendered without raw HTML first, cleaned by an allow-list after (reliability.md, 4): either alone has been fooled.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import nh3
from flask import Flask
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "blockquote", "code", "pre", "h2", "h3", "h4"}
ATTRIBUTES = {"a": {"href", "title"}}
SCHEMES = {"http", "https", "mailto"}
REL = "nofollow noopener noreferrer ugc"
# No relative address and no //host: a letter has no business linking into the tracker.
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s]+", re.IGNORECASE)
# The page owns h1, and steps must not be skipped below h4.
_HEADINGS = {"h1": "h2", "h5": "h4", "h6": "h4"}


def _image(_renderer: Any, tokens: Sequence[Token], index: int, _options: Any, _env: Any) -> str:
    """An image would tell its server who reads; its description is shown instead."""
    return str(escape(tokens[index].content))


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True})
    parser.add_render_rule("image", _image)
    return parser


_PARSER = _parser()


def _keep(tag: str, attribute: str, value: str) -> str | None:
    if attribute == "href":
        return value if _ADDRESS.fullmatch(value) else None
    return value


def render(source: str | None) -> Markup:
    """Safe HTML of a Markdown text; empty for nothing."""
    tokens = _PARSER.parse(source or "")
    for token in tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)
    html = _PARSER.renderer.render(tokens, _PARSER.options, {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_keep,
        url_schemes=SCHEMES,
        link_rel=REL,
        strip_comments=True,
    )
    return Markup(clean)  # noqa: S704  # cleaned on the line above


def init_app(app: Flask) -> None:
    """Give templates the filter `markdown`."""
    app.add_template_filter(render, "markdown")
