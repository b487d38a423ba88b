"""A pasted list is understood line by line, and no line is lost."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.signatures.names import clean, initials, same_name_key, searched_words
from tracker.signatures.pasting import Line, Reading, Separator, read_list


def understood(text: str, **options: object) -> list[tuple[str, str, str, str]]:
    return [
        (line.name, line.office, line.affiliation, line.address)
        for line in read_list(text, **options)  # type: ignore[arg-type]
        if line.is_new
    ]


def one(text: str, **options: object) -> Line:
    (line,) = read_list(text, **options)  # type: ignore[arg-type]
    return line


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Ada Lovelace", ("Ada Lovelace", "", "", "")),
        ("Ada Lovelace, Engineer, Google", ("Ada Lovelace", "Engineer", "Google", "")),
        ("Ada Lovelace, Engineer, Google, Inc.", ("Ada Lovelace", "Engineer", "Google, Inc.", "")),
        ("Ada Lovelace, PhD, Engineer", ("Ada Lovelace, PhD", "Engineer", "", "")),
        ("Ada Lovelace,, Google", ("Ada Lovelace", "", "Google", "")),
        ("Ada Lovelace\tEngineer\tGoogle, Inc.", ("Ada Lovelace", "Engineer", "Google, Inc.", "")),
        ("17\tAda Lovelace\tEngineer", ("Ada Lovelace", "Engineer", "", "")),
        ("Ada Lovelace; Engineer, Search; Google", ("Ada Lovelace", "Engineer, Search", "Google", "")),
        ("Ada <ada@example.org>", ("Ada", "", "", "ada@example.org")),
        ("Ada, ada@example.org, Engineer", ("Ada", "Engineer", "", "ada@example.org")),
        ("ada@example.org, Ada, Engineer", ("Ada", "Engineer", "", "ada@example.org")),
        ("Ada (mailto:ada@example.org)", ("Ada", "", "", "ada@example.org")),
        ('"Lovelace, Ada",Engineer,"Google ""X"", Inc."', ("Lovelace, Ada", "Engineer", 'Google "X", Inc.', "")),
        ('"Lovelace, Ada', ('"Lovelace', "Ada", "", "")),
        ('Ada "Countess" Lovelace, Engineer', ('Ada "Countess" Lovelace', "Engineer", "", "")),
        ("- Ada", ("Ada", "", "", "")),
        ("• 12. Ada", ("Ada", "", "", "")),
        ("12) Ada", ("Ada", "", "", "")),
        ("王小明, 工程师", ("王小明", "工程师", "", "")),
        ("محمد علي", ("محمد علي", "", "", "")),
        ("42", ("42", "", "", "")),
        ("@ada", ("@ada", "", "", "")),
        ("  Ada\u00a0\u00a0Lovelace \x00", ("Ada Lovelace", "", "", "")),
    ],
)
def test_a_line_is_understood(text: str, expected: tuple[str, str, str, str]) -> None:
    """Each way people write a signatory gives the name, the office, the organisation and the address."""
    assert understood(text) == [expected]


def test_the_separator_can_be_chosen() -> None:
    """Where the guess is wrong, a person says what stands between the parts."""
    assert understood("Google, Inc.; Ltd", separator=Separator.NONE)[0][0] == "Google, Inc.; Ltd"
    assert understood("A; B, C", separator=Separator.COMMA) == [("A; B", "C", "", "")]
    assert understood("A, B\tC", separator=Separator.TAB) == [("A, B", "C", "", "")]
    assert understood("A, B; C", separator=Separator.SEMICOLON) == [("A, B", "C", "", "")]


def test_an_organisation_is_a_whole_line() -> None:
    """A comma belongs to an organisation's name."""
    assert understood("Google, Inc.\nSisters of St. Joseph", organisations=True) == [
        ("Google, Inc.", "", "", ""),
        ("Sisters of St. Joseph", "", "", ""),
    ]


