"""The outbox, and what keeps it quiet, on pages."""

from __future__ import annotations

import json
import os
import re
from datetime import timedelta
from typing import Any

import pytest

from pipeline.flow import daemon
from pipeline.models import Delivery, DeliveryState, Disabled
from pipeline.store import channels, mutes, outbox
from pipeline.store.holder import sole_writer
from pipeline.web.site import Site
from tests.web.conftest import Browser
from tests.web.visits import words

WATCH = "openai-infrastructure-deals"
ROW = re.compile(r'class="main" href="/deliveries/(\d+)"')


def rows(browser: Browser, **asked: Any) -> list[int]:
    """The numbers of the deliveries on the page."""
    return [int(id_) for id_ in ROW.findall(browser.get("/deliveries", params=asked).text)]


def change(site: Site, *ids: int, **fields: Any) -> None:
    """Make deliveries stand so."""
    with site.store.write() as session:
        for id_ in ids:
            row = outbox.get(session, id_)
            assert row
            for field, value in fields.items():
                setattr(row, field, value)


def kill(site: Site, *ids: int) -> None:
    change(site, *ids, state=DeliveryState.DEAD, last_error="550 no such user", attempts=6, delivered_at=None)


def stored(site: Site, id_: int) -> Delivery:
    with site.store.read() as session:
        row = outbox.get(session, id_)
        assert row
        return row


def test_the_outbox_newest_first(browser: Browser, site: Site) -> None:
    """All of it, or one state of one channel, with the reason of each failure and the next try."""
    kill(site, 1, 2)
    soon = site.now() + timedelta(minutes=41)
    change(site, 5, state=DeliveryState.PENDING, attempts=2, last_error="greylisted", next_try=soon, delivered_at=None)
    said = words(browser.get("/deliveries").text)
    channel = stored(site, 1).channel
    with site.store.read() as session:
        everything = [row.id or 0 for row in outbox.listing(session)]

    assert rows(browser) == everything
    assert rows(browser, state="dead") == [2, 1]
    assert rows(browser, state="dead", channel=channel) == [1]
    assert rows(browser, channel=channel) == [id_ for id_ in everything if stored(site, id_).channel == channel]
    assert rows(browser, state="gathered") == []
    assert "tried 6×: 550 no such user" in said
    assert "tried 2×: greylisted next try in 40 min" in said
    assert "Dead 2" in said
    assert browser.get("/deliveries", params={"state": "lost"}).status_code == 400


def test_fifty_a_page(browser: Browser, site: Site) -> None:
    """With the way on."""
    with site.store.write() as session:
        for number in range(60):
            made = {"kind": "alert", "subject": "s", "payload": {}}
            outbox.add(session, key=f"k{number}", channels=["late"], **made, now=site.now())
    first, second = (rows(browser, channel="late", page=page) for page in (1, 2))

    assert (len(first), len(second)) == (50, 10)
    assert not set(first) & set(second)
    assert "not configured any more" in browser.get("/deliveries").text


def test_a_message_is_shown_as_it_is_sent(browser: Browser, site: Site) -> None:
    """Its text and what programs get, not its HTML; with its id and how it went."""
    row = stored(site, 1)
    html = browser.get("/deliveries/1").text
    said = words(html)
    payload = json.loads(words(re.findall(r"<pre>(.*?)</pre>", html, re.DOTALL)[0]))

    assert row.subject in said
    assert row.uid in said
    assert "NEW DEAL" in said.upper()
    assert (payload["version"], payload["type"], payload["data"]["title"]) == (1, "deal", row.payload["title"])
    assert "<table role" not in html
    assert "Attempts 1" in said


def test_what_cannot_be_made_a_message_is_told(browser: Browser, site: Site) -> None:
    """With what is stored."""
    change(site, 1, payload={"odd": "thing <b>"})
    html = browser.get("/deliveries/1").text

    assert "The message cannot be made of what is stored" in html
    assert "thing &lt;b&gt;" in html


def test_one_is_sent_again(browser: Browser, site: Site) -> None:
    """From the list, which stays as it was, or from its own page; not one that has arrived."""
    kill(site, 1, 2)
    listed = browser.post("/deliveries/1/retry", {"back": "state=dead"})
    alone = browser.post("/deliveries/2/retry")
    again = browser.post("/deliveries/3/retry")

    assert listed.url.endswith("/deliveries?state=dead")
    assert "Delivery 1 goes out once `dealwire run` works" in words(listed.text)
    assert alone.url.endswith("/deliveries/2")
    assert [stored(site, id_).state for id_ in (1, 2, 3)] == ["pending", "pending", "delivered"]
    assert "was sent already" in words(again.text)


