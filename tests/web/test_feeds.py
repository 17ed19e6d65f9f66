"""How the feeds fare, on pages."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from pipeline.models import Feed, Health
from pipeline.store import feeds
from pipeline.store.holder import sole_writer
from pipeline.web import shown
from pipeline.web.site import Site
from tests.web.conftest import Browser
from tests.web.visits import words

NAME = re.compile(r'class="main" href="/feeds/(\d+)">([^<]+)<')


def names(browser: Browser, **asked: Any) -> list[str]:
    """The feeds on the page, from above."""
    found = NAME.findall(browser.get("/feeds", params=asked).text)
    return [unescape(name).removesuffix(" (sample)") for _, name in found]


def change(site: Site, name: str, **fields: Any) -> int:
    """Make a feed fare so; its number."""
    with site.store.write() as session:
        [feed] = [each for each in feeds.all_active(session) if each.name.startswith(name)]
        for field, value in fields.items():
            setattr(feed, field, value)
        return feed.id or 0


def stored(site: Site, id_: int) -> Feed:
    with site.store.read() as session:
        return feeds.get(session, [id_])[0]


def again(site: Site) -> dict[str, float]:
    """Which part of each feed's entries another one had listed before: that depends on which was read first."""
    with site.store.read() as session:
        names = {feed.id or 0: feed.name.removesuffix(" (sample)") for feed in feeds.all_active(session)}
        listed = feeds.listed_counts(session)
    return {name: listed[id_].repeats / listed[id_].entries for id_, name in names.items()}


def test_every_feed_with_how_it_fares(browser: Browser, site: Site) -> None:
    """By name, with what it listed and how often another had listed it before."""
    change(site, "Harbour", failures=3, last_error="HTTP 503", health=Health.FAILING)
    html = browser.get("/feeds").text
    said = words(html)

    assert names(browser) == [
        "Cloudline Digest",
        "Grid & Compute",
        "Harbour Wire",
        "OpenAI newsroom",
        "The Chip Ledger",
    ]
    assert "3 failed: HTTP 503" in said
    assert all(f"{part:.0%}" in said for part in again(site).values())
    assert "7 entries in 30 days, at most 7 a day" in html


def test_feeds_are_filtered_and_sorted(browser: Browser, site: Site) -> None:
    """By health and words; by any column, both ways."""
    change(site, "Harbour", failures=3, last_error="HTTP 503", health=Health.FAILING)
    change(site, "The Chip", last_new=site.now() - timedelta(days=9), health=Health.QUIET)

    assert names(browser, health="failing") == ["Harbour Wire"]
    assert names(browser, q="503 press") == ["Harbour Wire"]
    assert names(browser, q="official") == ["OpenAI newsroom"]
    assert names(browser, q="nothing like it") == []
    assert names(browser, sort="health")[:2] == ["Harbour Wire", "The Chip Ledger"]
    assert names(browser, sort="-entries")[0] == "Harbour Wire"
    assert names(browser, sort="news")[0] == "The Chip Ledger"
    assert again(site)[names(browser, sort="-again")[0]] == max(again(site).values())
    assert browser.get("/feeds", params={"sort": "colour"}).status_code == 400


def test_a_feed_tells_what_happened_to_it(browser: Browser, site: Site) -> None:
    """The latest first, with the latest articles."""
    id_ = change(site, "Harbour")
    with site.store.write() as session:
        [feed] = feeds.get(session, [id_])
        feeds.report(session, feed, "does not answer: HTTP 503", site.now() - timedelta(hours=5))
        feeds.report(session, feed, "answers again", site.now())
    said = words(browser.get(f"/feeds/{id_}").text)

    assert said.index("answers again") < said.index("does not answer: HTTP 503")
    assert "Judge lets authors' copyright suit against OpenAI go forward" in said
    assert "8 in all, at most 8 a day" in said


def test_a_feed_is_polled_now(browser: Browser, site: Site) -> None:
    """It is due at once, and no other; what follows depends on whether a daemon runs."""
    id_ = change(site, "Harbour", next_poll=site.now() + timedelta(hours=1))
    other = change(site, "The Chip", next_poll=site.now() + timedelta(hours=1))
    said = words(browser.post(f"/feeds/{id_}/poll").text)

    assert "is polled as soon as `dealwire run` works" in said
    assert stored(site, id_).next_poll <= site.now()
    assert stored(site, other).next_poll > site.now()


def test_a_daemon_polls_within_seconds(browser: Browser, site: Site) -> None:
    """Another command that holds the folder is none."""
    id_ = change(site, "Harbour")
    with sole_writer(site.settings.state):
        said = words(browser.post(f"/feeds/{id_}/poll").text)

    assert "as soon as" in said


def test_a_feed_that_is_off_is_not_polled(browser: Browser, site: Site) -> None:
    """The page says so."""
    id_ = change(site, "Harbour", active=False)
    page, answer = browser.get(f"/feeds/{id_}"), browser.post(f"/feeds/{id_}/poll")

    assert page.status_code == 200
    assert "Poll now" not in page.text
    assert answer.status_code == 400


@pytest.mark.parametrize("path", ["/feeds/999", "/feeds/x"])
def test_there_is_no_such_feed(browser: Browser, path: str) -> None:
    """The page says so, and nothing is polled."""
    assert browser.get(path).status_code == 404
    assert browser.post(f"{path}/poll").status_code == 404


def test_bars_are_as_high_as_the_counts() -> None:
    """The highest fills the height, none is drawn for nothing, and the least one is seen."""
    path = shown.bars([0, 1, 1000, 500], 40, 20)

    assert path == "M10 20v-1h7.2v1zM20 20v-20h7.2v20zM30 20v-10h7.2v10z"
    assert shown.bars([0, 0], 40, 20) == shown.bars([], 40, 20) == ""


@pytest.mark.parametrize(
    ("seconds", "words_"), [(45, "45 s"), (90, "1.5 min"), (3060, "51 min"), (7200, "2 h"), (864_000, "10 d")]
)
def test_spans_are_short(seconds: float, words_: str) -> None:
    """In one unit, with two figures."""
    assert shown.span(seconds) == words_
