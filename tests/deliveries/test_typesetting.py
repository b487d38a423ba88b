"""A packet is set by a process of its own, which gives back what Typst keeps."""

from __future__ import annotations

import json
import sys

import pytest

from tracker.deliveries import typesetting
from tracker.deliveries.typesetting import NotSet, pdf_of

DATA = {
    "title": "t",
    "language": "en",
    "blocks": [],
    "part": "",
    "counted": "",
    "versions": "",
    "rest": [],
    "groups": [],
}


def test_this_process_never_loads_the_compiler() -> None:
    """What is set is a PDF, and nothing of Typst is here afterwards, which would keep each part that was printed."""
    assert pdf_of(json.dumps(DATA)).startswith(b"%PDF")
    assert "typst" not in sys.modules


def test_what_cannot_be_set_is_said_without_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """Data that is none, and one that takes too long."""
    with pytest.raises(NotSet) as broken:
        pdf_of("Planted Name")
    assert "Planted" not in str(broken.value)
    monkeypatch.setattr(typesetting, "SECONDS", 0.001)
    with pytest.raises(NotSet, match="took more than"):
        pdf_of(json.dumps(DATA))
