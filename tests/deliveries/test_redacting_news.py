"""A name typed by mistake into news for signers alone is removed for good: from receipts, mails and restored copies."""

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.deliveries.test_delivering import HERE, leading, people
from tests.retention.test_traces import files_with
from tests.signatures.conftest import account, join
from tests.signatures.signing import lead, letter
from tests.support.accounts import SignedIn
from tests.support.pages import submit, visit
from tracker import clock
from tracker.accounts.models import Membership
from tracker.db import db, forget_deleted, transaction
from tracker.deliveries import sending, service
from tracker.deliveries.models import SignerUpdate
from tracker.digests import running
from tracker.mail.models import Email, EmailKind, EmailState
from tracker.operations import backup, keys, restore
from tracker.timeline.models import Redaction

WORDS = "We met Redactable Name"


def told(app: Flask, words: str = WORDS) -> str:
    """News that waits in the outbox; where its words are removed."""
    with app.app_context():
        with transaction():
            update = service.send_update(letter(), words, actor=lead(), now=clock.now())
        sending.work()
        return f"{HERE}/update/{db.session.merge(update).public_id}/redact"


def rows_with(words: str) -> list[str]:
    """The tables that hold them."""
    return [
        table.name
        for table in db.metadatas[None].sorted_tables
        for row in db.session.execute(sa.select(table))
        if words in repr(tuple(row))
    ]


@pytest.mark.each_database
def test_the_words_go_everywhere(
    app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn], instance: Path
) -> None:
    """From receipts, the team's page, rows, letters in the folder; what waited never leaves. The reason stays, and asks
    to be given. A copy of before that is restored has them destroyed again, also in its stored mails."""
    receipt = people(app, client)["named"]
    team = leading(app, signed_in)
    told(app, f"{WORDS}, once")
    with app.app_context():
        running.send(most=20)  # into the folder of mails
    told(app)
    with app.app_context():
        with transaction():
            keys.refuse_wrong(now=clock.now())
        backup.make(instance.parent / "b.backup", now=clock.now())
    assert visit(client, receipt).text.count("Redactable") == 2 and len(files_with(instance, ("Redactable",))) >= 2
    for _each in range(2):
        where = visit(team, HERE).select("#update a[href$=redact]")[0]["href"]
        assert "say why" in submit(team, str(where), "main form", reason="", status=422).text.casefold()
        submit(team, str(where), "main form", reason="It named somebody.")
    page = visit(team, HERE)
    assert page.text.count("Words removed: It named somebody.") == 2 and not page.has("#update a[href$=redact]")
    visit(team, str(where), status=404)

    def nothing_left() -> None:
        with app.app_context():
            assert rows_with("Redactable") == []
            mails = db.session.scalars(sa.select(Email).where(Email.kind == EmailKind.UPDATE).order_by(Email.id)).all()
            assert [mail.state for mail in mails] == [EmailState.SENT] * 2 + [EmailState.CANCELLED] * 2
            assert {mail.body.text_sealed for mail in mails} == {None}
            db.session.remove()
            forget_deleted()
        assert "Redactable" not in visit(client, receipt).html + visit(team, HERE).html

    nothing_left()
    assert files_with(instance, ("Redactable",)) == []
    with app.app_context():
        assert set(db.session.scalars(sa.select(Redaction.reason))) == {"It named somebody."}
        db.session.remove()
        restored = restore.restore(instance.parent / "b.backup", replace=True, without_keys=False)
        assert restored.redacted == 2
    client.get("/")
    nothing_left()


def test_who_may(app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]) -> None:
    """An editor who did not send it may not, and is offered nothing; news that stands in the history goes there."""
    people(app, client)
    where = told(app)
    with app.app_context():
        with transaction():
            editor = account("editor")
            join(letter(), (editor, Membership.EDITOR))
            service.send_update(
                letter(), "In the open", readers=service.usual_readers(letter()), actor=lead(), now=clock.now()
            )
        number = db.session.merge(editor).id
        told_in_history = db.session.scalars(sa.select(SignerUpdate).order_by(SignerUpdate.id.desc()).limit(1)).one()
        assert told_in_history.entry is not None
        entry, of_it = told_in_history.entry.public_id, told_in_history.public_id
    other = signed_in(account_id=number)
    visit(other, where, status=403)
    assert not visit(other, HERE).has("#update a[href$=redact]")
    team = leading(app, signed_in)
    links = [str(one["href"]) for one in visit(team, HERE).select("#update a[href$=redact]")]
    assert links == [f"/campaigns/letter/history/{entry}/redact", where]
    visit(team, where.replace(where.split("/")[-2], of_it), status=404)
