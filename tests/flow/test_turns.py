"""Which pages are read first, and what holds up which others."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from pipeline.engine.stages import INGEST, batch, drain
from pipeline.flow import Report, Tools
from tests.conftest import MakeTools
from tests.engine.daemon import eventually
from tests.flow.conftest import all_articles, poll
from tests.support.web import Answer, Request, Web, serve
from tests.support.world import DEAL, FixedClock, page, rss

RSS = "application/rss+xml"
HTTP = {"allow_private": ["127.0.0.0/8"], "concurrency": 8, "per_host": 2}


@contextmanager
def hanging(web: Web, paths: Sequence[str]) -> Iterator[None]:
    """Pages that are not given before the end."""
    go = threading.Event()

    def hang(_: Request) -> Answer:
        go.wait(90)
        return Answer(page("Late news", "It comes late."))

    web.answers |= dict.fromkeys(paths, hang)
    try:
        yield
    finally:
        go.set()


@contextmanager
def ingesting(tools: Tools) -> Iterator[None]:
    """All that is due is read meanwhile, and broken off at the end."""
    thread = threading.Thread(target=drain, args=(tools, INGEST))
    thread.start()
    try:
        yield
    finally:
        tools.stop.set()
        thread.join(90)


def read(tools: Tools) -> list[str]:
    """The titles of what has been read."""
    return [article.title for article in all_articles(tools) if article.ingested_at]


def items(web: Web, count: int) -> list[dict[str, str]]:
    return [{"title": f"News {n}", "link": f"{web.base}/{n}"} for n in range(count)]


def test_what_is_promising_waits_for_nothing(web: Web, make: MakeTools, clock: FixedClock) -> None:
    """While pages hang on all threads that others may have, what the feeds bring meanwhile is read all the same."""
    hosts = [f"127.0.0.{number}" for number in range(2, 10)]
    with ExitStack() as stack:
        slow = [stack.enter_context(serve(host)) for host in hosts]
        listed = [item for other in slow for item in items(other, 20)]
        tools = make(web.set("/feed", rss(listed), RSS), http=HTTP)
        for other in slow:
            stack.enter_context(hanging(other, [f"/{n}" for n in range(20)]))
        poll(tools)
        stack.enter_context(ingesting(tools))
        eventually(lambda: sum(len(other.requests) for other in slow) == 8, "all threads but those that are kept hang")
        eventually(lambda: tools.readers.room() == 0, "there is no room for more")
        clock.advance(minutes=20)
        web.set("/feed", rss([{"title": DEAL, "link": f"{web.base}/deal"}, *listed]), RSS)
        web.set("/deal", page("Deal", DEAL))
        poll(tools)
        eventually(lambda: read(tools) == [DEAL], "the deal is read")

    assert len(read(tools)) < len(listed)


def test_a_slow_host_holds_up_its_own_pages_only(web: Web, make: MakeTools) -> None:
    """However many of them come first: the rest is read while they hang."""
    with serve("127.0.0.2") as slow, hanging(slow, [f"/{n}" for n in range(150)]):
        listed = [*items(slow, 150), *items(web, 5)]
        tools = make(web.set("/feed", rss(listed), RSS), http=HTTP)
        for n in range(5):
            web.set(f"/{n}", page(f"Quick {n}", "It comes at once."))
        poll(tools)
        with ingesting(tools):
            eventually(lambda: len(read(tools)) == 5, "the pages of the other host are read")

    assert len(slow.requests) == 2


def test_in_a_batch_is_one_that_has_waited_longest(web: Web, make: MakeTools, clock: FixedClock) -> None:
    """So that nothing waits for good, however much is found that is newer or promises more."""
    listed: list[dict[str, str]] = []
    tools = make(web.base + "/feed")
    for minutes in (0, 20, 40):
        listed += [{"title": f"{DEAL} {minutes}, {n}", "guid": f"{minutes}, {n}"} for n in range(30)]
        listed += [{"title": "Old"}] if not minutes else []
        web.set("/feed", rss(listed), RSS)
        poll(tools)
        clock.advance(minutes=20)
    taken: list[int] = []

    def unit(_: object, ids: list[int], *__: object) -> Report:
        taken.extend(ids)
        return Report()

    batch(tools, replace(INGEST, unit=unit))
    titles = {article.id: article.title for article in all_articles(tools)}

    assert titles[taken[-1]] == "Old"
    assert all(f"{DEAL} 40" in titles[id_] for id_ in taken[:16])
