"""Issue areas: named on campaigns, described, renamed, merged, removed; there for who may read a campaign on one."""

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support.accounts import make_account
from tests.support.campaigns import log
from tests.support.pages import Page, submit, visit
from tracker import clock
from tracker.accounts.models import Account, Role
from tracker.campaigns.issue_merges import IssueMerge
from tracker.campaigns.issues import campaigns_bearing, visible_issues
from tracker.campaigns.models import Campaign, CampaignKind, Issue, Visibility, campaign_issue
from tracker.campaigns.service import CampaignError, merge_issues, set_issues, undo_issue_merge
from tracker.db import db, transaction

HERE = "/issues/facial-recognition"


@pytest.fixture
def client(signed_in):
    """An organiser with two campaigns, one of them on facial recognition."""
    made = signed_in()
    log(made, title="Rekognition", kind="shareholder", company="Amazon", demands="Stop the sale\nStudy it")
    log(made, title="Hidden letter", kind="employee", company="Amazon", demands="Stop it")
    submit(made, "/campaigns/rekognition/edit", issues="Facial recognition")
    return made


def names(page: Page) -> list[str]:
    """The issue areas of the list."""
    return [one.get_text(strip=True) for one in page.select("main table th[scope=row]")]


def test_a_page_each(client) -> None:
    """A word on a campaign has a page: the campaign, what it asks, whom, and what came of it."""
    page = visit(client, HERE)
    assert page.heading == "Facial recognition"
    assert [card.get_text(" ", strip=True) for card in page.select(".count-card")] == [
        "0 won, wholly or in part",
        "0 refused or taken back",
        "2 unanswered",
    ]
    assert page.link("Rekognition") == "/campaigns/rekognition"
    assert page.select_one("#asked a")["href"] == "/companies/amazon"
    assert "The campaign “Rekognition” began" in page.select_one("#changes").get_text()
    assert names(visit(client, "/issues")) == ["Facial recognition"]
    assert visit(client, "/campaigns/rekognition").link("Facial recognition") == HERE


def test_described_and_renamed(client) -> None:
    """Its description and name are kept with who changed them; the former address and name still mean it."""
    submit(client, f"{HERE}/edit", description="Machines that *recognise* faces.")
    page = submit(client, f"{HERE}/edit", name="Face surveillance")
    assert page.heading == "Face surveillance"
    assert "Machines that recognise faces." in page.text
    assert page.response.request.path == "/issues/face-surveillance"
    assert visit(client, HERE).heading == "Face surveillance"
    submit(client, "/campaigns/hidden-letter/edit", issues="facial recognition")
    assert visit(client, "/campaigns/hidden-letter").link("Face surveillance") == "/issues/face-surveillance"
    changes = visit(client, "/issues/face-surveillance/edit").select_one("#changes").get_text(" ", strip=True)
    assert "Facial recognition → Face surveillance" in changes


def test_two_at_once(client) -> None:
    """Who saves second sees both versions instead of overwriting the first."""
    mine = visit(client, f"{HERE}/edit").form()
    submit(client, f"{HERE}/edit", description="Mine")
    page = visit(client, f"{HERE}/edit", method="POST", data={**mine, "description": "Theirs"}, status=409)
    assert "Mine" in page.text


def test_a_page_before_any_campaign(client, signed_in) -> None:
    """One that an organiser adds is there for everybody with an account, and teaches how a campaign gets onto it."""
    page = submit(client, "/issues/new", name="Immigration", description="")
    assert "No campaign bears it yet" in page.text
    viewer = signed_in(Role.VIEWER)
    assert visit(viewer, "/issues/immigration").heading == "Immigration"
    visit(viewer, "/issues/new", status=403)
    visit(viewer, "/issues/immigration/edit", status=403)


def test_not_there_for_who_may_read_no_campaign_on_it(client, signed_in) -> None:
    """A word on hidden campaigns alone is unknown to others: no page, no list, no suggestion, no name taken."""
    submit(client, "/campaigns/hidden-letter/edit", issues="Union drive")
    other = signed_in()
    for path in ("/issues/union-drive", "/issues/union-drive/edit"):
        visit(other, path, status=404)
    assert "Union drive" not in visit(other, "/issues").text
    assert "Union drive" not in other.get("/issues/suggest?q=uni").text
    assert "Union drive" in client.get("/issues/suggest?q=uni").text
    page = submit(other, "/issues/new", name="Union drive")
    assert page.heading == "Union drive"
    assert "Hidden letter" not in page.text


