"""poll: due feeds to new articles."""

from __future__ import annotations

import socket
import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

import pytest

from pipeline import flow
from pipeline.domain import Entry, ParsedFeed
from pipeline.flow import Tools
from pipeline.flow.rules import Rules
from pipeline.flow.tools import Documents
from pipeline.store import feeds
from tests.conftest import MakeTools
from tests.flow.conftest import all_articles, all_feeds, in_turn, poll
from tests.support.web import Answer, Request, Web
from tests.support.world import FixedClock, rss

RSS = "application/rss+xml"
ITEMS = [{"title": "One", "guid": "1"}, {"title": "Two", "guid": "2"}]
DATE = "Tue, 10 Mar 2026 09:00:00 GMT"


def wait_of(tools: Tools) -> float:
    """Seconds until the only feed is due again."""
    [feed] = all_feeds(tools)
    return (feed.next_poll - tools.clock.now()).total_seconds()


def test_the_second_poll_is_conditional(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """What the server said of its document goes back to it, and 304 means that nothing changed."""
    tools = make_tools(web.set("/feed", rss(ITEMS), RSS, ETag='"1"', Last_Modified=DATE))
    first = poll(tools)
    idle = poll(tools)
    clock.advance(hours=1)
    second = poll(tools)

    assert first.counts == {"polled": 1, "entries": 2, "new": 2}
    assert idle.counts == {}
    assert second.counts == {"polled": 1, "unchanged": 1}
    asked, again = web.requests
    assert "if-none-match" not in asked.headers
    assert (again.headers["if-none-match"], again.headers["if-modified-since"]) == ('"1"', DATE)
    assert all_feeds(tools)[0].last_success == clock.now()
    assert len(all_articles(tools)) == 2


def test_the_etag_is_kept_only_when_the_document_parsed(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """A document that is no feed leaves no ETag behind, else its repair would never be fetched."""
    tools = make_tools(web.set("/feed", "<p>Down for maintenance", RSS, ETag='"1"'))
    failed = poll(tools)
    [broken] = all_feeds(tools)
    web.set("/feed", rss(ITEMS), RSS, ETag='"1"')
    clock.advance(hours=1)
    mended = poll(tools)

    assert failed.counts == {"failed": 1, "polled": 1}
    assert (broken.etag, broken.failures) == ("", 1)
    assert mended.counts["new"] == 2
    assert (all_feeds(tools)[0].etag, all_feeds(tools)[0].failures) == ('"1"', 0)


def test_failures_are_counted_and_waits_grow(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """Each failure in a row waits a poll interval longer, keeps its reason and the time of the first."""
    tools = make_tools(f"{web.base}/feed")
    waits = []
    for _ in range(3):
        poll(tools)
        waits.append(wait_of(tools) / 900)
        clock.advance(seconds=wait_of(tools))
    [failing] = all_feeds(tools)
    web.set("/feed", rss(ITEMS), RSS)
    poll(tools)
    [well] = all_feeds(tools)

    assert [int(wait) for wait in waits] == [1, 2, 3]
    assert all(n <= wait <= n * 1.1 for n, wait in enumerate(waits, 1))
    assert (failing.failures, failing.last_error) == (3, "HTTP 404 Not Found")
    assert failing.failing_since == FixedClock().now()
    assert failing.last_success is None
    assert (well.failures, well.last_error, well.failing_since) == (0, "", None)
    assert well.last_success == clock.now()


@pytest.mark.parametrize(
    ("asked", "least", "most"),
    [("7200", 7200, 7200), ("10", 900, 990), ("9999999", 86_400, 86_400), ("soon", 900, 990)],
)
def test_retry_after_is_honoured(web: Web, make_tools: MakeTools, asked: str, least: float, most: float) -> None:
    """A server may ask for a longer wait, up to a day, never for a shorter one."""
    web.answers["/feed"] = Answer("busy", 503, {"Retry-After": asked})
    tools = make_tools(f"{web.base}/feed")
    poll(tools)

    assert least <= wait_of(tools) <= most


def events(tools: Tools) -> list[str]:
    """What there is to tell of feeds, oldest first."""
    with tools.store.read() as session:
        reported = feeds.reported_between(session, FixedClock().now(), tools.clock.now() + timedelta(seconds=1))
        return [event.note for event, _ in reported]


def test_a_feed_that_dies_is_told_of_once_and_so_is_its_return(
    web: Web, make_tools: MakeTools, clock: FixedClock
) -> None:
    """However often it fails, and over however many days."""
    tools = make_tools(web.set("/feed", rss(ITEMS), RSS))
    poll(tools)
    del web.answers["/feed"]
    for _ in range(20):
        clock.advance(seconds=wait_of(tools) + 1)
        poll(tools)
    dead = events(tools)
    web.set("/feed", rss(ITEMS), RSS)
    for _ in range(3):
        clock.advance(seconds=wait_of(tools) + 1)
        poll(tools)

    assert len(dead) == 1
    assert dead[0].startswith("does not answer: HTTP 404 Not Found")
    assert events(tools) == [dead[0], "answers again"]


def test_a_feed_that_is_gone_rests(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """410 is told of at once; it is asked again after a month, and is back when it answers."""
    web.answers["/feed"] = Answer("", 410)
    tools = make_tools(f"{web.base}/feed")
    poll(tools)
    rest = wait_of(tools)
    web.set("/feed", rss(ITEMS), RSS)
    clock.advance(seconds=rest)
    poll(tools)

    assert 30 * 86_400 <= rest <= 33 * 86_400
    assert events(tools) == ["is gone for good (HTTP 410) and rests; take it out of feeds.yaml", "is back"]


def test_a_feed_that_goes_quiet_is_told_of_once(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """One that used to bring a dozen entries a day and brings none for days, until it does again."""
    items = [
        {"title": f"News {n}", "guid": str(n), "pubDate": f"{clock.now() - timedelta(hours=2 * n):%a, %d %b %Y %T GMT}"}
        for n in range(60)
    ]
    tools = make_tools(web.set("/feed", rss(items), RSS))
    for _ in range(30):
        poll(tools)
        clock.advance(hours=6)
    quiet = events(tools)
    web.set("/feed", rss([{"title": "At last", "guid": "new"}, *items]), RSS)
    poll(tools)

    assert quiet == ["answers, but brings nothing new; it used to bring 11 a day"]
    assert events(tools)[1:] == ["brings news again"]


@pytest.mark.parametrize(
    ("tier", "each", "wait"), [("press", 3, 2545), ("press", 240, 300), ("official", 3, 900), ("official", 240, 300)]
)
def test_the_interval_follows_what_a_feed_brings(
    web: Web, make_tools: MakeTools, clock: FixedClock, tier: str, each: int, wait: float
) -> None:
    """Much news is asked for more often, little more rarely; an official source never more rarely than configured."""
    items = [
        {
            "title": f"News {n}",
            "guid": str(n),
            "pubDate": f"{clock.now() - timedelta(days=n / each):%a, %d %b %Y %T GMT}",
        }
        for n in range(each)
    ]
    tools = make_tools(web.set("/feed", rss(items), RSS))
    with tools.store.write() as session:
        feeds.sync(session, [feeds.Known(f"{web.base}/feed", "feed 1", tier)], clock.now())
    poll(tools)

    assert wait <= wait_of(tools) <= 1.1 * wait


def test_a_feed_with_an_interval_of_its_own_keeps_it(web: Web, make_tools: MakeTools) -> None:
    """`every` in feeds.yaml goes before what the feed brings and asks."""
    url = web.set("/feed", rss(ITEMS), RSS, Cache_Control="max-age=7200")
    tools = make_tools(url)
    feeds = [feed.model_copy(update={"every": timedelta(minutes=10)}) for feed in tools.settings.feeds]
    tools = replace(tools, rules=Rules(tools.settings.model_copy(update={"feeds": feeds})))
    poll(tools)

    assert 600 <= wait_of(tools) <= 660


def test_max_age_is_honoured(web: Web, make_tools: MakeTools) -> None:
    """A feed that says how long it stays fresh is not asked before."""
    tools = make_tools(web.set("/feed", rss(ITEMS), RSS, Cache_Control="public, max-age=7200"))
    poll(tools)

    assert 7200 <= wait_of(tools) <= 7920


def test_one_dead_feed_harms_no_other(web: Web, make_tools: MakeTools) -> None:
    """Refused, hanging, absurd or no feed at all: the good one is stored, and each of the others says why."""
    with socket.create_server(("127.0.0.1", 0)) as hanging, socket.create_server(("127.0.0.1", 0)) as closed:
        refused = f"http://127.0.0.1:{closed.getsockname()[1]}/feed"
        closed.close()
        web.answers["/nowhere"] = Answer("", 302, {"Location": "http://[not-an-address"})
        web.answers["/odd"] = Answer("", 503, {"Retry-After": "\xb2"})
        web.answers["/loop"] = Answer("", 302, {"Location": "/loop"})
        tools = make_tools(
            refused,
            f"http://127.0.0.1:{hanging.getsockname()[1]}/feed",
            f"{web.base}/nowhere",
            f"{web.base}/odd",
            f"{web.base}/loop",
            web.set("/html", "<p>A page", RSS),
            "http://10.0.0.1/private",
            web.set("/good", rss(ITEMS), RSS),
            http={"allow_private": ["127.0.0.1"], "timeout": "5s", "per_host": 16},
        )
        report = poll(tools)

    assert report.counts == {"polled": 8, "failed": 7, "entries": 2, "new": 2}
    assert len(all_articles(tools)) == 2
    assert all(feed.last_error for feed in all_feeds(tools)[:-1])
    assert [feed.failures for feed in all_feeds(tools)] == [1] * 7 + [0]
    assert poll(tools).counts == {}


@pytest.mark.parametrize("status", [301, 308])
def test_a_feed_that_moved_for_good_is_polled_there(
    web: Web, make_tools: MakeTools, clock: FixedClock, status: int
) -> None:
    """A permanent redirect is told of once and not asked again, until the new address fails."""
    web.answers["/old"] = Answer("", status, {"Location": "/new"})
    web.set("/new", rss(ITEMS), RSS)
    tools = make_tools(f"{web.base}/old")
    for _ in range(3):
        poll(tools)
        clock.advance(hours=2)
    asked = [request.path for request in web.requests]
    moved = all_feeds(tools)[0].moved_to
    web.set("/old", rss([{"title": "Three", "guid": "3"}]), RSS)
    del web.answers["/new"]
    for _ in range(2):
        poll(tools)
        clock.advance(hours=2)

    assert asked == ["/old", "/new", "/new", "/new"]
    assert moved == f"{web.base}/new"
    assert events(tools) == [f"has moved for good to {web.base}/new; write that into feeds.yaml"]
    assert [article.title for article in all_articles(tools)] == ["One", "Three", "Two"]
    assert all_feeds(tools)[0].moved_to == ""


def test_a_redirect_for_now_is_asked_again(web: Web, make_tools: MakeTools) -> None:
    """302 moves nothing, nor does a permanent redirect to what is no feed."""
    web.answers["/old"] = Answer("", 302, {"Location": "/new"})
    web.set("/new", rss(ITEMS), RSS)
    web.answers["/gone"] = Answer("", 301, {"Location": "/page"})
    web.set("/page", "<p>Our new site")
    tools = make_tools(f"{web.base}/old", f"{web.base}/gone")
    poll(tools)

    assert [feed.moved_to for feed in all_feeds(tools)] == ["", ""]
    assert events(tools) == []


def test_new_entries_only(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """A grown document adds what is new in it."""
    grown = [*ITEMS, {"title": "Three", "guid": "3"}]
    web.answers["/feed"] = in_turn(*(Answer(rss(items), headers={"Content-Type": RSS}) for items in (ITEMS, grown)))
    tools = make_tools(f"{web.base}/feed")
    poll(tools)
    clock.advance(hours=1)

    assert poll(tools).counts == {"polled": 1, "entries": 3, "new": 1}
    assert [article.title for article in all_articles(tools)] == ["One", "Three", "Two"]


def test_a_feed_is_polled_by_one_at_a_time(web: Web, make_tools: MakeTools) -> None:
    """While one poll waits for the server, a second with the same ids does nothing."""
    asked, go = threading.Event(), threading.Event()

    def slow(_: Request) -> Answer:
        asked.set()
        go.wait(60)
        return Answer(rss(ITEMS), headers={"Content-Type": RSS})

    web.answers["/feed"] = slow
    tools = make_tools(f"{web.base}/feed")
    ids = [feed.id or 0 for feed in all_feeds(tools)]
    first = tools.senders.submit("any", partial(flow.poll, tools, ids))
    asked.wait(60)
    second = flow.poll(tools, ids)
    go.set()

    assert second.counts == {}
    assert first.result(60).counts["new"] == 2
    assert len(web.requests) == 1


def test_a_stop_hands_feeds_back(web: Web, make_tools: MakeTools) -> None:
    """What a stop leaves undone is due at once."""
    tools = make_tools(web.set("/feed", rss(ITEMS), RSS))
    tools.stop.set()
    report = poll(tools)

    with tools.store.read() as session:
        due = feeds.due(session, tools.clock.now() + timedelta(0), 10)
    assert (len(due), "polled" in report.counts) in {(1, False), (0, True)}
    assert all_feeds(tools)[0].lease_until is None


@dataclass(frozen=True)
class Odd:
    """A parser that gives, of one feed, an entry that no database takes."""

    parser: Documents
    url: str

    def parse(self, body: bytes, url: str) -> ParsedFeed:
        if url == self.url:
            return ParsedFeed("", (Entry("x", "", "\ud800", ""),))
        return self.parser.parse(body, url)


def test_a_feed_that_cannot_be_stored_costs_itself_only(web: Web, make_tools: MakeTools) -> None:
    """The others of its batch are stored; it counts as failed, is not tried again at once, and then fetched whole."""
    odd, good = web.set("/odd", rss(ITEMS), RSS, ETag='"1"'), web.set("/good", rss(ITEMS), RSS)
    tools = make_tools(odd, good)
    report = poll(replace(tools, parser=Odd(tools.parser, odd)))

    assert report.counts == {"polled": 2, "failed": 1, "entries": 2, "new": 2}
    assert all_feeds(tools)[0].last_error.startswith("it cannot be taken in (UnicodeEncodeError: ")
    assert all_feeds(tools)[0].etag == ""
    assert poll(tools).counts == {}
