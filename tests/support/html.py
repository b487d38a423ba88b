"""One strict parse of a page: html5lib is the dearest thing in most tests, so tree and errors come from the same run.

soup, errors = parse(html)      # errors: ("line 7", "unexpected-end-tag {'name': 'p'}") in words, empty when valid
"""

from collections import Counter

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


def parse(html: str) -> tuple[BeautifulSoup, list[str]]:
    """The tree of a whole document, and what html5lib's strict parser and a look at the ids find wrong with it."""
    builder = _Strict()
    soup = BeautifulSoup(html, builder=builder)
    lines = html.splitlines()
    problems = []
    for (line, _column), code, values in builder.parser.errors:
        near = " / ".join(part.strip() for part in lines[max(0, line - 2) : line])
        problems.append(f"invalid HTML, {code} {values} near line {line}: {near[:200]}")
    ids = Counter(str(tag["id"]) for tag in soup.find_all(id=True))
    problems.extend(f"id {name!r} {count} times" for name, count in ids.items() if count > 1)
    return soup, problems