def test_headings_say_what_the_columns_are() -> None:
    """A first line of column names orders the rest and becomes nobody."""
    lines = read_list("Email\tOrganisation\tName\nada@example.org\tGoogle\tAda\n\tX\tBo")
    assert lines[0].reading is Reading.HEADING
    assert (lines[1].name, lines[1].affiliation, lines[1].address) == ("Ada", "Google", "ada@example.org")
    assert (lines[2].name, lines[2].affiliation, lines[2].address) == ("Bo", "X", "")


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.org",
        ", Engineer",
        "Ada <a@example.org> <b@example.org>",
        "Ada <a..b@example.org>",
        "Ada <a@b>",
        "x" * 501,
    ],
)
def test_a_line_that_cannot_be_a_signatory_says_why(text: str) -> None:
    """What is refused is shown with a reason, not dropped."""
    line = one(text)
    assert line.reading is Reading.REFUSED
    assert str(line.why)
    assert line.text == text


def test_repetitions_are_flagged() -> None:
    """The same address is left out; the same name is only pointed at."""
    lines = read_list("Ada, X <ada@example.org>\n\nA. L. <ADA@example.org>\nada, Y\nBo")
    assert [line.reading for line in lines] == [
        Reading.SIGNATORY,
        Reading.REPEATED,
        Reading.SIGNATORY,
        Reading.SIGNATORY,
    ]
    assert [line.number for line in lines] == [1, 3, 4, 5]
    assert str(lines[2].perhaps[0]) == "The same name stands on line 1."
    assert not lines[3].perhaps


LISTS = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.text(alphabet='Ada, \t;"<>@.()-•12\x00\ufeffé王', max_size=60),
    ),
    max_size=12,
).map("\n".join)


@settings(max_examples=400, deadline=None)
@given(text=LISTS, separator=st.sampled_from(Separator), organisations=st.booleans())
def test_any_text_is_accounted_for(text: str, separator: Separator, organisations: bool) -> None:
    """Whatever is pasted: no crash, each line that is not blank has its place, no letter of a taken one is lost."""
    lines = read_list(text, separator=separator, organisations=organisations)
    expected = [
        number
        for number, raw in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), start=1)
        if clean(raw)
    ]
    assert [line.number for line in lines] == expected
    for line in lines:
        if line.is_new:
            assert line.name
            assert "\x00" not in line.name + line.office + line.affiliation
            taken = sorted(c for c in line.name + line.office + line.affiliation + line.address if c.isalpha())
            there = sorted(c for c in line.text if c.isalpha())
            if not line.address:
                assert taken == there
        else:
            assert str(line.why)


def test_five_thousand_lines_are_quick() -> None:
    """A long list is read in about a second."""
    text = "\n".join(f"{n}. Person Number{n}, Engineer, Team {n % 7}, p{n}@example.org" for n in range(5000))
    begun = time.process_time()  # not the time that others on the machine take
    assert len(understood(text)) == 5000
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ada Lovelace", "A. L."),
        ("ada de la Cruz", "A. D. L. C."),
        ("Jean-Luc Picard", "J. P."),
        ("Žižek", "Ž."),
        ("王 小明", "王. 小."),
        ("अदा लवलेस", "अ. ल."),
        ("किरण देव", "कि. दे."),
        ("محمد علي", "م. ع."),
        ("@ada", "A."),
        ("42", "4."),
        ("ßeta", "ß."),
        ("“Ada” (she) Lovelace", "A. S. L."),
        ("—", "–"),
        ("", "–"),
    ],
)
def test_initials(name: str, shown: str) -> None:
    """Initials work in any script and never show a whole word."""
    assert initials(name) == shown


def test_words_are_found_without_marks_and_case() -> None:
    """A name is found by its words as people type them."""
    assert searched_words("Žižek, Seán O’Neill") == ["zizek", "sean", "oneill"]
    assert same_name_key("Google, Inc.") == same_name_key("google inc")
