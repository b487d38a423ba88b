"""`tracker import signatories FILE --campaign SLUG`: a list of any size, by whoever may run commands here."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import click

from tracker import clock
from tracker.campaigns.queries import campaign_by_slug
from tracker.db import db, forget_deleted, transaction
from tracker.importing import queries, running, service
from tracker.importing.mapping import Mapping, MappingError, read_mapping
from tracker.importing.models import Import, ImportState
from tracker.importing.problems import PROBLEMS, FileProblem, Problem
from tracker.operations.edge import Refusal, in_app
from tracker.signatures.models import Appearance


@click.group("import")
def command() -> None:
    """Bring in a list from a file."""


@command.command("signatories")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--campaign", "slug", required=True, help="The campaign's short name, as in its address.")
@click.option(
    "--mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help='JSON: {"columns": ["name", "", "address"], "day_order": "day_first", "appearance": "initials", '
    '"kind": "person", "has_header": true}. Columns by their order, or by heading: {"Full name": "name"}. '
    "All may be left out.",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say what would happen, save nobody.")
@in_app
def signatories(file: Path, slug: str, mapping: Path | None, dry_run: bool) -> None:
    """Check the whole list, then save who is new. Everybody is only counted, unless the mapping says more."""
    campaign, _is_former = campaign_by_slug(slug)
    if campaign is None or campaign.deleted_at is not None:
        raise Refusal(f"There is no campaign {slug}.")
    try:
        chosen = read_mapping(mapping.read_text(encoding="utf-8")) if mapping else Mapping()
    except (MappingError, UnicodeDecodeError) as error:
        raise Refusal(f"{mapping}: {error}") from None
    try:
        with transaction():
            row = service.begin(campaign, _pieces(file), appearance=Appearance.COUNTED, actor=None, now=clock.now())
            key = row.id
    except FileProblem as found:
        raise Refusal(str(PROBLEMS[found.problem])) from None
    try:
        _check(key, chosen)
        if not dry_run:
            with transaction():
                service.start(db.session.get_one(Import, key), now=clock.now())
            _until_done(key, ImportState.RUNNING)
    except (service.ImportingError, MappingError) as error:
        raise Refusal(str(error)) from None
    finally:
        _leave_nothing(key)
    row = db.session.get_one(Import, key)
    verb = "would be added" if dry_run else "added"
    click.echo(f"{row.new} {verb}, {row.here} here already, {row.refused} refused; {row.perhaps} perhaps here by name.")


def _check(key: int, chosen: Mapping) -> None:
    with transaction():
        row = db.session.get_one(Import, key)
        if row.problem:
            raise Refusal(str(PROBLEMS[Problem(row.problem)]))
        now = clock.now()
        if chosen.has_header not in (None, row.has_header):
            service.reshape(row, replace(service.shape(row), has_header=chosen.has_header), now=now)
        heading = service.first_rows(row, 1, now=now)[0] if row.has_header else []
        service.check(
            row,
            chosen.columns_of(row.columns, heading),
            order=chosen.day_order or row.day_order,
            appearance=chosen.appearance or row.appearance,
            kind=chosen.kind or row.kind,
            now=now,
        )
    _until_done(key, ImportState.CHECKING)
    row = db.session.get_one(Import, key)
    if row.problem:
        where = f" (row {row.problem_row})" if row.problem_row else ""
        raise Refusal(f"{PROBLEMS[Problem(row.problem)]}{where}")
    for number, _cells, why in queries.refusals(row, 20, now=clock.now()):
        click.echo(f"row {number}: {' '.join(why)}", err=True)


def _until_done(key: int, state: ImportState) -> None:
    """Work here; when a worker took it, wait for it."""
    while True:
        running.work()
        db.session.rollback()
        if db.session.get_one(Import, key).state is not state:
            return
        time.sleep(0.5)


def _leave_nothing(key: int) -> None:
    """A file that was not brought in is destroyed at once."""
    db.session.rollback()
    with transaction():
        row = db.session.get_one(Import, key)
        if row.state in (ImportState.DRAFT, ImportState.CHECKED):
            service.cancel(row, now=clock.now())
    forget_deleted()


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as opened:
        while some := opened.read(1_000_000):
            yield some
