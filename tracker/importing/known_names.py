"""Who on a list is perhaps here by name, as a check counts them. Certain is nobody by name alone (ADR 35)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain, groupby
from operator import itemgetter

import sqlalchemy as sa

from tracker.db import db
from tracker.importing.loading import among
from tracker.importing.marking import Marks
from tracker.importing.models import Import
from tracker.importing.rows import Row
from tracker.signatures import queries
from tracker.signatures.models import Signatory, SignatoryKind, SignatoryToken


def number_of_known_names(row: Import, rows: Sequence[Row], marks: Marks) -> int:
    """How many of these people have the name of somebody whom another way brought: with the same organisation, or
    where names are sealed the same words, whatever their order. 0 while somebody changes which of both it is."""
    if marks.is_protected is not row.campaign.is_protected:
        return 0
    numbers = [each.number for each in rows if each.kind is SignatoryKind.PERSON]
    if marks.is_protected:
        return _of_sealed(row, [words for number in numbers if (words := marks.words.get(number))])
    texts = [marks.texts[number] for number in numbers]
    named = sa.select(Signatory.sort_text).where(*_others(row), among(Signatory.sort_text, set(texts)))
    found = set(db.session.scalars(named))
    return sum(text in found for text in texts)


def _of_sealed(row: Import, names: Sequence[frozenset[str]]) -> int:
    """The word of each name that fewest others on the list have finds who has it; all of their words together say
    whether it is the same name."""
    numbers = Counter(chain.from_iterable(names))
    probes = {min(words, key=numbers.__getitem__) for words in names}
    found = sa.select(SignatoryToken.signatory_id).join(Signatory, Signatory.id == SignatoryToken.signatory_id)
    who = found.where(*_others(row), among(SignatoryToken.token, probes)).subquery()
    theirs = sa.select(SignatoryToken.signatory_id, SignatoryToken.token).join(
        who, who.c.signatory_id == SignatoryToken.signatory_id
    )
    known = set(_together(db.session.execute(theirs.order_by(SignatoryToken.signatory_id))))
    return sum(words in known for words in names)


def _together(rows: Iterable[sa.Row[int, str]]) -> Iterable[frozenset[str]]:
    for _signatory_id, some in groupby(rows, key=itemgetter(0)):
        yield frozenset(token for _signatory_id, token in some)


def _others(row: Import) -> tuple[sa.ColumnElement[bool], ...]:
    return Signatory.campaign_id == row.campaign_id, queries.present(), Signatory.import_id.is_distinct_from(row.id)
