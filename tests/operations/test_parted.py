"""Who was parted from somebody that erased themselves counts no more, in a restored older copy either."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.signing import letter
from tests.signatures.test_same import both_ways
from tests.support.pages import submit
from tracker import clock
from tracker.db import db, transaction
from tracker.operations import backup, keys, restore
from tracker.signatures.models import Signatory, Signature
from tracker.signatures.queries import counts


@pytest.mark.parametrize("knows", [True, False], ids=["in place", "where only the keys know"])
def test_parted_by_an_erasure_stays_so(app: Flask, client: FlaskClient, tmp_path: Path, knows: bool) -> None:
    """Found to be one, then one of them erased: from a copy of before, neither counts. Signed again since, the other
    one does, from a copy of after."""
    by_mail, by_slip, _receipt = both_ways(app, client)
    with app.app_context():
        with transaction():
            keys.refuse_wrong(now=clock.now())
        backup.make(tmp_path / "before.backup", now=clock.now())
    submit(client, by_slip, "form[action$=erase]", sure="y")
    with app.app_context():
        backup.make(tmp_path / "erased.backup", now=clock.now())
        assert (counts(letter()).here, counts(letter()).withdrawn) == (0, 1)
        restored(tmp_path / "before.backup", knows)
        assert (counts(letter()).here, counts(letter()).withdrawn) == (0, 1)
        restored(tmp_path / "erased.backup", knows)
    submit(client, by_mail, "form[action$=again]", consent="y")
    with app.app_context():
        assert counts(letter()).here == 1
        backup.make(tmp_path / "after.backup", now=clock.now())
        restored(tmp_path / "after.backup", knows)
        assert counts(letter()).here == 1


def restored(file: Path, knows: bool) -> None:
    """Restore it over what is here; unless the instance `knows`, nothing but the store of keys was left here."""
    if not knows:
        with transaction():
            db.session.execute(sa.update(Signatory).values(merged_into_id=None))
            for model in (Signature, Signatory):
                db.session.execute(sa.delete(model))
    db.session.remove()
    restore.restore(file, replace=True, without_keys=False)
