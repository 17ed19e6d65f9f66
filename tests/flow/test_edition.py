"""digest: the day to the outbox."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from pipeline import flow
from pipeline.domain import Message
from pipeline.engine.stages import once
from pipeline.flow import Tools
from pipeline.models import DeliveryState
from pipeline.store import outbox
from tests.conftest import MakeTools
from tests.flow.conftest import all_articles, all_deliveries, all_feeds, ingest, poll
from tests.support.web import Web
from tests.support.world import DEAL, OTHER, FixedClock, rss

ITEMS = [{"title": DEAL, "guid": "1"}, {"title": OTHER, "guid": "2"}]
QUIET = {"quiet": {"title": "Quiet", "all": {"who": ["Nobody"]}}}
CHANNELS = {"a": {"type": "local", "folder": "a"}, "b": {"type": "local", "folder": "b"}}


def edition(tools: Tools, day: date) -> Any:
    with tools.store.read() as session:
        return flow.gather(tools.settings, session, tools.clock.now(), day)


def write(tools: Tools, day: date) -> int:
    return flow.digest(tools.settings, tools.store, tools.clock.now(), day)


def test_contents(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """The day's matches by watch, what was found, feeds that keep failing, and what could not be delivered."""
    tools = make_tools(web.set("/feed", rss(ITEMS), "application/rss+xml"), f"{web.base}/dead", f"{web.base}/new")
    for _ in range(3):
        poll(tools)
        clock.advance(hours=3)
    web.set("/new", rss([]), "application/rss+xml")
    poll(tools)
    ingest(tools)
    [told] = all_deliveries(tools)
    told.state, told.last_error = DeliveryState.DEAD, "550 no"
    with tools.store.write() as session:
        outbox.save(session, told)
    today = flow.current_day(tools.settings, clock.now())
    found = edition(tools, today)

    [flagged] = [article for article in all_articles(tools) if article.title == DEAL]
    assert today == date(2026, 3, 11)
    assert (found.start, found.end) == (datetime(2026, 3, 10, 7, tzinfo=UTC), datetime(2026, 3, 11, 7, tzinfo=UTC))
    assert [(s.watch, s.title) for s in found.sections] == [("test-deals", "Test deals")]
    assert [(a.article, a.title, a.sources) for a in found.sections[0].alerts] == [(flagged.id, DEAL, ("feed 1",))]
    assert (found.articles, found.feeds, found.flagged, found.complete) == (2, 3, 1, False)
    assert [(f.name, f.note, f.since) for f in found.feed_news] == [
        (name, "does not answer: HTTP 404 Not Found (3 tries)", FixedClock().now()) for name in ("feed 2", "feed 3")
    ] + [("feed 3", "answers again", None)]
    assert found.unwell == 1
    assert [(u.id, u.channel, u.error) for u in found.undelivered] == [(str(told.id), "local", "550 no")]


