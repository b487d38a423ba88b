"""Cells that a spreadsheet would run, made safe and brought back unchanged (safety.md, 10).

A spreadsheet takes a cell for a formula by how it begins. A leading apostrophe makes it text again, and is taken away
on import. Words that begin with apostrophes and then like a formula get one more, so that nothing is ever lost:

    safe_cell("=1+1") == "'=1+1"          original_cell("'=1+1") == "=1+1"
    safe_cell("@heron") == "'@heron"      original_cell("@heron") == "@heron"      (typed by somebody else: as it is)
    safe_cell("'tis") == "'tis"           original_cell("'tis") == "'tis"

In CSV quote every cell as well: a program that expects semicolons would otherwise cut `x;=1+1` in two.
"""

from __future__ import annotations

import re

APOSTROPHE = "'"

# OWASP, "CSV Injection": = + - @ and their wide forms, tab, carriage return and line feed; | and % begin commands of
# older programs. Blanks and marks that nobody sees are trimmed by some programs before they look.
_LIKE_A_FORMULA = re.compile(
    r"'*"
    r"(?:[\t\r\n]|[\s\x00-\x1f\x7f\ufeff\u200b-\u200f\u2060\u00ad]*[=+\-@|%\uff1d\uff0b\uff0d\uff20\ufe62\ufe63\ufe66\ufe6b])"
)


def safe_cell(text: str) -> str:
    """The same words as a cell that no spreadsheet runs. `original_cell` gives back exactly what went in."""
    if text[:1].isalnum():  # most do, and no formula does
        return text
    return APOSTROPHE + text if _LIKE_A_FORMULA.match(text) else text


def original_cell(text: str) -> str:
    """What stood in a cell before `safe_cell`; a cell that it did not change comes back as it is."""
    if text.startswith(APOSTROPHE) and _LIKE_A_FORMULA.match(text, 1):
        return text[1:]
    return text
