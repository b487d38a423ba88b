"""Somebody shows that they work there, in a real browser on a phone, from the letter to taking the signature back."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.conftest import MakeApp
from tests.signatures.signing import LINK, NAME, rows
from tests.support.smtp import SmtpSink
from tests.work_addresses.working import ADDRESS, DOMAIN, open_at_work
from tracker.config import Durations
from tracker.mail import sender

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def app(make_app: MakeApp, smtp_sink: SmtpSink) -> Flask:
    """Mails leave by SMTP, and nobody waits three seconds before a form may be sent."""
    durations = replace(Durations(), sign_form_least=dt.timedelta(0))
    return make_app(durations=durations, MAIL_URL=smtp_sink.url, MAIL_ALLOW="*", MAIL_FROM="Post <post@example.org>")


def test_from_the_letter_to_the_receipt(
    app: Flask, new_page: Callable[..., Page], smtp_sink: SmtpSink, axe: Callable[[Page], list[str]]
) -> None:
    """“I opened the link, typed my address at work, typed the code from the mail, signed, wrote the receipt code down,
    looked at what is kept and took it back.” No cookie was set, and no page scrolls sideways."""
    open_at_work(app)
    page = new_page(viewport=PHONE, color_scheme="dark")

    def looked_at(heading: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        assert axe(page) == [], heading
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], heading

    page.goto(f"/c/{LINK}")
    page.get_by_role("link", name="Show that you work there").click()
    looked_at("Show that you work there")
    expect(page.get_by_text("Your employer can see this.")).to_be_visible()
    page.get_by_label("address at work").fill(ADDRESS)
    page.get_by_role("button", name="Mail me a code").click()
    looked_at("Sign with the code from the mail")
    with app.app_context():
        assert sender.send_due() == {"sent": 1}
    (mail,) = smtp_sink.to(ADDRESS)
    words = mail.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    (code,) = re.findall(r"\b[0-9A-Z]{5}-[0-9A-Z]{5}\b", words)
    page.get_by_label("code", exact=False).first.fill(f" {code.lower()} ")
    page.get_by_label("Your name").fill(NAME)
    page.get_by_role("radio", name="Only counted").check()
    page.locator("[name=consent]").check()
    page.get_by_role("button", name="Sign", exact=True).click()
    looked_at("You signed")
    receipt = page.locator(".receipt-code").inner_text()
    page.get_by_role("link", name="receipt code").click()
    page.get_by_label("Receipt code").fill(receipt)
    page.get_by_role("button", name="See my signature").click()
    expect(page.get_by_text("Shown by a code to an address at")).to_be_visible()
    expect(page.get_by_text(DOMAIN, exact=True)).to_be_visible()
    looked_at("Your signature")
    page.get_by_role("button", name="Withdraw my signature").click()
    expect(page.get_by_role("button", name="Sign again")).to_be_visible()
    assert [row[0] for row in rows(app)] == ["withdrawn"] and page.context.cookies() == []
