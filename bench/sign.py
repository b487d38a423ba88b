"""How many people can sign in a second, and does it matter how many signed before?"""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench.room.answer import Answer, Limit, Table
from bench.room.bare_forms import BARE, BARER
from bench.room.crowd import crowd
from bench.room.databases import KINDS, Databases, Instance, dispose, on
from bench.room.server import ROOT
from bench.room.signers import typed
from bench.room.world import Size, fill
from tests.support.processes import answers, start, stop, wait_until
from tests.support.valkey import Valkey
from tracker import clock
from tracker.accounts.models import Account
from tracker.campaigns.models import Campaign, Visibility
from tracker.db import db, transaction
from tracker.mail.models import Email
from tracker.sealing import campaign_keys
from tracker.signatures import queries, receipts, service
from tracker.signatures.models import Signatory, Signature
from tracker.signatures.signings import SigningRequest

MANY = 1_000_000
CONNECTIONS, SECONDS, SLICES = 8, 60.0, 4
WARM, QUICK_WARM = 1.5, 0.2
AT_ONCE, CONFIRMED = 50, 50
REACH, GROWN = 0.5, 1.2

WORDS = f"""
{CONNECTIONS} connections sign for {SECONDS:.0f} s, in {SLICES} slices by turns with the bare forms: each opens the page
of the form, takes its token, sends it filled in with an address of its own, and is answered when the sealed request and
the sealed mail to that address are committed. A form may be sent as soon as it was opened, which is otherwise refused.
The mails are not sent. Server, database, Valkey and the eight who sign share the machine's cores.

*Bare* is a Flask app in the same process behind the same gunicorn (one worker, eight threads), pool and database: a
form of the same fields by Flask-WTF, drawn by a template of a few lines, with a token in page and session that is
checked when it is sent; it inserts the same three rows (request, words of the mail, mail) with all their columns, in
one transaction, ready-made and as long as ours. It seals nothing, renders no mail, and looks nothing up. *Barer* does
not even draw its page: three lines that stand in the code, no token, no form library, and a look at two fields; it
decides nothing. All count each post against a limit in the same Valkey, raised so that it refuses nobody. Bare has
half of the time, barer a quarter.

*Signed before* is how many signatories the campaign has. Afterwards there must be exactly one request and one mail for
each form that was taken; {CONFIRMED} are confirmed with their buttons and must be exactly so many more signatures; and
{AT_ONCE} equal forms sent at once must be one request with one mail.
"""
COLUMNS = ("", "signed before", "a second", "to bare", "median ms", "p95 ms", "forms taken")


@dataclass
class Signed:
    """How one side did, over all its slices."""

    taken: int = 0
    seconds: float = 0.0
    median: float = 0.0
    p95: float = 0.0  # of the worst slice

    @property
    def rate(self) -> float:
        """Signatures a second."""
        return self.taken / self.seconds

    def add(self, said: dict[str, Any]) -> None:
        """One more slice."""
        self.taken += said["taken"]
        self.seconds += said["seconds"]
        self.median, self.p95 = max(self.median, said["median"]), max(self.p95, said["p95"])


def run(*, quick: bool = False, kinds: Iterable[str] = tuple(KINDS)) -> Answer:
    """Each kind of database, with nobody and with many there before."""
    many, seconds, slices, warm = (2_000, 0.8, 1, QUICK_WARM) if quick else (MANY, SECONDS, SLICES, WARM)
    tables, limits = [], []
    for kind in kinds:
        name = KINDS[kind]
        with on(kind) as databases:
            found = measure(databases, many, seconds=seconds, slices=slices, warm=warm)
        bare = found["bare", 0]
        rows = [_row(side, before, signed, bare) for (side, before), signed in found.items()]
        for before in (0, many):
            ratio = found["ours", before].rate / bare.rate
            limits.append(Limit(f"{name}, {before:,} before, to bare:", ratio, REACH, at_least=True))
        grown = found["ours", 0].rate / found["ours", many].rate
        limits.append(Limit(f"{name}, a second with nobody before to {many:,}:", grown, GROWN))
        tables.append(Table(COLUMNS, rows, f"### {name}"))
    return Answer("How many people can sign in a second?", WORDS, tables, limits)


def _row(side: str, before: int, signed: Signed, bare: Signed) -> tuple[str, ...]:
    return (
        side, f"{before:,}", f"{signed.rate:.1f}", f"{signed.rate / bare.rate:.2f}", f"{1000 * signed.median:.0f}",
        f"{1000 * signed.p95:.0f}", f"{signed.taken:,}",
    )  # fmt: skip


