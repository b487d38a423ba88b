"""Whether DATA_KEY is the key of this instance. A wrong one must be said at the start, not at the first sealed name."""

from __future__ import annotations

import datetime as dt

import click

from tracker import clock
from tracker.instance import remember, setting
from tracker.operations import data_key_file
from tracker.operations.edge import Refusal, configuration, in_app
from tracker.sealing import keyring
from tracker.sealing.probe import PLACE as PLACE
from tracker.sealing.probe import PROBE as PROBE
from tracker.sealing.probe import PROBE_TEXT as PROBE_TEXT
from tracker.sealing.probe import WRONG as WRONG
from tracker.sealing.probe import wrapping_key_ids as wrapping_key_ids
from tracker.sealing.probe import wrong as wrong


def refuse_wrong(*, now: dt.datetime) -> None:
    """Raises Refusal when the key is not this instance's; seals the probe at the first start. Inside a transaction."""
    probe = setting(PROBE)
    if probe is None:
        remember(PROBE, keyring().seal(PROBE_TEXT, PLACE), now=now)
    if problem := wrong(probe):
        raise Refusal(problem)


@click.group("keys")
def command() -> None:
    """Look after DATA_KEY, the key that seals campaigns' keys, addresses and mails."""


@command.command("show")
@in_app
def show() -> None:
    """Say how many values each key of DATA_KEY seals."""
    from tracker.operations import rotation

    found = rotation.values_by_key()
    for key_id in keyring().key_ids:
        word = "seals now" if key_id == keyring().key_id else "only opens"
        click.echo(f"{key_id} ({word}): {found[key_id]} values")


@command.command("rotate")
def rotate() -> None:
    """Seal everything with a new key. May be interrupted and run again; everything stays readable throughout.

    With one key, kept in the instance folder, a new one is made first, while nothing runs. A DATA_KEY of your own you
    extend yourself: the new key first, a comma, the former one; restart everything, then run this.
    """
    settings = configuration()
    if len(settings.data_keys) == 1:
        data_key_file.add_key(settings)
        click.echo("A new key stands first in the file data_key of the instance folder. Copy it to your passwords.")
    _rotate_all()


@in_app
def _rotate_all() -> None:
    from tracker.operations import rotation

    done = rotation.rotate(now=clock.now())
    ring, left = keyring(), rotation.values_by_key()
    former = [one for one in ring.key_ids if one != ring.key_id]
    click.echo(f"{done.done} values were sealed anew; {sum(left[one] for one in former)} are left under a former key.")
    if done.closed:
        raise Refusal(f"{done.closed} values cannot be opened by any key and stay as they are.")
    click.echo(
        f"Keep {', '.join(former)} in DATA_KEY as long as you keep backups made before now: they open with it alone. "
        "Then `tracker keys drop`, or take it out of DATA_KEY yourself."
    )


@command.command("drop")
@in_app
def drop() -> None:
    """Forget all keys but the first, once nothing is sealed with them. Backups made under them stay closed."""
    from tracker.operations import rotation
    from tracker.settings import config

    left = rotation.values_by_key()
    former = [one for one in keyring().key_ids if one != keyring().key_id]
    if number := sum(left[one] for one in former):
        raise Refusal(f"{number} values are still under a former key; run `tracker keys rotate` first.")
    if not former:
        raise Refusal("There is only one key.")
    data_key_file.keep_first(config())
    click.echo("The former keys are out of the file data_key of the instance folder.")
