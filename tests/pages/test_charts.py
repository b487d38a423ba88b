"""A chart is the picture of the tables beside it: there without JavaScript, and no more than the reader may see."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Page as BrowserPage

from tests.support.campaigns import log
from tests.support.pages import Page, submit, visit
from tracker.accounts.models import Role
from tracker.campaigns.models import Campaign
from tracker.clock import now
from tracker.db import db, new_public_id, transaction
from tracker.operations.demo import load
from tracker.signatures.models import Provenance, Signatory, SignatoryKind, Signature, SignatureStatus

HERE = "/campaigns/open-letter"
SCRIPT = "script[src*='chart.umd']"


def report(client, size: str, qualifier: str, as_of: str, **more: str) -> None:
    fields = {"value": size, "qualifier": qualifier, "population": "employees", "occurred_on": as_of, **more}
    submit(client, HERE + "/sizes/new", **{"source-citation": "A newspaper", **fields})


def sign(app: Flask, numbers: list[int]) -> None:
    """So many sign on each day, the last of them yesterday."""
    with app.app_context(), transaction():
        campaign = db.session.scalars(sa.select(Campaign)).one()
        for back, number in enumerate(reversed(numbers), start=1):
            at = now() - dt.timedelta(days=back)
            for _one in range(number):
                signatory = Signatory(
                    campaign_id=campaign.id, kind=SignatoryKind.PERSON, public_id=new_public_id(), created_at=at
                )
                db.session.add(signatory)
                db.session.flush()
                db.session.add(
                    Signature(
                        campaign_id=campaign.id,
                        signatory_id=signatory.id,
                        status=SignatureStatus.CONFIRMED,
                        provenance=Provenance.SIGNER,
                        appearance="counted",
                        recorded_at=at,
                        confirmed_at=at,
                    )
                )


def line(page: Page) -> list[int]:
    return [int(str(data["value"])) for data in page.select("table[data-chart=line] data")]


def points(page: Page) -> list[tuple[str, str, str]]:
    return [
        (str(row.select_one("time")["datetime"]), str(row.select_one("data")["value"]), str(row["data-mark"]))  # type: ignore[index]
        for row in page.select("table[data-chart=points] tr[data-series]")
    ]


def test_sizes_keep_qualifier_and_precision(app: Flask, signed_in) -> None:
    """What was reported stands with its words and no more exact than it is known; one number alone is no chart."""
    client = signed_in()
    log(client, title="Open letter", kind="public")
    assert not visit(client, HERE).has("canvas")
    report(client, "450", "more_than", "October 2018")
    assert not visit(client, HERE).has(SCRIPT)
    report(client, "500", "about", "2019")
    page = visit(client, HERE)
    assert points(page) == [("2018-10", "450", "more_than"), ("2019", "500", "about")]
    assert "more than 450" in page.select_one("table[data-chart=points]").get_text()
    canvas = page.select_one("canvas")
    words = page.select_one(f"#{canvas['aria-describedby']}").get_text()
    assert "more than 450 employees, October 2018; about 500 employees, 2019" in words
    assert page.has(SCRIPT)


def test_the_team_sees_each_day(app: Flask, signed_in) -> None:
    """Inside the team the line has every day; a viewer, who is not of the team, and the public read steps of ten."""
    lead, viewer = signed_in(), signed_in(Role.VIEWER)
    log(lead, title="Open letter", kind="public")
    sign(app, [3, 4, 5, 12, 1, 11])
    submit(lead, HERE + "/visibility", visibility="public")
    assert line(visit(lead, HERE)) == [3, 7, 12, 24, 25, 36]
    for page in (visit(viewer, HERE), visit(app.test_client(), "/c/open-letter")):
        assert line(page) == [12, 24, 36]
        assert "fewer than ten are not shown apart" in page.text


def test_a_small_group_is_not_drawn_outside_the_team(app: Flask, signed_in) -> None:
    """Nine who signed over three days: the team sees the days, outside there is no line at all."""
    lead = signed_in()
    log(lead, title="Open letter", kind="public")
    sign(app, [2, 3, 4])
    submit(lead, HERE + "/visibility", visibility="public")
    assert line(visit(lead, HERE)) == [2, 5, 9]
    page = visit(app.test_client(), "/c/open-letter")
    assert not page.has("canvas")
    assert "9" in page.select_one(".public-size").get_text()


def test_a_page_by_link_draws_nothing(app: Flask, signed_in) -> None:
    """By link one reads the letter and how many signed, not when."""
    lead = signed_in()
    log(lead, title="Open letter", kind="employee")
    sign(app, [30, 30])
    page = visit(lead, HERE)
    link = str(page.select_one("input[readonly]")["value"])
    assert line(page) == [30, 60]
    assert not visit(app.test_client(), "/" + link.split("/", 3)[3]).has("canvas")


def test_a_size_for_members_is_no_point_for_others(app: Flask, signed_in) -> None:
    """A claim that others may not read is neither in their table nor in the words of the chart."""
    lead, other = signed_in(), signed_in()
    log(lead, title="Open letter", kind="public")
    report(lead, "100", "exactly", "May 2018")
    report(lead, "450", "exactly", "June 2018")
    report(lead, "777", "exactly", "July 2018", visibility="members")
    assert len(points(visit(lead, HERE))) == 3
    page = visit(other, HERE)
    assert [value for _on, value, _mark in points(page)] == ["100", "450"]
    assert "777" not in page.html


def test_votes_by_denominator(app: Flask, signed_in) -> None:
    """Each published percentage of one vote is a mark of its own denominator; the tiers stand with their rule."""
    with app.app_context(), transaction():
        load(now=now())
    page = visit(signed_in(), "/companies/amazon")
    of_2019 = {
        str(row["data-series"]): str(row.select_one("data")["value"])  # type: ignore[index]
        for row in page.select("#votes tr[data-series]")
        if row.select_one("time")["datetime"] == "2019-05-22" and "study" in str(row["data-note"])  # type: ignore[index]
    }
    assert of_2019 == {
        "with abstentions counted as against": "27.500",
        "of for and against, as the SEC counts": "28.220",
        "of independent shares, without insiders": "37.000",
    }
    tiers = page.select_one("table[data-chart=steps]")
    assert [str(data["value"]) for data in tiers.select("data")] == ["3", "5", "6", "15", "10", "25"]
    assert "14a-8(i)(12)" in tiers.get_text()
    assert "Not legal advice" in tiers.get_text()


def colours(page: BrowserPage) -> set[str]:
    """What the canvas is drawn with: the colours of its marks."""
    return set(
        page.evaluate(
            """() => { const c = Chart.getChart(document.querySelector('canvas'));
            return c.data.datasets.map(d => d.borderColor).concat(c.options.scales.x.ticks.color); }"""
        )
    )


def test_drawn_in_both_themes(app: Flask, signed_in_page, axe) -> None:
    """The chart takes the theme's colours, changes them with the switch, is light on paper, and never moves."""
    with app.app_context(), transaction():
        load(now=now())
    page: BrowserPage = signed_in_page(color_scheme="light")
    page.goto("/companies/amazon")
    page.wait_for_selector(".chart-drawn")
    light = colours(page)
    assert "#1f4287" in light
    assert axe(page) == []
    page.get_by_role("button", name="Dark page").click()
    page.wait_for_selector("html[data-bs-theme=dark]")
    # Buttons take their colours in a moment of transition, on a busy machine a long one.
    page.evaluate("Promise.allSettled(document.getAnimations().map(one => one.finished))")
    dark = colours(page)
    assert "#a8c0f4" in dark
    assert not light & dark
    assert axe(page) == []
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert colours(page) == light
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert colours(page) == dark
    drawn = page.evaluate(
        "Chart.getChart(document.querySelector('canvas')).data.datasets.map(d => [d.as, d.data.length])"
    )
    marks = sum(number for kind, number in drawn if kind == "points")
    assert marks == page.locator("#votes tr[data-series]").count()
    assert page.evaluate("Chart.getChart(document.querySelector('canvas')).options.animation") is False
    image = page.get_by_role("img", name="Votes FOR over the years")
    assert "as the SEC counts: 28.22" in page.locator(f"#{image.get_attribute('aria-describedby')}").inner_text()


def test_the_table_without_a_script(app: Flask, signed_in_page) -> None:
    """Without JavaScript there is no empty box, and every number is there."""
    with app.app_context(), transaction():
        load(now=now())
    page: BrowserPage = signed_in_page(java_script_enabled=False)
    page.goto("/campaigns/we-wont-build-it")
    assert page.locator(".chart-box").is_hidden()
    assert "more than 450" in page.locator("table[data-chart=points]").inner_text()