def measure(
    databases: Databases, many: int, *, seconds: float, slices: int, warm: float
) -> dict[tuple[str, int], Signed]:
    """Sign where nobody and where many signed before, by turns with the bare forms."""
    with ExitStack() as ends:
        valkey = Valkey()
        ends.callback(valkey.close)
        none, crowded = (Place(databases, size, valkey.url) for size in (0, many))
        ends.callback(none.close)
        ends.callback(crowded.close)
        sides = {("ours", 0): (none, none.path, 1.0), ("ours", many): (crowded, crowded.path, 1.0)}
        sides |= {("bare", 0): (none, none.bare, 0.5), ("barer", 0): (none, none.barer, 0.25)}
        found = {side: Signed() for side in sides}
        none.warm_up(warm)
        crowded.warm_up(warm)
        for number in range(slices):
            for side, (place, path, share) in sides.items():
                found[side].add(place.signed(path, share * seconds / slices, number))
        none.check(found["ours", 0].taken, found["bare", 0].taken + found["barer", 0].taken)
        crowded.check(found["ours", many].taken, 0)
        return found


class Place:
    """An instance with a campaign that is open for signing, and its server."""

    def __init__(self, databases: Databases, before: int, valkey: str) -> None:
        self.instance: Instance = databases.instance()
        self.instance.environ["REDIS_URL"] = valkey
        self._app = self.instance.app()
        with self._app.app_context():
            filled = fill(Size(campaigns=2, entries=1, signatures=1))
            with transaction():
                campaign = db.session.scalars(sa.select(Campaign).where(Campaign.slug == filled.slug)).one()
                campaign.visibility = Visibility.PUBLIC
                self._campaign_id, self.path = campaign.id, f"/c/{campaign.slug}/sign"
                service.open_signing(campaign, actor=db.session.get_one(Account, filled.account_id), now=clock.now())
                self._empty(campaign.id)
            crowd(self._campaign_id, before)
            dispose()
        self.bare, self.barer = f"{BARE}/{self._campaign_id}", f"{BARER}/{self._campaign_id}"
        self.before, self._warm = before, 0
        self.port = int(self.instance.environ["PORT"])
        self._log = Path(tempfile.mkstemp(prefix="bench-server-")[1])
        self._process = start(
            [sys.executable, "-m", "bench.room.signing"], log=self._log, cwd=ROOT, env=self.instance.environ
        )
        wait_until(lambda: answers(self.port), "the server to answer", seconds=120)

    @staticmethod
    def _empty(campaign_id: int) -> None:
        for model in (Signature, Signatory):
            db.session.execute(sa.delete(model).where(model.campaign_id == campaign_id))

    def close(self) -> None:
        """Stop the server."""
        stop(self._process)
        self._log.unlink(missing_ok=True)

    def signed(self, path: str, seconds: float, turn: int) -> dict[str, Any]:
        """What the eight say who signed here for so long."""
        first = (turn + 2) * 100_000_000 + {self.path: 0, self.bare: 30_000_000, self.barer: 60_000_000}[path]
        done = subprocess.run(
            [sys.executable, "-m", "bench.room.signers", *map(str, (self.port, path, seconds, CONNECTIONS, first))],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{done.stderr}\n{self._log.read_text()[-3000:]}")
        said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return said

    def warm_up(self, seconds: float) -> None:
        """Templates are compiled and connections opened before anybody is measured."""
        for path in (self.path, self.bare, self.barer):
            self._warm += int(self.signed(path, seconds, -1)["taken"])

    def check(self, ours: int, bare: int) -> None:
        """Raise AssertionError unless every form that was taken left exactly what it should."""
        with self._app.app_context():
            taken = ours + bare + self._warm
            assert self._requests() == (taken, taken), "a form was taken and left no row, or two"
            assert self._here() == self.before
        self._all_at_once()
        with self._app.app_context():
            assert self._requests() == (taken + 1, taken + 1), "equal forms made more than one row"
            links = self._links(min(CONFIRMED, ours))
            dispose()
        for link in links:
            status, _page = self._ask("POST", link, b"")
            assert status == http.client.SEE_OTHER, f"a confirmation was answered {status}"
        with self._app.app_context():
            assert self._here() == self.before + len(links), "the count is not exact"
            dispose()

    def _requests(self) -> tuple[int, int]:
        db.session.rollback()
        numbers = [
            db.session.scalar(sa.select(sa.func.count()).select_from(model)) for model in (SigningRequest, Email)
        ]
        return numbers[0] or 0, numbers[1] or 0

    def _here(self) -> int:
        db.session.rollback()
        return queries.counts(db.session.get_one(Campaign, self._campaign_id)).here

    def _links(self, number: int) -> list[str]:
        campaign = db.session.get_one(Campaign, self._campaign_id)
        keys = campaign_keys(campaign.public_id, now=clock.now())
        of_ours = sa.select(SigningRequest).where(sa.func.length(SigningRequest.digest) == 64).limit(number)
        return [f"/sign/{receipts.token(one.public_id, receipts.CONFIRM, keys)}" for one in db.session.scalars(of_ours)]

    def _all_at_once(self) -> None:
        form = typed(999, self._ask("GET", self.path, b"")[1])
        statuses: list[int] = []
        threads = [
            threading.Thread(target=lambda: statuses.append(self._ask("POST", self.path, form)[0]))
            for _each in range(AT_ONCE)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [http.client.SEE_OTHER] * AT_ONCE, f"equal forms were answered {sorted(statuses)}"

    def _ask(self, method: str, path: str, form: bytes) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept-Encoding": "identity"}
        connection.request(method, path, form, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        connection.close()
        return answer.status, page
