"""A tab that stays open from page to page, yet knows nothing of the last one.

A browser that has just begun spends more on starting a process for the page, and on reading and compiling axe anew,
than on all that is asked of the page; a tab that stays does the same work in half the time.
"""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page

from tests.support.browser import Watch


class Wire:
    """The bytes that a page costs: what Chromium says it received, headers and compression counted in."""

    def __init__(self, page: Page) -> None:
        self.received: dict[str, float] = {}
        self._urls: dict[str, str] = {}
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        session.on("Network.responseReceived", self._response)
        session.on("Network.loadingFinished", self._finished)

    def _response(self, event: dict[str, dict[str, str]]) -> None:
        self._urls[str(event["requestId"])] = event["response"]["url"]

    def _finished(self, event: dict[str, float]) -> None:
        url = self._urls.get(str(event["requestId"]), "?")
        self.received[url] = self.received.get(url, 0) + event["encodedDataLength"]

    def forget(self) -> None:
        """Count from here."""
        self.received.clear()
        self._urls.clear()

    def __str__(self) -> str:
        rows = sorted(self.received.items(), key=lambda row: -row[1])
        return ", ".join(f"{size:.0f} {url.rsplit('/', 1)[-1]}" for url, size in rows)


class Tab:
    """A page in a context of its own, what went wrong in it, and what it cost."""

    def __init__(self, context: BrowserContext, site: str) -> None:
        self.page = context.new_page()
        self.watch, self.wire = Watch(self.page, site), Wire(self.page)
        self.has_crashed = False
        self._site, self._session = site, context.new_cdp_session(self.page)
        self.page.on("crash", self._crash)

    def _crash(self, _page: Page) -> None:
        self.has_crashed = True

    def forget(self) -> None:
        """Keep nothing of the pages before: no cookie, no cache (see Wire), nothing stored, no complaint."""
        self._session.send("Storage.clearDataForOrigin", {"origin": self._site, "storageTypes": "all"})
        self.page.context.clear_cookies()
        self.watch.problems.clear()
        self.watch.requests.clear()
        self.wire.forget()
