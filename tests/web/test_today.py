"""The page of a day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline import flow
from pipeline.digest import QUIET
from pipeline.domain import Change, Level
from pipeline.models import Delivery, DeliveryState, Disabled
from pipeline.store import feeds, outbox
from pipeline.web.site import Site
from tests.support.deals import COMPANIES, LEDGER_WATCH
from tests.support.ledger import NEW, QUOTE, article, save, source, state
from tests.support.world import WATCH, FixedClock, write_config
from tests.web.conftest import Browser
from tests.web.visits import words

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
YESTERDAY = NOW - timedelta(hours=12)
FEED = "https://a.example/feed"


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site with a watch that keeps a ledger and one that does not, at noon of 10 March; its feed is of the 8th."""
    watches = {"w": {**LEDGER_WATCH, "title": "Deals"}, "plain": {**WATCH, "title": "Plain news"}}
    folder = write_config(tmp_path / "config", [FEED], watches=watches, companies=COMPANIES)
    settings = flow.load_settings(folder)
    with flow.open_store(settings) as store:
        with store.write() as session:
            feeds.sync(session, [feeds.Known(FEED, "feed 1", "press")], NOW - timedelta(days=2))
        yield Site(settings, store, clock=FixedClock(NOW))


@pytest.fixture
def news(site: Site) -> None:
    """A deal of the edition before, which changed since; a new one; a story about something, and a mere mention."""
    with site.store.write() as session:
        old = article(session, "An older piece", YESTERDAY, "w").id or 0
        fresh = article(session, "A piece of today", NOW, "w").id or 0
        before, now = source(old, "a.example"), source(fresh, "b.example", official=True)
        save(session, "w", state(sources=(before,)), "OpenAI and Oracle", YESTERDAY)
        grown = Change("amount", "$300 billion", "$400 billion", "It is $400 billion now.", now)
        save(session, "w", state(changes=(NEW, grown), sources=(before, now)), "OpenAI and Oracle", NOW)
        save(session, "w", state(key="amd", anchor="amd", sources=(now,)), "OpenAI and AMD", NOW)
        article(session, "About something plain", NOW, "plain")
        article(session, "Only in passing", NOW, "plain", Level.MENTIONS)


@pytest.mark.usefixtures("news")
def test_a_day_with_news(browser: Browser) -> None:
    """What is new and what changed, each with its proof; other stories, and mentions in passing folded in."""
    html = browser.get("/").text
    said = words(html)

    assert "Wednesday, 11 Mar 2026" in said
    assert "so far" in said
    assert said.index("New deals 1 OpenAI and AMD") < said.index("Changes 1 OpenAI and Oracle")
    assert QUOTE in said
    assert "It is $400 billion now." in said
    assert "<del>$300 billion</del>" in html
    assert "<ins>$400 billion</ins>" in html
    assert "official 1 article from 1 source" in said
    assert 'href="/deals/2"' in html
    assert said.index("About something plain") < said.index("Mentioned in passing 1") < said.index("Only in passing")
    assert "Articles flagged 3" in said


@pytest.mark.usefixtures("news")
def test_days_lead_to_each_other(browser: Browser) -> None:
    """From the day that is gathered back to the first one, and forth again; a form leads to any."""
    today, before = browser.get("/"), browser.get("/days/2026-03-10")
    first = browser.get("/days/2026-03-09")
    asked = browser.get("/days", params={"day": "2026-03-10"})

    assert 'rel="prev" href="/days/2026-03-10"' in today.text
    assert 'rel="next"' not in today.text
    assert "An older piece" not in words(today.text)
    assert "New deals 1 OpenAI and Oracle" in words(before.text)
    assert "so far" not in words(before.text)
    assert 'rel="prev" href="/days/2026-03-09"' in before.text
    assert 'rel="next" href="/"' in before.text
    assert 'rel="next" href="/days/2026-03-10"' in first.text
    assert asked.url.endswith("/days/2026-03-10")


def test_the_first_day_leads_no_further_back(browser: Browser) -> None:
    """The feed was first known on the 8th at noon, which is of the edition of the 9th."""
    assert 'rel="prev"' not in browser.get("/days/2026-03-09").text


@pytest.mark.parametrize("day", ["2026-03-12", "2026-02-30", "20260310", "0001-01-01", "9999-12-31", "x", "1772000000"])
def test_there_is_no_such_day(browser: Browser, day: str) -> None:
    """One that lies ahead, or is none."""
    answer = browser.get(f"/days/{day}")

    assert answer.status_code == 404


def test_deals_that_went_quiet(browser: Browser, site: Site) -> None:
    """Those last heard of thirty days before, with the day."""
    with site.store.write() as session:
        old = article(session, "A piece of long ago", NOW - QUIET, "w").id or 0
        said = replace(source(old, "a.example"), published=NOW - QUIET)
        save(session, "w", state(sources=(said,)), "OpenAI and Oracle", NOW - QUIET)
    text = words(browser.get("/").text)

    assert "Gone quiet 1 OpenAI and Oracle announced · last heard of 8 Feb 2026" in text
    assert "Gone quiet" not in words(browser.get("/days/2026-03-10").text)


def test_a_quiet_day(browser: Browser, site: Site) -> None:
    """It says that nothing was flagged, for each watch."""
    with site.store.write() as session:
        article(session, "Of no interest", YESTERDAY)
    said = words(browser.get("/days/2026-03-10").text)

    assert said.count("Nothing flagged on this day.") == 2
    assert "Articles flagged 0 of 1" in said
    assert "No feed changed how it fares." in said


def test_before_the_first_article(browser: Browser) -> None:
    """What is set up, and what to do."""
    said = words(browser.get("/").text)

    assert "No articles yet 1 feed and 2 watches are set up." in said
    assert "dealwire run" in said


def test_troubles_are_told(browser: Browser, site: Site) -> None:
    """Channels that are disabled, what was not delivered, and how feeds fare, each with the way there."""
    with site.store.write() as session:
        article(session, "Of no interest", NOW)
        session.add(Disabled(channel="desk", since=NOW, reason="HTTP 410 Gone", address=""))
        outbox.add(session, key="k", channels=["inbox"], kind="alert", subject="A mail", payload={}, now=NOW)
        [feed] = feeds.all_active(session)
        feeds.report(session, feed, "does not answer", NOW, NOW - timedelta(hours=3))
    with site.store.write() as session:
        [row] = outbox.listing(session)
        outbox.save(session, _dead(row))
    html = browser.get("/").text
    said = words(html)

    assert "Disabled channels desk since 10 Mar 2026, 12:00: HTTP 410 Gone; 0 messages waiting" in said
    assert "Not delivered 1 A mail inbox: mailbox full" in said
    assert 'href="/deliveries/1"' in html
    assert "feed 1 does not answer, since 10 Mar 2026, 09:00" in said


def _dead(row: Delivery) -> Delivery:
    row.state, row.last_error = DeliveryState.DEAD, "mailbox full"
    return row
