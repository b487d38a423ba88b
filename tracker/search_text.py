"""Text as it is searched: casefolded, without diacritics, one space between words; alike on both databases.

A model that names in SEARCHED the columns people search by gets them normalised into its `search_text` at each save.
Nothing personal may be named there (house.md, 4b).
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from sqlalchemy import event

from tracker.db import Model

# The marks that most letters have, all of which combine but U+034F; none that combines comes before them.
_MARKS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
_LAST_MARK = "\u036f"


def normalise(text: str) -> str:
    """`Žižek  &  Söhne` becomes `zizek & sohne`."""
    folded = text.casefold()
    if folded.isascii():
        return " ".join(folded.split())
    found = _MARKS.sub("", unicodedata.normalize("NFKD", folded))
    if max(found, default="") > _LAST_MARK:  # letters among which others may combine: each is asked, which is slow
        found = "".join([c for c in found if c < "\u0300" or not unicodedata.combining(c)])
    return " ".join(found.split())


@event.listens_for(Model, "before_insert", propagate=True)
@event.listens_for(Model, "before_update", propagate=True)
def _keep_search_text(_mapper: Any, _connection: Any, target: Any) -> None:
    columns = getattr(target, "SEARCHED", ())
    if columns:
        target.search_text = normalise(" \n ".join(getattr(target, column) or "" for column in columns))
