"""A week of polling under a clock of its own: how soon entries are found, and at how many requests.

python -m tests.bars.week
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from statistics import median, quantiles

from pipeline.ingest import cadence, health
from pipeline.models import OFFICIAL, Feed

_START = datetime(2026, 3, 2, tzinfo=UTC)
_LEARN, _DAYS = 7, 7  # a week to come to know the feeds, and the one that counts
_EVERY = 900.0
_SPACING = 1.0


@dataclass(frozen=True)
class Week:
    """What a week came to. Delays in minutes from publication to poll, of every entry published in it."""

    requests_per_feed_day: float
    delays: list[float]
    busiest_minute: int

    def __str__(self) -> str:
        tenths = quantiles(self.delays, n=10)
        return (
            f"{self.requests_per_feed_day:5.1f} requests a feed and day; delay {median(self.delays):4.1f} min median, "
            f"{tenths[8]:4.1f} min for nine in ten; busiest host {self.busiest_minute} requests a minute"
        )


@dataclass(frozen=True)
class Source:
    """A feed of the simulation: its host, and when it publishes."""

    feed: Feed
    host: int
    times: list[datetime]


def sources(count: int, seed: int) -> list[Source]:
    """Feeds from one entry in two months to some hundreds a day, busier by day and on working days.

    Rates are spread as those of real feeds are (log-normal, of a wide spread). A fifth of them share one host.
    """
    random = Random(seed)
    made = []
    for number in range(count):
        rate = min(max(random.lognormvariate(0, 2.3), 1 / 60), 400)
        tier = OFFICIAL if random.random() < 0.1 else "press"
        feed = Feed(id=number, url="", name="", tier=tier, created_at=_START, next_poll=_START)
        made.append(Source(feed, 0 if number % 5 == 0 else number, _published(random, rate)))
    return made


def _published(random: Random, rate: float) -> list[datetime]:
    """A Poisson process, thinned by night and on weekends, from two weeks before the start."""
    peak, days, found = rate * 2.2, -14.0, []
    while (days := days + random.expovariate(peak)) < _LEARN + _DAYS:
        at = _START + timedelta(days=days)
        busy = (0.5 + 0.5 * math.sin((at.hour - 8) / 24 * 2 * math.pi)) * (0.4 if at.weekday() >= 5 else 1.0)
        if random.random() < busy:
            found.append(at)
    return found


def adaptive(random: Random) -> Callable[[Feed], float]:
    """Waits as the daemon waits."""
    return lambda feed: cadence.after_success(cadence.adapted(feed, _EVERY), {}, None, random.random())


def run(feeds: list[Source], wait: Callable[[Feed], float], seed: int = 0) -> Week:
    """Poll the feeds for two weeks, the first to learn; what the second came to."""
    random = Random(seed)
    begin, end = _START + timedelta(days=_LEARN), _START + timedelta(days=_LEARN + _DAYS)
    due = [(_START + timedelta(seconds=random.uniform(0, _EVERY)), number) for number in range(len(feeds))]
    heapq.heapify(due)
    seen, free = [0] * len(feeds), dict.fromkeys(range(len(feeds)), _START)
    delays: list[float] = []
    minutes: Counter[tuple[int, int]] = Counter()
    while due[0][0] < end:
        at, number = heapq.heappop(due)
        source = feeds[number]
        at = max(at, free[source.host])
        free[source.host] = at + timedelta(seconds=_SPACING)
        new = []
        while seen[number] < len(source.times) and source.times[seen[number]] <= at:
            new.append(source.times[seen[number]])
            seen[number] += 1
        health.observe(source.feed, len(new), at, new[-50:])
        source.feed.last_success = at
        if at >= begin:
            delays += [(at - time).total_seconds() / 60 for time in new if time >= begin]
            minutes[source.host, int(at.timestamp() // 60)] += 1
        heapq.heappush(due, (at + timedelta(seconds=wait(source.feed)), number))
    return Week(minutes.total() / len(feeds) / _DAYS, delays, max(minutes.values()))


def compare(count: int) -> tuple[Week, Week]:
    """The daemon's way, and every feed every half hour, over the same feeds and entries."""
    return run(sources(count, 1), adaptive(Random(2))), run(sources(count, 1), lambda _: 1800.0)


def main() -> None:
    ours, fixed = compare(1000)
    print(f"adaptive      {ours}")  # noqa: T201
    print(f"every 30 min  {fixed}")  # noqa: T201


if __name__ == "__main__":
    main()
