"""One strict parse of a page: html5lib is the dearest thing in most tests, so tree and errors come from the same run,
and a page that differs from a valid one in its words alone is read by the parser of the standard library.

soup, errors = parse(html)      # errors: ("line 7", "unexpected-end-tag {'name': 'p'}") in words, empty when valid
"""

import re
from collections import Counter
from hashlib import sha256

import html5lib
from bs4 import BeautifulSoup
from bs4.builder import HTML5TreeBuilder


class _Strict(HTML5TreeBuilder):
    """Beautiful Soup's own builder over html5lib, which throws the parser's errors away; this one keeps them."""

    parser: html5lib.HTMLParser

    def feed(self, markup: str) -> None:  # type: ignore[override]
        """Parse the whole document."""
        self.parser = html5lib.HTMLParser(tree=self.create_treebuilder)
        self.underlying_builder.parser = self.parser
        self.parser.parse(markup)
        self.underlying_builder.parser = None


_VALUE, _SPACE, _WORDS = re.compile(r'="[^"<]*"'), re.compile(r">\s+<"), re.compile(r">[^<]*[^<\s][^<]*<")
_LOOSE = re.compile(r"&(?!(?:amp|lt|gt|quot|nbsp|#\d+);)")
_valid: set[bytes] = set()


def _shape(html: str) -> bytes:
    """What makes a page valid or not: its tags in their order, their attributes' names, and where words stand.

    Which words they are makes no difference but for a loose `&`; ids are looked at each time.
    """
    bare = _WORDS.sub(">words<", _SPACE.sub("><", _VALUE.sub("", html)))
    return sha256(bare.encode() + (html.encode() if _LOOSE.search(html) else b"")).digest()


def parse(html: str) -> tuple[BeautifulSoup, list[str]]:
    """The tree of a whole document, and what html5lib's strict parser and a look at the ids find wrong with it."""
    shape = _shape(html)
    soup, problems = (BeautifulSoup(html, "html.parser"), []) if shape in _valid else _strict(html)
    if not problems:
        _valid.add(shape)
    ids = Counter(str(tag["id"]) for tag in soup.find_all(id=True))
    problems.extend(f"id {name!r} {count} times" for name, count in ids.items() if count > 1)
    return soup, problems


def _strict(html: str) -> tuple[BeautifulSoup, list[str]]:
    builder = _Strict()
    soup = BeautifulSoup(html, builder=builder)
    lines = html.splitlines()
    problems = []
    for (line, _column), code, values in builder.parser.errors:
        near = " / ".join(part.strip() for part in lines[max(0, line - 2) : line])
        problems.append(f"invalid HTML, {code} {values} near line {line}: {near[:200]}")
    return soup, problems
