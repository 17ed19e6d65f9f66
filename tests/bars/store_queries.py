"""How long every query takes that a page of the dashboard needs, on a big store.

    .venv/bin/python -m tests.bars.store_queries FOLDER

The medians are printed, in milliseconds, and how much of each was work of this process; the exit code is 1 where one is
over 50.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.domain import Status
from pipeline.store import Session, Store, articles, changes, channels, feeds, ledger, outbox, search
from pipeline.store.ledger import Filter
from pipeline.store.pressure import pressure
from pipeline.store.search import Search
from tests.bars.web_store import WATCHES

_MOST = 50.0
_RUNS = 9


class Median(NamedTuple):
    """Milliseconds from question to answer, and those of them that this process was at work."""

    whole: float
    work: float


Query = Callable[[Session], Any]


def queries(now: datetime) -> Iterator[tuple[str, Query]]:
    """Every query with its name."""
    yield from _searches(now)
    yield from _deals(now)
    day = now - timedelta(days=1)
    yield "outbox.page", lambda s: outbox.page(s)
    yield "outbox.page dead", lambda s: outbox.page(s, "dead")
    yield "outbox.page delivered, of a channel, page 20", lambda s: outbox.page(s, "delivered", "inbox", 20)
    yield "outbox.page of a channel", lambda s: outbox.page(s, channel="desk-chat")
    yield "outbox.counts", outbox.counts
    yield "outbox.last_edition_end", lambda s: outbox.last_edition_end(s, now)
    yield "feeds.daily_counts 14", lambda s: feeds.daily_counts(s, 14, now)
    yield "feeds.daily_counts 30", lambda s: feeds.daily_counts(s, 30, now)
    yield "feeds.listed_counts", feeds.listed_counts
    yield "feeds.reported_between a week", lambda s: feeds.reported_between(s, now - timedelta(days=7), now)
    yield "channels.disabled", channels.disabled
    yield "pressure", lambda s: pressure(s, now)
    yield "articles.counts", articles.counts
    yield "articles.bodies", articles.bodies
    yield "articles.flagged_counts", articles.flagged_counts
    yield "articles.count_found a day", lambda s: articles.count_found(s, day, now)
    yield "articles.matched_between a day", lambda s: articles.matched_between(s, day, now)


def _searches(now: datetime) -> Iterator[tuple[str, Query]]:
    week = now - timedelta(days=7)
    one = WATCHES[0]
    searches: dict[str, tuple[Search, int]] = {
        "all": (Search(), 1),
        "all, page 200": (Search(), 200),
        "flagged": (Search(flagged=True), 1),
        "watch": (Search(watch=one), 1),
        "watch, page 20": (Search(watch=one), 20),
        "feed": (Search(feed="Feed 7"), 1),
        "feed, flagged": (Search(feed="Feed 7", flagged=True), 1),
        "since": (Search(since=week), 1),
        "until": (Search(until=now - timedelta(days=200)), 1),
        "watch, since": (Search(watch=one, since=week), 1),
    }
    words = {
        "of nearly all": "the",
        "common": "data",
        "two common": "data center",
        "phrase": '"data center"',
        "rare": "stavor",
        "common and rare": "the stavor",
        "either": "Nvidia OR Oracle",
        "without": "power -nuclear",
        "prefix": "invest*",
        "short prefix": "con*",
        "many": "the data center of power with chip and market in energy for cloud",
        "none": "zzzzz",
    }
    for name, text in words.items():
        searches[name] = (Search(text), 1)
        searches[f"{name}, best"] = (Search(text, sort="best"), 1)
        searches[f"{name}, watch"] = (Search(text, watch=one), 1)
        searches[f"{name}, feed"] = (Search(text, feed="Feed 7"), 1)
        searches[f"{name}, since"] = (Search(text, since=week), 1)
    searches["common, best, watch"] = (Search("data", watch=one, sort="best"), 1)
    searches["common, page 200"] = (Search("data"), 200)
    for name, (wanted, page) in searches.items():
        yield f"search.find {name}", lambda s, w=wanted, p=page: search.find(s, w, p)


def _deals(now: datetime) -> Iterator[tuple[str, Query]]:
    one = WATCHES[0]
    for sort in ledger.SORTS:
        yield f"ledger.page by {sort}", lambda s, by=sort: ledger.page(s, Filter(), f"-{by}")
    filters = {
        "of a watch": Filter(one),
        "of a party": Filter(party="oracle"),
        "of a status": Filter(status=Status.SIGNED),
        "with words": Filter(words="oracle compute"),
        "of money": Filter(least_usd=1e11),
    }
    for name, wanted in filters.items():
        yield f"ledger.page {name}", lambda s, w=wanted: ledger.page(s, w)
    yield "ledger.page 90", lambda s: ledger.page(s, Filter(), page=90)
    yield "ledger.revision", ledger.revision
    yield "ledger.parties", lambda s: ledger.parties(s, "")
    yield "ledger.parties of a watch", lambda s: ledger.parties(s, one)
    yield "ledger.of_article", lambda s: ledger.of_article(s, 100_000)
    yield "ledger.numbers", lambda s: ledger.numbers(s, one)
    yield "ledger.get, history, attached, related, pointing_at", _one_deal
    yield "changes.found_between a day", lambda s: changes.found_between(s, now - timedelta(days=1), now)
    yield "changes.found_between a month", lambda s: changes.found_between(s, now - timedelta(days=30), now)
    yield "changes.quiet_between a day", lambda s: changes.quiet_between(s, now - timedelta(days=1), now)
    yield "changes.deals_of a day", _deals_of_day
    yield "changes.topic", lambda s: changes.topic(s, 77)


def _one_deal(session: Session) -> None:
    deal = ledger.get(session, 5)
    assert deal
    ledger.history(session, 5)
    ledger.attached(session, deal)
    changes.related(session, deal)
    ledger.pointing_at(session, deal.watch, deal.key)


def _deals_of_day(session: Session) -> None:
    last = search.ids(session, Search(flagged=True), 14)
    changes.deals_of(session, WATCHES[0], last)


def measure(state: Path, runs: int = _RUNS) -> dict[str, Median]:
    """The median of each, each in a session of its own."""
    took: dict[str, Median] = {}
    with Store(state) as store:
        with store.read() as session:
            now = max(row.created_at for row in outbox.listing(session, most=5))
        for name, ask in queries(now):
            times = []
            for _ in range(runs):
                with store.read() as session:
                    began, worked = time.perf_counter(), time.thread_time()
                    ask(session)
                    times.append((1000 * (time.perf_counter() - began), 1000 * (time.thread_time() - worked)))
            took[name] = Median(*(statistics.median(column) for column in zip(*times, strict=True)))
    return took


if __name__ == "__main__":
    found = measure(Path(sys.argv[1]))
    for name, median in found.items():
        sys.stdout.write(f"{median.whole:8.1f} {median.work:8.1f}  {name}\n")
    sys.exit(int(any(median.whole > _MOST for median in found.values())))
