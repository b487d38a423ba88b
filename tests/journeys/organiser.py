"""An organiser at a browser: what she sees and does, in words."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.support.browser import Watch
from tests.support.instances import Instance

PASSWORD = "horseradish under seven kites"
ADDRESS = "ada@example.org"
EMPLOYEES, SHAREHOLDERS = "We won’t build it", "Shareholders to Amazon: Rekognition"
BUILD, ASK = "/campaigns/we-wont-build-it", "/campaigns/shareholders-to-amazon-rekognition"
BY_MISTAKE = "Zebedee Mistakenly"


class Organiser:
    """Her browser and her instance."""

    def __init__(self, browser: Browser, instance: Instance) -> None:
        self.instance = instance
        self.browser = browser
        self.site = f"http://127.0.0.1:{instance.port}"
        self.watches: list[Watch] = []
        self.stop_link = ""  # kept from the digest: the mail's words may be destroyed later
        self.page = self.new_page()

    def new_page(self, **options: bool) -> Page:
        """Another browser, without her cookies."""
        context = self.browser.new_context(base_url=self.site, locale="en-GB", **options)  # type: ignore[arg-type]
        context.set_default_timeout(20_000)
        page = context.new_page()
        self.watches.append(Watch(page, self.site))
        return page

    @property
    def setup_link(self) -> str:
        """The link that `tracker up` printed, from its path on."""
        found = re.search(r"http://\S+?(/setup/\S+)", self.instance.line)
        assert found, self.instance.line
        return found[1]

    def goes_to(self, path: str) -> None:
        """Open a page."""
        response = self.page.goto(path)
        assert response is not None
        assert response.status == 200, f"{path} answered {response.status}"

    def fills(self, **fields: str) -> None:
        """Write into fields, by the id that each has in its form; `_` in place of `-`."""
        for name, words in fields.items():
            self.page.locator(f"main form #{name.replace('__', '-')}").first.fill(words)

    def cites(self, citation: str, publisher: str = "") -> None:
        """Say who says so."""
        self.page.locator("#source-citation").fill(citation)
        if publisher:
            self.page.locator("summary", has_text="More about this source").first.click()
            self.page.locator("#source-publisher").fill(publisher)

    def presses(self, button: str) -> None:
        """Press a button of the page's main part, and wait for the page it leads to."""
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("button", name=button, exact=True).first.click()

    def follows_link(self, words: str) -> None:
        """Follow a link of the page's main part."""
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("link", name=words, exact=True).first.click()

    def sees(self, *words: str) -> None:
        """Find these words on the page."""
        for each in words:
            expect(self.page.locator("main")).to_contain_text(each)

    def does_not_see(self, words: str) -> None:
        """Not find them anywhere on it."""
        assert words not in self.page.content()

    def mails(self) -> list[EmailMessage]:
        """What lies in the mail folder, oldest first."""
        files = sorted(self.outbox.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]  # type: ignore[misc]

    @property
    def outbox(self) -> Path:
        """The mail folder."""
        return self.instance.folder / "outbox"


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    """The text part of a mail, or its HTML part."""
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())
