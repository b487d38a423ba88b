"""Cells open safely in a spreadsheet, and come back as they were."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.signatures.cells import original_cell, safe_cell

# Much of what a spreadsheet would run, apostrophes that might be taken for ours, and any other words.
words = st.text() | st.text(alphabet="'=+-@|% \t\r\n\ufeff\u200b;,\"\uff1da1", max_size=8)


@given(words)
def test_every_word_comes_back_unchanged(word: str) -> None:
    """Whatever is exported is imported again as it was."""
    assert original_cell(safe_cell(word)) == word


@given(words)
def test_no_cell_begins_like_a_formula(word: str) -> None:
    """Nothing exported begins, or begins after what a program trims, as a formula does."""
    seen = safe_cell(word)
    assert not seen.startswith(("\t", "\r", "\n"))
    assert not seen.lstrip().lstrip("\ufeff\u200b").lstrip().startswith(("=", "+", "-", "@", "|", "%", "\uff1d"))


@pytest.mark.parametrize(
    "word",
    ['=HYPERLINK("http://x")', "+49 30 1234", "-2", "@heron", " =1", "\t=1", "\n1", "\uff1d1", "'=1", "%a", "|a"],
)
def test_what_is_run_is_made_text(word: str) -> None:
    """Formulas, commands, handles and phone numbers get an apostrophe."""
    assert safe_cell(word) == "'" + word


@pytest.mark.parametrize(
    "word", ["", "Ana", "'tis", "O'Neill", "a=b", "''", "m\u00e4h-\u00e4", "2024-11-01", "\u5c0f\u660e"]
)
def test_other_words_stay(word: str) -> None:
    """What no spreadsheet runs is exported as it is written."""
    assert safe_cell(word) == word


@pytest.mark.parametrize("cell", ["@heron", "+49 30 1234", "=1", "'tis", "' a", ""])
def test_a_foreign_file_is_taken_at_its_word(cell: str) -> None:
    """A cell that somebody else wrote, without our apostrophe, stands as it is."""
    assert original_cell(cell) == cell


def test_safe_in_a_program_that_cuts_at_semicolons() -> None:
    """Quoted, a cell stays whole whichever separator a program expects."""
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL).writerow([safe_cell("x;=1+1"), safe_cell("=2")])
    cut = next(csv.reader(io.StringIO(file.getvalue()), delimiter=";"))
    assert not any(cell.startswith("=") for cell in cut)
