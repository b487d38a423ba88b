"""The benchmark of signing goes through every line with few people; what it would measure is not judged."""

from __future__ import annotations

from contextlib import closing

import pytest

from bench import sign
from bench.room.databases import on
from bench.room.signers import hidden
from tests.support.valkey import Valkey


def test_the_form_and_the_bare_forms_are_sent_and_counted() -> None:
    """On the real server: sent by eight at once, fifty equal ones are one, confirmed ones count; all of it exact."""
    answer = sign.run(quick=True, kinds=["sqlite"])
    (table,) = answer.tables
    assert [row[:2] for row in table.rows] == [("ours", "0"), ("ours", "2,000"), ("bare", "0"), ("barer", "0")]
    assert [limit.at_least for limit in answer.limits] == [True, True, False]
    assert all(limit.ratio > 0 for limit in answer.limits)


def test_a_row_too_many_is_not_overlooked(monkeypatch: pytest.MonkeyPatch, valkey: Valkey) -> None:
    """A form that left no row, or two, ends the run."""
    monkeypatch.setattr(sign.Place, "_requests", lambda self: (1, 1))
    refused = pytest.raises(AssertionError, match="no row, or two")
    with on("sqlite") as databases, closing(sign.Place(databases, 0, valkey.url)) as place, refused:
        place.check(0, 0)


def test_a_form_gives_back_what_it_carries() -> None:
    """The token and the version of the text, whatever the order of their attributes."""
    page = '<input type="hidden" name="stamp" value="1.a"><input value="7" name="text" type="hidden"><input name="x">'
    assert hidden(page) == {"stamp": "1.a", "text": "7"}
    assert hidden('<input id="csrf_token" name="csrf_token" type="hidden" value="t">') == {"csrf_token": "t"}
