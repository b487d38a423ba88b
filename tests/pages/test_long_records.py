"""What all campaigns share stays a page of reading however much there is: issue areas, and the changes below a form."""

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.support.campaigns import log
from tests.support.pages import submit, visit, words
from tracker import clock
from tracker.campaigns.models import Campaign, CampaignKind, Demand, Issue, Visibility
from tracker.companies.models import Company
from tracker.db import db, transaction
from tracker.timeline.models import Revision

MANY = 60


@pytest.fixture
def bearing(app: Flask, signed_in):
    """Many campaigns that bear one issue area, each with one demand."""
    client = signed_in()
    log(client, title="First")
    submit(client, "/campaigns/first/edit", issues="Oversight")
    with app.app_context(), transaction():
        issue, now = db.session.scalars(sa.select(Issue)).one(), clock.now()
        for number in range(MANY):
            at = now - dt.timedelta(days=number + 1)
            campaign = Campaign(
                slug=f"c-{number}", title=f"Campaign {number}", kind=CampaignKind.PUBLIC, visibility=Visibility.PUBLIC,
                link_token=f"t-{number}", is_protected=False, created_at=at, changed_at=at,
            )  # fmt: skip
            campaign.issues.append(issue)
            db.session.add(campaign)
            db.session.flush()
            db.session.add(Demand(campaign_id=campaign.id, position=1, words=f"Demand {number}", created_at=at))
    return client


def test_an_issue_area_that_many_bear(bearing) -> None:
    """Its campaigns and what they ask come by the page, each list turned by itself, and every one is on some page."""
    first = visit(bearing, "/issues/oversight")
    asked, titles = [], []
    for page in (first, *(visit(bearing, f"/issues/oversight?page={n}&asks={n}") for n in (2, 3))):
        asked += [words(one) for one in page.select("#asks tbody th")]
        titles += [words(one) for one in page.select("#campaigns h3")]
    assert len(first.select("#campaigns h3")) == 25 and len(first.select("#asks tbody th")) == 25
    assert len(titles) == len(set(titles)) == MANY + 1
    assert titles[0] == "First" and len(asked) == MANY + 2 and f"Demand {MANY - 1}" in asked
    assert first.select_one("#asks .pages a[rel=next]")["href"].endswith("asks=2#asks")
    assert f"{MANY + 2} unanswered" in " ".join(words(one) for one in first.select(".count-card"))


def test_a_list_of_many_issue_areas(app: Flask, signed_in) -> None:
    """Fifty stand on a page of the list, by name."""
    client = signed_in()
    with app.app_context(), transaction():
        for number in range(MANY):
            db.session.add(Issue(name=f"Area {number:02}", slug=f"area-{number}", is_open=True))
    assert len(visit(client, "/issues").select("main tbody tr")) == 50
    assert words(visit(client, "/issues?page=2").select("main tbody th")[-1]) == f"Area {MANY - 1:02}"


def test_a_record_changed_many_times(app: Flask, signed_in) -> None:
    """The changes below a form come by the page, the latest first; a refused form leads on to a page that opens."""
    client = signed_in()
    log(client)
    with app.app_context(), transaction():
        company = db.session.scalars(sa.select(Company)).one()
        for number in range(MANY):
            db.session.add(
                Revision(
                    record_type="company", record_id=company.id, field="sector", old_value=f"Before {number}",
                    new_value=f"After {number}", recorded_at=clock.now(),
                )
            )  # fmt: skip
    path = "/companies/amazon/edit"
    page = visit(client, path)
    assert len(page.select("#changes .revisions li")) == 25
    assert f"After {MANY - 1}" in words(page.select("#changes .revisions li")[0])
    refused = submit(client, path, "#names .form", status=422, name="")
    further = refused.select_one("#changes .pages a[rel=next]")["href"]
    assert further == f"{path}?changes=2#changes"
    last = visit(client, f"{path}?changes=3").select("#changes .revisions li")
    assert len(last) == MANY - 50 and "Before 0" in words(last[-1])
