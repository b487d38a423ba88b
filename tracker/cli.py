"""`tracker …`: each command is a small file in tracker/operations, found by its name and loaded when it is called."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

import click

from tracker import __version__, operations

HERE = Path(operations.__file__).parent


class Commands(click.Group):
    """The modules of tracker/operations that have a `command`; loaded one at a time, so that `up` stays small."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every file that declares a command."""
        return sorted(path.stem for path in HERE.glob("*.py") if "\n@click." in path.read_text())

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The `command` of tracker/operations/NAME.py."""
        if name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f"tracker.operations.{name}").command
        return command


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="Undersigned", message="%(prog)s %(version)s")
@click.option("--instance", type=click.Path(path_type=Path), help="The instance folder, instead of TRACKER_INSTANCE.")
@click.pass_context
def main(ctx: click.Context, instance: Path | None) -> None:
    """Undersigned: a tracker for shareholder and employee campaigns. `tracker up` starts everything."""
    os.umask(0o077)  # databases, mail and logs are for the instance's own user alone
    ctx.obj = instance


if __name__ == "__main__":
    main(prog_name="tracker")
