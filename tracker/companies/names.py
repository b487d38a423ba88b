"""Names of organisations as people write them."""

from __future__ import annotations

import re

from tracker.search_text import normalise

_WORD = re.compile(r"\w+")
_APOSTROPHES = str.maketrans("", "", "'’ʼ`´")
# Forms of a company, which say nothing about which one it is.
FORMS = frozenset(
    {
        *("inc", "incorporated", "llc", "ltd", "limited", "corp", "corporation", "co", "company", "gmbh", "ag", "sa"),
        *("plc", "lp", "llp", "na", "pbc", "bv", "nv", "oy", "ab", "as", "spa", "srl", "the", "group", "holding"),
        "holdings",
    }
)


def core(organisation: str) -> str:
    """What is left of an organisation's name without its form: `Google, Inc.` and `The Google Company` give `google`.

    A name of nothing but forms stays as it is.
    """
    words = _WORD.findall(normalise(organisation).translate(_APOSTROPHES))
    if len(words) > 1 and len(words[-2]) == len(words[-1]) == 1:
        words = [*words[:-2], words[-2] + words[-1]]  # S.A., B.V.
    return " ".join([word for word in words if word not in FORMS] or words)