def test_all_dead_ones_of_a_channel_are_sent_again(browser: Browser, site: Site) -> None:
    """And then all that are left."""
    kill(site, 1, 2, 3, 4)
    channel = stored(site, 1).channel
    said = [words(browser.post("/deliveries/retry", {"channel": name}).text) for name in (channel, "", "")]

    assert f"2 dead messages to {channel} go out once" in said[0]
    assert "2 dead messages go out once" in said[1]
    assert "None was dead." in said[2]
    assert {str(stored(site, id_).state) for id_ in (1, 2, 3, 4)} == {"pending"}


def test_a_disabled_channel_is_enabled(browser: Browser, site: Site) -> None:
    """It is shown with the reason, and no longer afterwards; one that is not disabled cannot be enabled."""
    with site.store.write() as session:
        session.add(Disabled(channel="inbox", since=site.now(), reason="HTTP 410 Gone", address=""))
    before = words(browser.get("/deliveries").text)
    after = words(browser.post("/deliveries/enable", {"channel": "inbox"}).text)
    again = browser.post("/deliveries/enable", {"channel": "inbox"})
    with site.store.read() as session:
        left = channels.disabled(session)

    assert "HTTP 410 Gone; 0 waiting" in before
    assert "inbox is enabled." in after
    assert "410" not in after
    assert again.status_code == 400
    assert left == []


def test_a_watch_is_muted_and_unmuted(browser: Browser, site: Site) -> None:
    """For so many days; one that is not there, or for too long, is refused."""
    muted = words(browser.post("/deliveries/mute", {"watch": WATCH, "days": "3"}).text)
    with site.store.read() as session:
        [mute] = mutes.in_force(session, site.now())
    unmuted = words(browser.post("/deliveries/unmute", {"watch": WATCH}).text)
    refused = [
        browser.post("/deliveries/mute", {"watch": "other", "days": "3"}).status_code,
        browser.post("/deliveries/mute", {"watch": WATCH, "days": "0"}).status_code,
        browser.post("/deliveries/mute", {"watch": WATCH, "days": "1e9"}).status_code,
        browser.post("/deliveries/unmute", {"watch": WATCH}).status_code,
    ]
    with site.store.read() as session:
        left = mutes.in_force(session, site.now())

    assert "Nothing is told of OpenAI infrastructure deals for 3 days." in muted
    assert timedelta(days=2.9) < mute.until - site.now() <= timedelta(days=3)
    assert "Told of again." in unmuted
    assert "Nothing is muted." in unmuted
    assert refused == [400, 400, 400, 400]
    assert left == []


def test_a_muted_deal_is_unmuted(browser: Browser, site: Site) -> None:
    """It is named, and leads to its page."""
    with site.store.write() as session:
        mutes.mute(session, WATCH, 1, site.now() + timedelta(days=1), site.now())
    html = browser.get("/deliveries").text
    browser.post("/deliveries/unmute", {"watch": WATCH, "deal": "1"})
    with site.store.read() as session:
        left = mutes.in_force(session, site.now())

    assert '<a href="/deals/1">' in html
    assert left == []


def test_whether_a_daemon_runs(browser: Browser, site: Site) -> None:
    """From what it says of itself and who holds the folder."""
    never = words(browser.get("/deliveries").text)
    said = {"pid": os.getpid(), "stages": {"poll": {"failing": True, "last_error": "the disk is full"}}}
    (site.settings.state / daemon.FILE).write_text(json.dumps(said), encoding="utf-8")
    killed = words(browser.get("/deliveries").text)
    with sole_writer(site.settings.state):
        running = words(browser.get("/deliveries").text)

    assert "No daemon ever ran here." in never
    assert "killed, or crashed" in killed
    assert "Daemon running" in running
    assert "poll fails: the disk is full" in running


@pytest.mark.parametrize("path", ["/deliveries/999", "/deliveries/x"])
def test_there_is_no_such_delivery(browser: Browser, path: str) -> None:
    """The page says so, and nothing is sent."""
    assert browser.get(path).status_code == 404
    assert browser.post(f"{path}/retry").status_code == 404


def test_before_anything_was_told(browser: Browser, site: Site) -> None:
    """It says what will stand here."""
    with site.store.write() as session:
        for row in outbox.listing(session):
            session.delete(row)
    said = words(browser.get("/deliveries").text)

    assert "Nothing was told yet." in said
