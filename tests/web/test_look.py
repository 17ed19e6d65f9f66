"""Every page in both themes, on a phone and on a wide screen, in Chromium."""

from __future__ import annotations

import pytest

from pipeline.store import articles, ledger, outbox
from pipeline.web.site import Site
from tests.web.chromium import THEMES, WIDTHS, Program, window
from tests.web.conftest import Browser

LARGEST_PAGE = 150_000
"""Bytes of a page's HTML."""


def pages(site: Site) -> dict[str, str]:
    """The address of each page, by the name of its picture."""
    with site.store.read() as session:
        deal = max(ledger.find(session, ledger.Filter()), key=lambda d: d.origins)
        article = articles.find(session, articles.Filter(flagged=True))[0]
        delivery = outbox.listing(session, most=1)[0]
    return {
        "today": "/",
        "deals": "/deals",
        "timeline": "/deals/timeline",
        "network": "/deals/network",
        "totals": "/deals/totals",
        "rulings": "/deals/rulings",
        "deal": f"/deals/{deal.id}",
        "articles": "/articles",
        "search": "/articles?q=gigawatt",
        "article": f"/articles/{article.id}",
        "watches": "/watches",
        "try": "/watches/try",
        "feeds": "/feeds",
        "feed": "/feeds/1",
        "deliveries": "/deliveries",
        "delivery": f"/deliveries/{delivery.id}",
        "api": "/api",
        "missing": "/nothing",
    }


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("theme", THEMES)
def test_every_page_is_sound(
    chromium: Program, browser: Browser, site: Site, theme: str, width: int, pytestconfig: pytest.Config
) -> None:
    """No complaint in the console, nothing asked of others, no serious fault for axe, no scrolling sideways."""
    faults = []
    with window(chromium, browser.base, theme, width) as seen:
        for name, path in pages(site).items():
            seen.goto(path)
            if pytestconfig.getoption("--screens"):
                seen.shoot(name)
            faults += [f"{path}: {fault}" for fault in seen.violations()]
            if (wide := seen.overflows()) > 0:
                faults.append(f"{path}: {wide} px too wide")
        faults += [said for said in seen.complaints if "/nothing" not in said]

    assert not faults, "\n".join(faults)


def test_every_page_is_light_and_there_without_script(browser: Browser, site: Site) -> None:
    """It is found, of the kind it should be, and small."""
    for path in pages(site).values():
        answer = browser.get(path)

        assert answer.status_code == (404 if path == "/nothing" else 200), path
        assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        assert len(answer.content) < LARGEST_PAGE, path
