"""Reading a page as a strict browser would: every page a test opens is checked before the test looks at it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from tests.support.html import parse

MAX_QUERIES = 40
# Inputs that a person neither reads nor fills need no label.
UNLABELLED = ("hidden", "submit", "button", "image", "reset")


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """Collect the SQL statements that all engines run meanwhile."""
    statements: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(Engine, "before_cursor_execute", note)


class Page:
    """A checked page: ``select_one`` and ``select`` by CSS, ``text`` as one line, ``response`` beneath."""

    def __init__(self, response: TestResponse, queries: list[str]) -> None:
        self.response = response
        self.queries = queries
        self.html = response.get_data(as_text=True)
        self.soup, self.problems = parse(self.html)

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def text(self) -> str:
        """All words of the page's main part (or of the whole page), with single spaces."""
        return words(self.soup.select_one("main") or self.soup)

    @property
    def heading(self) -> str:
        """The words of the h1."""
        return words(self.select_one("h1"))

    def select_one(self, css: str) -> Tag:
        """The first element that matches; an AssertionError with the page's words when there is none."""
        found = self.soup.select_one(css)
        assert found is not None, f"no {css} in the page:\n{self.text[:2000]}"
        return found

    def select(self, css: str) -> list[Tag]:
        """All elements that match."""
        return list(self.soup.select(css))

    def has(self, css: str) -> bool:
        """Whether anything matches."""
        return self.soup.select_one(css) is not None

    def link(self, label: str) -> str:
        """Where the link with these words leads."""
        for anchor in self.soup.select("a[href]"):
            if words(anchor) == label:
                return str(anchor["href"])
        raise AssertionError(f"no link {label!r}; there are: {[words(a) for a in self.soup.select('a[href]')]}")

    def form(self, css: str = "main form") -> dict[str, Any]:
        """The fields of a form with their present values, ready to be changed and posted."""
        return form_data(self.select_one(css))


def words(tag: Tag) -> str:
    """The words of an element with single spaces, without scripts and styles."""
    return " ".join(" ".join(tag.stripped_strings).split())


def form_data(form: Tag) -> dict[str, Any]:
    """What a browser would send for this form if nobody touched it."""
    data: dict[str, Any] = {}

    def put(name: str, value: str) -> None:
        if name in data:
            data[name] = [*(data[name] if isinstance(data[name], list) else [data[name]]), value]
        else:
            data[name] = value

    for field in form.select("input[name], textarea[name], select[name]"):
        name = str(field["name"])
        if field.has_attr("disabled"):
            continue
        if field.name == "textarea":
            put(name, field.get_text().removeprefix("\n"))
        elif field.name == "select":
            chosen = field.select("option[selected]") or (
                [] if field.has_attr("multiple") else field.select("option")[:1]
            )
            for option in chosen:
                put(name, str(option.get("value", words(option))))
        elif field.get("type") in ("checkbox", "radio"):
            if field.has_attr("checked"):
                put(name, str(field.get("value", "on")))
        elif field.get("type") not in ("submit", "button", "image", "reset", "file"):
            put(name, str(field.get("value", "")))
    return data


def visit(
    client: FlaskClient,
    path: str,
    *,
    status: int = 200,
    queries: int = MAX_QUERIES,
    method: str = "GET",
    **request: Any,
) -> Page:
    """Open a path, following redirects, and check the page: its status, valid HTML without a duplicate id, exactly
    one h1, a label for each field, no inline script, style or handler, at most ``queries`` statements.

    ``method="POST", data={…}`` sends a form; without a ``data`` the rest goes to ``client.open``.
    """
    if method != "GET":
        # What it changes, what of that is indexed for searching, and the page that follows: each as much as a page.
        queries = max(queries, 3 * MAX_QUERIES)
    with counted_queries() as statements:
        response = client.open(path, method=method, follow_redirects=True, **request)
    assert response.status_code == status, (
        f"{method} {path} answered {response.status_code}, not {status}:\n{_gist(response)}"
    )
    page = Page(response, list(statements))
    assert len(statements) <= queries, f"{path} asked the database {len(statements)} times:\n" + _repeated(statements)
    check(page, path)
    return page


def submit(client: FlaskClient, path: str, css: str = "main form", *, status: int = 200, **values: Any) -> Page:
    """Open the page at ``path``, fill the form found by ``css`` and send it as a browser would; the page that follows.

    A value of None leaves the field out (an unchecked box). A name that the form does not have is refused.
    """
    page = visit(client, path)
    form = page.select_one(css)
    names = {str(field["name"]) for field in form.select("[name]")}
    assert values.keys() <= names, (
        f"no field {sorted(values.keys() - names)} in {css} of {path}; there are {sorted(names)}"
    )
    data = {name: value for name, value in {**form_data(form), **values}.items() if value is not None}
    action = str(form.get("action") or page.response.request.path)
    method = str(form.get("method", "get")).upper()
    return visit(client, action, status=status, method=method, data=data)


def check(page: Page, path: str = "") -> None:
    """The checks of ``visit`` that need only the HTML."""
    problems, soup = list(page.problems), page.soup
    if len(soup.select("h1")) != 1:
        problems.append(f"{len(soup.select('h1'))} h1 elements")
    problems.extend(_unlabelled(soup))
    problems.extend(f"inline handler or style on {str(tag)[:120]}" for tag in soup.find_all(_forbidden_by_csp))
    assert not problems, f"{path}: " + "; ".join(problems)


def _unlabelled(soup: BeautifulSoup) -> Iterator[str]:
    labels = {str(label["for"]) for label in soup.select("label[for]")}
    for field in soup.select("input, select, textarea"):
        if field.get("type") in UNLABELLED:
            continue
        named = field.get("aria-label") or field.get("aria-labelledby")
        if not (named or field.get("id") in labels or field.find_parent("label")):
            yield f"no label for {str(field)[:120]}"


def _forbidden_by_csp(tag: Tag) -> bool:
    if tag.name == "style" or any(name == "style" or name.startswith("on") for name in tag.attrs):
        return True
    # A nonce or a data block (JSON for a chart) is allowed; a bare inline script is not.
    return tag.name == "script" and not (tag.has_attr("src") or tag.has_attr("nonce") or "json" in str(tag.get("type")))


def _gist(response: TestResponse) -> str:
    return words(BeautifulSoup(response.get_data(as_text=True), "html5lib"))[:1500]


def _repeated(statements: list[str]) -> str:
    return "\n".join(f"{count} × {text[:200]}" for text, count in Counter(statements).most_common(8))
