"""What waits for a decision stands on home, for those whose decision it is, until it is taken."""

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.conftest import MakeApp
from tests.support.accounts import make_account, sign_in
from tests.support.campaigns import log
from tests.support.pages import submit, visit
from tracker.accounts.models import Account, Invitation, Role
from tracker.campaigns.models import Campaign
from tracker.clock import now
from tracker.db import Precision, db, transaction
from tracker.mail.models import Email, EmailState
from tracker.outcomes.models import Commitment, Implementation
from tracker.outcomes.service import Promise, grade_commitment, record_commitment
from tracker.timeline.models import EntryKind, EntryVisibility
from tracker.timeline.service import Told, append_entry


def add(app: Flask, headline: str, *, by: int, at: dt.datetime, **columns: object) -> None:
    """An entry of the only campaign, recorded by somebody at a moment."""
    with app.app_context(), transaction():
        append_entry(
            campaign_id=db.session.scalars(sa.select(Campaign.id)).one(),
            kind=EntryKind.NOTE,
            headline=headline,
            occurred_on=dt.date(2026, 1, 1),
            actor=db.session.get_one(Account, by),
            now=at,
            **{"visibility": EntryVisibility.SIGNED_IN, **columns},
        )


def waiting(client) -> dict[str, str]:
    """What waits for a decision, with where it leads."""
    found = {}
    for row in visit(client, "/").select("#needs li"):
        if link := row.select_one(".due-what > a:not(.due-campaign)"):
            found[link.get_text(strip=True)] = str(link["href"])
    return found


def test_promises_and_openings_wait(app: Flask, signed_in) -> None:
    """An overdue promise waits until it is graded as kept; an entry that opens soon until it has; for those who work
    on the campaign alone."""
    client, other = signed_in(), signed_in()
    log(client, title="Letter", kind="public")
    today = now().date()
    with app.app_context(), transaction():
        campaign = db.session.scalars(sa.select(Campaign)).one()
        actor = db.session.get_one(Account, client.account_id)
        told = Told(occurred_on=dt.date(2025, 1, 1), visibility=EntryVisibility.SIGNED_IN)
        company = campaign.subjects[0].company
        for words, due, precision in (
            ("Overdue", dt.date(2025, 6, 1), Precision.MONTH),
            ("This year", dt.date(today.year, 1, 1), Precision.YEAR),
            ("Some day", None, None),
        ):
            promise = Promise(words, company=company, demand=None, due_on=due, due_precision=precision)
            commitment = record_commitment(campaign, promise, told, actor=actor, now=now())
            if words == "Overdue":
                number = commitment.id
    add(app, "Opens", by=client.account_id, at=now(), public_from=today + dt.timedelta(days=13))
    add(app, "Opens late", by=client.account_id, at=now(), public_from=today + dt.timedelta(days=30))
    found = waiting(client)
    assert list(found) == ["Overdue", "Opens"]
    assert waiting(other) == {}
    visit(client, found["Overdue"])
    with app.app_context(), transaction():
        grade_commitment(
            db.session.get_one(Commitment, number),
            Implementation.FULLY,
            told,
            actor=db.session.get_one(Account, client.account_id),
            now=now(),
        )
    assert list(waiting(client)) == ["Opens"]


def test_all_decided_waits_for_the_end(signed_in) -> None:
    """A live campaign of which everything is decided asks to be concluded; one with an open demand does not."""
    client = signed_in()
    log(client, title="Letter", kind="public", demands="One thing")
    submit(client, "/campaigns/letter/stage", to="gathering")
    assert waiting(client) == {}
    link = visit(client, "/campaigns/letter").select_one("a[href$='/outcomes/new'], .ask-menu a")
    form = visit(client, str(link["href"])).form("main form.form")
    client.post(str(link["href"]), data={**form, "status": "refused", "occurred_on": "2020", "no_evidence": "y"})
    assert list(waiting(client).values()) == ["/campaigns/letter/conclude"]


def test_administrators_decide_about_mail_and_invitations(app: Flask, signed_in) -> None:
    """Perhaps delivered mails and invitations that lapse wait for administrators alone."""
    administrator, organiser = signed_in(Role.ADMINISTRATOR), signed_in()
    log(administrator, title="Letter")
    submit(administrator, "/people/invite", email="new@example.org")
    assert waiting(administrator) == {}
    with app.app_context(), transaction():
        db.session.execute(sa.update(Email).values(state=EmailState.UNKNOWN))
        db.session.execute(sa.update(Invitation).values(expires_at=now() + dt.timedelta(hours=30)))
    assert waiting(administrator) == {
        "1 mail was perhaps delivered": "/mail",
        "new@example.org has not accepted the invitation": "/people",
    }
    assert waiting(organiser) == {}


@pytest.mark.parametrize("state", [EmailState.UNKNOWN, EmailState.FAILED])
def test_about_mail_also_where_a_server_takes_it(make_app: MakeApp, state: EmailState) -> None:
    """Where mails lie in no folder there is no list of all: it leads to the desk, and home opens."""
    app = make_app(MAIL_URL="smtp://127.0.0.1:9", MAIL_ALLOW="*")
    administrator = app.test_client()
    sign_in(administrator, make_account(app, Role.ADMINISTRATOR))
    submit(administrator, "/people/invite", email="new@example.org")
    with app.app_context(), transaction():
        db.session.execute(sa.update(Email).values(state=state, settled_at=now()))
    assert list(waiting(administrator).values()) == ["/digests/desk"]
