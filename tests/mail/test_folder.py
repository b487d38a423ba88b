"""The folder of mails as pages: what goes to others than the team is contact data (safety.md, 5 and 7)."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient

from tests.signatures.signing import ADDRESS, open_letter, sign
from tests.support.accounts import SignedIn, code_of
from tests.support.mails import outbox
from tests.support.pages import Page, submit, visit
from tracker import clock
from tracker.accounts.models import AccessRecord, Reading, Role
from tracker.db import db
from tracker.mail.models import Email


@pytest.fixture
def where(app: Flask, client: FlaskClient) -> str:
    """Somebody signed: the page of the mail that asks them to confirm it."""
    open_letter(app)
    sign(client, app)
    with app.app_context():
        return f"/mail/{db.session.scalars(sa.select(Email.public_id)).one()}"


def gives_away(page: Page, app: Flask) -> bool:
    """Whether the receiver or the link of the mail is in a page."""
    return ADDRESS in page.html or outbox(app)[0].links["confirm"] in page.html


def test_a_signers_mail_takes_a_reason_and_leaves_a_record(
    app: Flask, where: str, signed_in: Callable[..., SignedIn]
) -> None:
    """Neither the list nor the mail's page says where it goes before somebody who may see contact data signed in again
    and said why; that is in the access record, and the frame opens for ten minutes, in that browser alone."""
    boss, other = (signed_in(Role.ADMINISTRATOR, may_see_contacts=True) for _one in range(2))
    listed = visit(boss, "/mail")
    assert "somebody outside the team" in listed.text and not gives_away(listed, app)
    assert not gives_away(visit(boss, where), app)
    for wrong in ({"reason": "", "code": code_of()}, {"reason": "A try.", "code": "000000"}):
        assert not gives_away(submit(boss, where, "main form", status=422, **wrong), app)
    assert boss.get(f"{where}/html").status_code == 404
    page = submit(boss, where, "main form", reason="A try.", code=code_of())
    assert gives_away(page, app)
    with app.app_context():
        record = db.session.scalars(sa.select(AccessRecord)).one()
        assert (record.reading, record.count, record.reason) == (Reading.VIEWED, 1, "A try.")
        assert record.account_id == boss.account_id
    assert boss.get(f"{where}/html").status_code == 200 and other.get(f"{where}/html").status_code == 404
    with time_machine.travel(clock.now().timestamp() + 660, tick=False):
        assert boss.get(f"{where}/html").status_code == 404
    assert not gives_away(visit(boss, where), app), "looked at again, it asks again"


def test_not_without_the_permission(app: Flask, where: str, signed_in: Callable[..., SignedIn]) -> None:
    """An administrator who may not see contact data reads who could allow it, and is refused."""
    boss = signed_in(Role.ADMINISTRATOR)
    page = visit(boss, where)
    assert "a permission of its own" in page.text and not page.has("main form") and not gives_away(page, app)
    assert boss.post(where, data={"reason": "A try.", "code": code_of()}).status_code == 403


def test_that_a_colleague_signed_is_nobodys_business(
    app: Flask, client: FlaskClient, signed_in: Callable[..., SignedIn]
) -> None:
    """An account's own address is shown where the mail is about the account; a confirmation of a signature hides it."""
    boss, colleague = signed_in(Role.ADMINISTRATOR, may_see_contacts=True), signed_in(Role.ORGANISER)
    open_letter(app)
    sign(client, app, email=colleague.email)
    assert colleague.email not in visit(boss, "/mail").html
    visit(app.test_client(), "/login/link", method="POST", data={"email": colleague.email})
    page = visit(boss, "/mail")
    assert [row.get_text().count(colleague.email) for row in page.select("main tbody tr")] == [1, 0]
