"""Two organisers, two browsers, one campaign: nobody's words are lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support.happenings import Team

LETTER = "\n\n".join(f"This is paragraph {number} of what we ask of the company." for number in range(8))


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_two_people_edit_the_summary(
    signed_in_page: Callable[..., Page],
    app: Flask,
    live_server: Any,
    team: Team,
    axe: Callable[..., Any],
    scripts: bool,
) -> None:
    """“While I wrote, Bo saved. I took Bo's title and my summary, and saw in the summary what I would change.”"""
    ada, bo = (
        signed_in_page(account_id=team.ids[who], java_script_enabled=scripts, viewport={"width": 360, "height": 740})
        for who in ("editor", "lead")
    )
    address = f"{live_server.url}/campaigns/{team.slug}/edit"
    ada.goto(address)
    bo.goto(address)
    bo.fill("[name=title]", "Bo’s title")
    bo.fill("[name=summary]", LETTER)
    bo.click(".sheet button.btn-primary")
    expect(bo.locator("h1")).to_have_text("Bo’s title")

    ada.fill("[name=title]", "Ada’s title")
    ada.fill("[name=summary]", LETTER.replace("paragraph 4", "the fourth paragraph"))
    ada.click(".sheet button.btn-primary")
    expect(ada.get_by_role("alert")).to_contain_text("Somebody else saved this")
    expect(ada.locator(".conflict ins")).to_contain_text("the fourth")
    if scripts:
        assert axe(ada) == []
    ada.locator("fieldset[data-field=title]").get_by_label("Theirs").check()
    ada.locator("fieldset[data-field=summary]").get_by_label("Mine").check()
    ada.get_by_role("button", name="Save what I chose").click()

    expect(ada.locator("h1")).to_have_text("Bo’s title")
    expect(ada.locator("main")).to_contain_text("the fourth paragraph")