def test_what_another_day_found_is_left_out(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """An edition holds its own stretch of time, and the next one nothing of it."""
    tools = make_tools(web.set("/feed", rss(ITEMS), "application/rss+xml"))
    poll(tools)
    ingest(tools)
    day = date(2026, 3, 11)

    counts = [
        (edition(tools, day + timedelta(days=n)).flagged, edition(tools, day + timedelta(days=n)).articles)
        for n in (-1, 0, 1)
    ]
    assert counts == [(0, 0), (1, 2), (0, 0)]
    clock.advance(days=2)
    assert edition(tools, day).complete


def test_written_once_for_a_day_and_channel(make_tools: MakeTools, clock: FixedClock) -> None:
    """Writing an edition twice adds nothing; another day is another edition."""
    tools = make_tools(channels=CHANNELS)
    today = clock.now().date()
    counts = [write(tools, today), write(tools, today), write(tools, today + timedelta(days=1))]

    assert counts == [2, 0, 2]
    assert [(row.kind, row.channel) for row in all_deliveries(tools)] == [("digest", "a"), ("digest", "b")] * 2
    assert all_deliveries(tools)[0].subject == "Dealwire digest, Tue 10 Mar 2026: nothing flagged"


def test_only_the_digests_channels(make_tools: MakeTools, clock: FixedClock) -> None:
    """`digest.notify` decides who gets it; an empty list means nobody, and then none is due."""
    tools = make_tools(channels=CHANNELS, digest={"timezone": "UTC", "notify": ["b"]})
    write(tools, clock.now().date())
    channels = [row.channel for row in all_deliveries(tools)]
    nobody = make_tools("https://a.example/feed", channels=CHANNELS, digest={"timezone": "UTC", "notify": []})
    clock.advance(days=3)

    assert channels == ["b"]
    assert flow.digest_due(nobody) is None


def test_due_once_and_not_before_its_time(make_tools: MakeTools, clock: FixedClock) -> None:
    """Nothing is due for a time before the store was in use, nor before edition time, nor twice."""
    tools = make_tools("https://a.example/feed")  # noon, five hours after today's edition
    at_first = flow.digest_due(tools)
    clock.advance(hours=18, minutes=59, seconds=59)
    too_early = flow.digest_due(tools)
    clock.advance(seconds=1)
    in_time = flow.digest_due(tools)
    write(tools, date(2026, 3, 11))
    again = flow.digest_due(tools)
    clock.advance(days=1)
    next_day = flow.digest_due(tools)

    assert (at_first, too_early) == (None, None)
    assert (in_time, again, next_day) == (date(2026, 3, 11), None, date(2026, 3, 12))


def test_after_a_long_rest_only_the_latest_is_due(make_tools: MakeTools, clock: FixedClock) -> None:
    """A machine that was off for days tells the last edition, not all of them."""
    tools = make_tools("https://a.example/feed")
    clock.advance(days=5)

    assert flow.digest_due(tools) == date(2026, 3, 15)


def test_an_empty_store_has_no_edition(make_tools: MakeTools, clock: FixedClock) -> None:
    """Without a feed ever known, nothing is due."""
    tools = make_tools()
    clock.advance(days=5)

    assert all_feeds(tools) == []
    assert flow.digest_due(tools) is None


@pytest.mark.parametrize("watches", [None, QUIET], ids=["flagged", "quiet"])
def test_it_is_told(
    web: Web, make_tools: MakeTools, clock: FixedClock, said: list[Message], watches: dict[str, Any] | None
) -> None:
    """An edition whose time has come goes out with everything else, on a quiet day as well, once."""
    tools = make_tools(web.set("/feed", rss(ITEMS), "application/rss+xml"), watches=watches)
    once(tools, lambda *_: None)
    said.clear()
    clock.advance(days=1)
    for _ in range(2):
        once(tools, lambda *_: None)

    [message] = said
    assert message.kind == "digest"
    assert message.subject.endswith("nothing flagged" if watches else "1 flagged")
    assert ("Nothing flagged." in message.text) == (watches is not None)


def test_matches_of_a_watch_that_left_the_configuration(web: Web, make_tools: MakeTools) -> None:
    """They stand last, under the watch's name."""
    url = web.set("/feed", rss(ITEMS), "application/rss+xml")
    tools = make_tools(url)
    poll(tools)
    ingest(tools)
    changed = make_tools(url, watches=QUIET)
    found = edition(changed, date(2026, 3, 11))

    assert [(s.watch, s.title, len(s.alerts)) for s in found.sections] == [
        ("quiet", "Quiet", 0),
        ("test-deals", "test-deals", 1),
    ]


def match_at(tools: Tools, clock: FixedClock, when: datetime) -> None:
    """Let everything be polled and judged at that time."""
    clock.at = when
    poll(tools)
    ingest(tools)


def test_editions_that_never_came_leave_no_hole(web: Web, make_tools: MakeTools, clock: FixedClock) -> None:
    """An edition begins where the last one left off, however long ago that was."""
    tools = make_tools(web.set("/feed", rss(ITEMS), "application/rss+xml"))
    clock.at = datetime(2026, 3, 13, 8, tzinfo=UTC)
    write(tools, date(2026, 3, 13))
    match_at(tools, clock, datetime(2026, 3, 13, 16, tzinfo=UTC))
    clock.at = datetime(2026, 3, 16, 8, tzinfo=UTC)

    assert flow.digest_due(tools) == date(2026, 3, 16)
    assert edition(tools, date(2026, 3, 16)).start == datetime(2026, 3, 13, 7, tzinfo=UTC)
    assert edition(tools, date(2026, 3, 16)).flagged == 1
    assert edition(tools, date(2026, 3, 13)).flagged == 0


def test_an_unfinished_edition_sent_by_hand_does_not_replace_the_whole_one(
    web: Web, make_tools: MakeTools, clock: FixedClock
) -> None:
    """What is sent before its time is a preview; the edition still comes out, with all that came later."""
    tools = make_tools(web.set("/feed", rss(ITEMS), "application/rss+xml"))
    day = date(2026, 3, 11)
    sent = [write(tools, day)]
    match_at(tools, clock, datetime(2026, 3, 10, 20, tzinfo=UTC))
    clock.at = datetime(2026, 3, 11, 7, 1, tzinfo=UTC)
    due = flow.digest_due(tools)
    sent += [write(tools, day), write(tools, day)]

    assert due == day
    assert sent == [1, 1, 0]
    assert edition(tools, day).flagged == 1
