"""Text as it is searched: casefolded, without diacritics, one space between words; alike on both databases.

A model that names in SEARCHED the columns people search by gets them normalised into its `search_text` at each save.
Nothing personal may be named there (house.md, 4b).
"""

from __future__ import annotations

import unicodedata
from typing import Any

from sqlalchemy import event

from tracker.db import Model


def normalise(text: str) -> str:
    """`Žižek  &  Söhne` becomes `zizek & sohne`."""
    folded = text.casefold()
    if folded.isascii():
        return " ".join(folded.split())
    decomposed = unicodedata.normalize("NFKD", folded)
    # The first letter that combines is U+0300; to compare is quicker than to ask.
    return " ".join("".join([c for c in decomposed if c < "\u0300" or not unicodedata.combining(c)]).split())


@event.listens_for(Model, "before_insert", propagate=True)
@event.listens_for(Model, "before_update", propagate=True)
def _keep_search_text(_mapper: Any, _connection: Any, target: Any) -> None:
    columns = getattr(target, "SEARCHED", ())
    if columns:
        target.search_text = normalise(" \n ".join(getattr(target, column) or "" for column in columns))
