"""What a word is, what a query means, and what of a text is marked."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.search.asking import read, written
from tracker.search.marking import excerpt, marked
from tracker.search.words import in_a_row, keys_of, without_markdown, words_in
from tracker.search_text import normalise


def marks(text: str, query: str) -> list[str]:
    """The parts of a text that a query marks."""
    return [piece.text for piece in marked(text, read(query).terms) if piece.is_hit]


@pytest.mark.parametrize(
    ("text", "row", "also"),
    [
        ("Žižek, ÅNGSTRÖM & Łódź", "zizek angstrom lodz", set()),
        ("Straße ﬁnal ＡＢＣ", "strasse final abc", set()),
        ("27.5 % or 27,5%", "27.5 or 27.5", set()),
        ("1,000 and 1,234,567.5 and ٢٧", "1000 and 1234567.5 and 27", set()),
        ("on 14.07.2026", "on 14 07 2026", {"14072026"}),
        ("Rule 14a-8(i)(7)", "rule 14a 8 i 7", {"14a8"}),
        ("S&P 500, AT&T, U.S.", "s p 500 at t u s", {"sp", "att", "us"}),
        ("Amazon’s co-filers won't", "amazon s co filers won t", {"cofilers", "wont"}),
        ("L'Oréal", "l oreal", {"loreal"}),
        ("亚马逊 员工", "亚 马 逊 员 工", {"亚马", "马逊", "员工"}),
        ("الأَمَازُون", "الامازون", set()),
        ("हिन्दी", "हिनदी", set()),
        ("쿠팡은 답하라", "쿠팡은 답하라", set()),
        ("snake_case *bold*", "snake case bold", set()),
        ("🙂 — … ()", "", set()),
    ],
)
def test_a_text_is_its_words(text: str, row: str, also: set[str]) -> None:
    """Case, accents, width, digits and separators are folded; what is joined is kept as one word too."""
    words = words_in(text)
    assert in_a_row(words) == row
    assert keys_of(words) == set(row.split()) | also
    for word in words:
        assert text[word.start : word.end].strip(), "each word knows where it stands"


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("Employees to Amazon", "employee AMAZON", ["Employees", "Amazon"]),
        ("Two companies, one company", "companies", ["companies", "company"]),
        ("Palantir’s contract", "palantir's", ["Palantir"]),
        ("The co-filer and the cofiler", "co-filer", ["co-filer", "cofiler"]),
        ("The co-filer", "filer", ["filer"]),
        ("The cofiler, co-filer", "cofiler", ["cofiler", "co-filer"]),
        ("oversight of ethics; ethics of oversight", '"oversight of ethics"', ["oversight of ethics"]),
        ("Žižek speaks", "zizek", ["Žižek"]),
        ("为亚马逊员工", "亚马逊", ["亚马逊"]),
        ("马亚逊", "亚马逊", []),
        ("27.5 % and 27.50", "27.5", ["27.5"]),
        ("Resolution, proposals", "proposal", ["Resolution", "proposals"]),
        ("a cat, a category", "cat", ["cat", "category"]),
        ("no, nothing", "no", ["no"]),
        ("<b>bold</b> & more", "bold", ["bold"]),
    ],
)
def test_what_is_marked(text: str, query: str, found: list[str]) -> None:
    """What a reader would underline in the text."""
    assert marks(text, query) == found
    assert "".join(piece.text for piece in marked(text, read(query).terms)) == text


@pytest.mark.parametrize(
    ("query", "terms", "excluded"),
    [
        ("amazon -palantir", ["amazon"], ["palantir"]),
        ('-"exact words" rest', ["rest"], ["exact words"]),
        ("“typographic quotes” “open", ["typographic quotes", "open"], []),
        ("amazon Amazon AMAZON", ["amazon"], []),
        ('- -- "" % _ *', [], []),
        ("a " * 60, ["a"], []),
        (
            "one two three four five six seven eight nine ten",
            ["one", "two", "three", "four", "five", "six", "seven", "eight"],
            [],
        ),
    ],
)
def test_a_query_is_read(query: str, terms: list[str], excluded: list[str]) -> None:
    """Words, "exact words" and -exclusions; what means nothing is left out."""
    asked = read(query)
    assert [term.typed for term in asked.terms] == terms
    assert [term.typed for term in asked.excluded] == excluded


def test_a_query_is_written_again() -> None:
    """With another word where one was mistyped, and the rest as it was."""
    asked = read('palentir "exact words" co-filer -amazon')
    assert written(asked, {"palentir": "palantir"}) == 'palantir "exact words" co-filer -amazon'
    assert read(written(asked, {})) == asked


def test_an_excerpt_begins_at_a_word_and_shows_the_most() -> None:
    """The window with most of what was asked for, cut between words and saying so."""
    text = "Amazon said nothing. " + "word " * 100 + "Then Amazon paused Rekognition for a year. " + "more " * 100
    pieces = excerpt(text, read("amazon rekognition").terms)
    shown = "".join(piece.text for piece in pieces)
    assert shown.startswith("… ") and shown.endswith(" …")
    assert [piece.text for piece in pieces if piece.is_hit] == ["Amazon", "Rekognition"]
    assert all(word in text.split() for word in shown.strip("… ").split())
    assert excerpt("short", read("absent").terms)[0].text == "short"


def test_markdown_is_read_as_it_looks() -> None:
    """Marks and the addresses behind links are not words."""
    text = "# Heading\n\n* **bold** and _soft_ [the letter](https://example.org/secret) snake_case\n> quoted"
    assert without_markdown(text).split() == ["Heading", "bold", "and", "soft", "the", "letter", "snake_case", "quoted"]


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="aŽßéﬁ１\u0301\u034f\u0345\u05b0\u093c\u20d0अש각🙂 \xa0-", max_size=12))
def test_marks_are_taken_away_as_if_each_letter_were_asked(text: str) -> None:
    """The quick way says what the slow one does: whatever combines goes, U+034F stays, blanks are single."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    slowly = "".join(c for c in decomposed if not unicodedata.combining(c))
    assert normalise(text) == " ".join(slowly.split())
    assert normalise(f"e\u0301\u034f{text}\u05b0") == normalise(f"e\u034f{text}")
