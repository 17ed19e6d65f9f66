"""Debian's Chromium, driven through the pages: what it complains of, what axe finds, and how it looks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Program
from playwright.sync_api import ConsoleMessage, Page, Request, sync_playwright

ROOT = Path(__file__).parents[2]
AXE = ROOT / ".cache" / "axe" / "node_modules" / "axe-core" / "axe.min.js"
SCREENS = ROOT / ".cache" / "screens"
WIDTHS = (390, 1440)
THEMES = ("light", "dark")
_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
_PATIENCE = 60_000


@contextmanager
def started() -> Iterator[Program]:
    """The browser; the test is skipped where Chromium is not installed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Window:
    """A page of the browser in a theme and at a width. `complaints` are what its console said, and what failed."""

    page: Page
    base: str
    theme: str
    width: int
    complaints: list[str] = field(default_factory=list)

    def goto(self, path: str) -> None:
        self.page.goto(self.base + path, wait_until="load")

    def overflows(self) -> int:
        """By how many pixels the page is wider than its window."""
        wide: int = self.page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        return wide

    def violations(self) -> list[str]:
        """What axe finds that is serious or worse; nothing where it is not installed."""
        if not AXE.exists():
            return []
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found: list[dict[str, Any]] = self.page.evaluate("axe.run().then((result) => result.violations)")
        return [
            f"{each['id']}: {each['nodes'][0]['target']} {each['nodes'][0]['html'][:120]}"
            for each in found
            if each["impact"] in ("serious", "critical")
        ]

    def shoot(self, name: str) -> None:
        """Keep a picture of the whole page, for a person to look at."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=SCREENS / f"{name}-{self.theme}-{self.width}.png", full_page=True)


@contextmanager
def window(
    browser: Program, base: str, theme: str = "light", width: int = 1440, *, script: bool = True
) -> Iterator[Window]:
    context = browser.new_context(
        color_scheme="dark" if theme == "dark" else "light",
        viewport={"width": width, "height": 900},
        java_script_enabled=script,
        accept_downloads=True,
    )
    context.set_default_timeout(_PATIENCE)
    page = context.new_page()
    opened = Window(page, base, theme, width)

    def hear(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            opened.complaints.append(f"{page.url}: {message.text}")

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # left for another page meanwhile
            opened.complaints.append(f"{request.url} failed: {request.failure}")

    page.on("console", hear)
    page.on("pageerror", lambda error: opened.complaints.append(f"{page.url}: {error}"))
    page.on("requestfailed", failed)
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((base, "data:")) else opened.complaints.append(f"asks {request.url}")
        ),
    )
    try:
        yield opened
    finally:
        context.close()