def test_merged_and_undone_by_its_page(client, signed_in) -> None:
    """Two names become one: the campaigns bear the other, the address leads there; undone, all is as before."""
    submit(client, "/campaigns/hidden-letter/edit", issues="Face surveillance")
    page = submit(client, f"{HERE}/edit", css=f"form[action$='{HERE}/merge']", other="Face surveillance")
    assert page.heading == "Face surveillance"
    assert {"Rekognition", "Hidden letter"} <= {one.get_text(strip=True) for one in page.select("#campaigns h3")}
    assert client.get(HERE).headers["Location"] == "/issues/face-surveillance"
    assert names(visit(client, "/issues")) == ["Face surveillance"]
    page = submit(client, "/issues/face-surveillance/edit", css="#merge form.confirm-panel")
    assert page.heading == "Facial recognition"
    assert [one.get_text(strip=True) for one in page.select("#campaigns h3")] == ["Rekognition"]
    refused = submit(client, f"{HERE}/edit", css=f"form[action$='{HERE}/merge']", other="Nothing", status=422)
    assert "No issue area has this name." in refused.text


def test_removed_and_put_back(client) -> None:
    """In the bin its page ends and campaigns do not show it; put back, they bear it as before."""
    page = submit(client, f"{HERE}/edit", css=f"form[action$='{HERE}/remove']")
    assert "In the bin" in page.text
    visit(client, HERE, status=404)
    assert "Facial recognition" not in visit(client, "/campaigns/rekognition").text
    submit(client, "/campaigns/rekognition/edit", summary="Something else")
    page = submit(client, "/issues", css="#removed form")
    assert page.heading == "Facial recognition"
    assert visit(client, "/campaigns/rekognition").link("Facial recognition") == HERE


def test_followed(client) -> None:
    """Who follows it reads so among what they follow, and on its campaigns."""
    page = submit(client, HERE, css="main .page-header form")
    assert "Stop following" in page.text
    assert "Every campaign on Facial recognition" in visit(client, "/digests").text
    assert "You follow its issue area." in visit(client, "/campaigns/rekognition").text
    page = submit(client, HERE, css="main .page-header form")
    assert "You will hear no more about it." in visit(client, HERE).text or "Follow" in page.text


@pytest.mark.each_database
def test_merging_is_undone_exactly(app: Flask) -> None:
    """The ledger restores which campaign bore which, also the one that bore both; what was taken off stays off."""
    number = make_account(app, Role.ORGANISER)
    with app.app_context():
        now = clock.now()
        with transaction():
            actor = db.session.get_one(Account, number)
            for title, words in (("A", ["One"]), ("B", ["One", "Two"]), ("C", ["Two"]), ("D", ["One"])):
                one = Campaign(
                    slug=title, title=title, kind=CampaignKind.PUBLIC, visibility=Visibility.SIGNED_IN,
                    link_token=title, is_protected=False, created_at=now, changed_at=now,
                )  # fmt: skip
                db.session.add(one)
                db.session.flush()
                set_issues(one, words, actor=actor, now=now)

        def borne() -> list[tuple[int, int]]:
            db.session.rollback()
            return [tuple(row) for row in db.session.execute(sa.select(campaign_issue).order_by(*campaign_issue.c))]

        def get(name: str) -> Issue:
            return db.session.scalars(sa.select(Issue).where(Issue.name == name)).one()

        def me() -> Account:
            return db.session.get_one(Account, number)

        before = borne()
        with transaction():
            merge_issues(get("One"), get("Two"), actor=me(), now=now)
        assert {issue for _campaign, issue in borne()} == {get("Two").id}
        assert [issue.name for issue in db.session.scalars(visible_issues(me()))] == ["Two"]
        assert len(campaigns_bearing([get("Two")], me())[get("Two").id]) == 4
        with pytest.raises(CampaignError, match="already"), transaction():
            merge_issues(get("One"), get("Two"), actor=me(), now=now)
        with transaction():
            undo_issue_merge(db.session.scalars(sa.select(IssueMerge)).one(), actor=me(), now=now)
        assert borne() == before
