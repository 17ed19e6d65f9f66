"""poll: due feeds to new articles."""

from __future__ import annotations

import socket
import threading
from datetime import timedelta

import pytest

from pipeline import flow
from pipeline.flow import Tools
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


def test_a_feed_that_moved_for_good_says_where(web: Web, make_tools: MakeTools) -> None:
    """A permanent redirect is followed and kept as advice."""
    web.answers["/old"] = Answer("", 301, {"Location": "/new"})
    web.set("/new", rss(ITEMS), RSS)
    tools = make_tools(f"{web.base}/old")
    poll(tools)

    assert (all_feeds(tools)[0].moved_to, len(all_articles(tools))) == (f"{web.base}/new", 2)


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
    first = tools.senders.submit(flow.poll, tools, ids)
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
