"""A real browser: Chromium from the system, driven by Playwright, and axe's opinion of a page."""

import os
import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
CANDIDATES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
# No background traffic: on a machine without internet each attempt is a refused connection.
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip


def find_chromium(playwright: Playwright) -> str | None:
    """The path of a Chromium or Chrome on this machine: $CHROMIUM, Debian's, Chrome's, Playwright's own; else None."""
    named = os.environ.get("CHROMIUM")
    if named:
        return named
    for name in CANDIDATES:
        found = shutil.which(name)
        if found:
            return found
    for path in (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        playwright.chromium.executable_path,
    ):
        if Path(path).exists():
            return path
    return None


def launch(playwright: Playwright, executable: str) -> Browser:
    """Start the browser without a window."""
    return playwright.chromium.launch(executable_path=executable, args=FLAGS)


class Watch:
    """What went wrong in a page without anybody seeing it: console errors, CSP breaches, requests off the site."""

    def __init__(self, page: Page, site: str) -> None:
        self.problems: list[str] = []
        self.requests: list[str] = []
        self._site = site
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"script error: {error}"))
        page.on("request", lambda request: self._request(request.url))

    def _console(self, message: Any) -> None:
        # Chromium reports each 4xx page as a console error too; the status is the test's own business.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.problems.append(f"console: {message.text}")

    def _request(self, url: str) -> None:
        self.requests.append(url)
        if not url.startswith((self._site, "data:", "blob:", "about:")):
            self.problems.append(f"request off the site: {url}")


def axe_violations(page: Page) -> list[str]:
    """What axe finds wrong with the page as it stands, one line each; empty when nothing."""
    # Given to the page through the debugger, so that our Content-Security-Policy does not have to allow it.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    result = page.evaluate(
        """async () => (await axe.run(document, {resultTypes: ['violations']})).violations
           .flatMap(v => v.nodes.map(n => `${v.id}: ${v.help}: ${n.target.join(' ')}: ${n.html.slice(0, 160)}
           ${n.failureSummary}`))"""
    )
    return list(result)
