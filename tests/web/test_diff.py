"""Two versions of a text, compared as a person would mark them up."""

import random
import re

import pytest

from tracker.web.diff import Diff, diff, paragraphs_of

OLD = """Dear Jeff,

We are troubled by the recent report exposing the practice of selling Rekognition to police.

We do not have to wait to find out.

Yours"""
NEW = """Dear Jeff,

We are deeply troubled by the recent report exposing the practice of selling Rekognition to police.

One wholly other thing: study it.

Yours"""


def rebuilt(found: Diff, without: str) -> list[str]:
    """One side of a comparison, put together again from its pieces."""
    sides = (
        "".join(piece.words for piece in paragraph.pieces if piece.kind != without) for paragraph in found.paragraphs
    )
    return [side for side in sides if side]


def test_changed_paragraphs_are_marked_word_by_word() -> None:
    """A word put in is the only mark in its paragraph; what is wholly other is taken out and put in as a whole."""
    found = diff(OLD, NEW)
    assert [paragraph.kind for paragraph in found.paragraphs] == ["same", "changed", "gone", "new", "same"]
    assert [piece.words for piece in found.paragraphs[1].pieces if piece.kind != "same"] == ["deeply "]
    assert (found.words("new"), found.words("gone")) == (7, 9)


def test_space_between_paragraphs_does_not_count() -> None:
    """Line ends of another system and more empty lines are no change."""
    assert diff("One\n\nTwo", "One\r\n\r\n\r\nTwo\n").is_empty
    assert not diff("One\n\nTwo", "One Two").is_empty


def test_no_patchwork() -> None:
    """Little words that happen to be in both sentences do not tear the change apart."""
    found = diff("They must end the sale of it at once today.", "They must end all contracts, the whole of it today.")
    assert len([piece for piece in found.pieces if piece.kind == "same"]) <= 3


def test_far_paragraphs_are_folded_and_near_ones_are_not() -> None:
    """Among many that are the same, one before and one after a change stay open."""
    before = [f"Paragraph {number} stands." for number in range(10)]
    after = [*before[:5], "Something was put in between, quite other.", *before[5:]]
    groups = [
        (folded, len(paragraphs)) for folded, paragraphs in diff("\n\n".join(before), "\n\n".join(after)).groups()
    ]
    assert groups == [(True, 4), (False, 1), (False, 1), (False, 1), (True, 4)]


@pytest.mark.parametrize("seed", range(40))
def test_nothing_is_lost_or_made_up(seed: int) -> None:
    """Whatever changed, each side of the comparison is exactly the text it was made from."""
    chance = random.Random(seed)
    words = ["we", "the", "stop", "sell", "Amazon", "ICE", "don’t", "a", "to", "—", "now!", "- item"]

    def text() -> str:
        return "\n\n".join(
            chance.choice([" ", "\n"]).join(chance.choice(words) for _ in range(chance.randint(1, 9)))
            for _ in range(chance.randint(0, 6))
        )

    old, new = text(), text()
    found = diff(old, new)
    assert rebuilt(found, "new") == paragraphs_of(old)
    assert rebuilt(found, "gone") == paragraphs_of(new)
    kept = [paragraph for _folded, group in found.groups() for paragraph in group]
    assert kept == list(found.paragraphs)


def test_a_whole_book_is_compared_at_once() -> None:
    """The longest text a form takes, wholly rewritten, in one paragraph or in thousands, is compared in seconds."""
    chance = random.Random(1)
    words = ["the", "of", "and", "to", "a", "we", "stop", "company", "amazon", "sell"]
    book, other = (chance.choices(words, k=16_000) for _ in range(2))
    for between in (" ", "\n\n"):
        found = diff(between.join(book), between.join(other))
        assert re.sub(r"\s", "", "".join(rebuilt(found, "new"))) == "".join(book)
