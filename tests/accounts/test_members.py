"""Who belongs to a campaign."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support.accounts import PASSWORD, SignedIn, make_account, make_member
from tests.support.mails import outbox
from tests.support.pages import visit
from tracker.accounts.models import Invitation, Membership, Role
from tracker.campaigns.models import Campaign, CampaignKind, Visibility
from tracker.clock import now
from tracker.db import db, transaction


def campaign_with_members(app: Flask, *accounts: int) -> str:
    """The address of a members-only campaign's list of members."""
    with app.app_context(), transaction():
        campaign = Campaign(
            slug="we-wont-build-it",
            title="We won’t build it",
            kind=CampaignKind.EMPLOYEE,
            visibility=Visibility.MEMBERS,
            link_token="link",
            is_protected=True,
            created_at=now(),
            changed_at=now(),
        )
        db.session.add(campaign)
        db.session.flush()
        number = campaign.id
    for account in accounts:
        make_member(app, number, account, Membership.EDITOR)
    return "/campaigns/we-wont-build-it/members"


@pytest.mark.each_database
def test_lead_takes_in_changes_and_lets_go(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """Somebody taken in can read at once, edits when made an editor, and loses the campaign when let go."""
    administrator = signed_in(Role.ADMINISTRATOR)
    bo = signed_in(Role.ORGANISER, email="bo@example.org", name="Bo", public_id="bobobobobobobobo")
    path = campaign_with_members(app)
    assert bo.get(path).status_code == 404
    page = visit(administrator, path, method="POST", data={"email": "Bo@example.org", "membership": "reader"})
    assert "Bo" in page.select_one("tbody th").get_text()
    assert visit(bo, path).has("tbody") and not visit(bo, path).has("form[action$=members]")
    assert bo.post(path, data={"email": "x@example.org", "membership": "lead"}).status_code == 403
    administrator.post(f"{path}/bobobobobobobobo", data={"membership": "lead"})
    assert visit(bo, path).has("main form")
    administrator.post(f"{path}/bobobobobobobobo/remove")
    assert bo.get(path).status_code == 404


def test_an_invitation_of_an_administrator_keeps_its_role(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """Taking somebody invited already into a campaign neither lowers nor raises the role that was offered."""
    lead = signed_in(Role.ADMINISTRATOR)
    path = campaign_with_members(app, lead.account_id)
    lead.post("/people/invite", data={"email": "new@example.org", "role": "organiser", "name": "New"})
    for email in ("New@example.org", "other@example.org"):
        visit(lead, path, method="POST", data={"email": email, "membership": "editor"})
    with app.app_context():
        open_ = sa.select(Invitation.email, Invitation.role).where(Invitation.revoked_at.is_(None))
        assert dict(db.session.execute(open_).all()) == {
            "new@example.org": Role.ORGANISER,
            "other@example.org": Role.VIEWER,
        }


def test_stranger_is_invited_to_the_campaign(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """An address without an account gets an invitation that names the campaign, and belongs to it by accepting."""
    lead = signed_in(Role.ADMINISTRATOR, name="Ada")
    path = campaign_with_members(app, lead.account_id)
    data = {"email": "new@example.org", "membership": "editor"}
    assert "new@example.org" in visit(lead, path, method="POST", data=data).text
    mail = outbox(app, "new@example.org")[0]
    assert "Ada invites you to the campaign “We won’t build it”" in mail.text
    client = app.test_client()
    client.post(mail.path("accept"), data={"name": "Newt", "password": PASSWORD, "zone": "UTC"})
    assert "Newt" in visit(client, path).text


def test_member_is_not_taken_in_twice(app: Flask, signed_in: Callable[..., SignedIn]) -> None:
    """Taking in a member, or somebody disabled, is refused beside the field; nothing typed is lost."""
    lead = signed_in(Role.ADMINISTRATOR, email="ada@example.org")
    make_account(app, email="gone@example.org", active=False)
    path = campaign_with_members(app, lead.account_id)
    for email, words in (("ada@example.org", "belong to this campaign already"), ("gone@example.org", "disabled")):
        page = visit(lead, path, method="POST", data={"email": email, "membership": "lead"}, status=422)
        assert words in page.select_one("#email-error").get_text()
        assert page.form("#take-in form")["membership"] == "lead"
