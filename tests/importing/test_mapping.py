"""`tracker import signatories --mapping FILE`: the columns as a file says, or words for why not."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from tests.importing.lists import counted
from tests.signatures.conftest import campaign
from tracker import clock
from tracker.campaigns.models import Campaign
from tracker.db import db, transaction
from tracker.importing.models import ImportPart
from tracker.signatures.models import Signatory, Signature
from tracker.signatures.people import keys_of, read_contact, read_name

LIST = "Who;Reach;When;Shop\nAda Knot;ada@example.org;05/10/2025;Heron Works\nBea;nobody@;;\n"
Run = Callable[..., Result]


@pytest.fixture
def brought_with(app: Flask, run_tracker: Run, tmp_path: Path) -> Callable[..., Result]:
    """Bring LIST into the campaign `letter` with what a mapping says."""
    with app.app_context(), transaction():
        campaign()

    def call(said: object, *more: str) -> Result:
        file, mapping = tmp_path / "people.csv", tmp_path / "mapping.json"
        file.write_text(LIST)
        mapping.write_text(said if isinstance(said, str) else json.dumps(said))
        return run_tracker("import", "signatories", str(file), "--campaign", "letter", "--mapping", str(mapping), *more)

    return call


@pytest.mark.parametrize(
    "columns",
    [
        ["name", "address", "signed_on", "affiliation"],
        {"who": "name", "Reach": "address", "WHEN": "signed_on", "Shop": "affiliation"},
    ],
    ids=["by order", "by heading"],
)
def test_the_columns_are_what_it_says(app: Flask, brought_with: Run, columns: object) -> None:
    """By order or by heading; its order of days and its appearance hold as well, and nothing of the file stays."""
    chosen = {"columns": columns, "day_order": "day_first", "appearance": "initials", "has_header": True}
    said = brought_with(chosen, "--dry-run")
    assert said.exit_code == 0, said.output
    assert "1 would be added, 0 here already, 1 refused" in said.output
    with app.app_context():
        assert counted() == (0, 0, 0)
    said = brought_with(chosen)
    assert said.exit_code == 0, said.output
    assert "1 added, 0 here already, 1 refused" in said.output
    assert "row 3: E-mail: The e-mail address cannot be right." in said.output
    with app.app_context():
        person, signature = db.session.execute(sa.select(Signatory, Signature).join_from(Signatory, Signature)).one()
        keys = keys_of(db.session.scalars(sa.select(Campaign)).one(), now=clock.now())
        assert read_name(person, keys).name == "Ada Knot"
        assert read_name(person, keys).affiliation == "Heron Works"
        assert read_contact(person, keys)[0] == "ada@example.org"
        assert (signature.signed_on, signature.appearance) == (dt.date(2025, 10, 5), "initials")
        assert db.session.scalar(sa.select(sa.func.count()).select_from(ImportPart)) == 0


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ('{"columns": ["name"', "It is no JSON"),
        (["name"], "It is no JSON object"),
        ({"column": ["name"]}, "It says column; it may say columns"),
        ({"columns": ["nome"]}, "No such column: nome. There are name"),
        ({"columns": "name"}, '"columns" is a list of names'),
        ({"columns": {"Whom": "name"}}, "The file has no column Whom; it has Who, Reach, When, Shop"),
        ({"columns": ["name", "", "", "", "phone"]}, "It names 5 columns, and the file has 4"),
        ({"columns": ["name", "name"]}, "Two columns cannot be the same"),
        ({"columns": ["", "address"]}, "Say which column is the name"),
        ({"columns": ["name"], "has_header": "yes"}, '"has_header" is true or false'),
        ({"columns": ["name"], "day_order": "us"}, "\"day_order\" is 'us'; it may be unknown, day_first, month_first"),
        ({"columns": ["name", "", "signed_on"]}, "Some dates can be read in two ways"),
    ],
)
def test_what_cannot_be_followed_is_said(app: Flask, brought_with: Run, said: object, words: str) -> None:
    """In words and with a status, and nobody and nothing of the file is kept."""
    found = brought_with(said)
    assert found.exit_code != 0
    assert words in found.output
    assert "Traceback" not in found.output
    with app.app_context():
        assert counted() == (0, 0, 0)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(ImportPart)) == 0
