"""How a feed fares: how much it brings, when that is too little, and what is said of it. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from pipeline.ingest.cadence import ORDINARY
from pipeline.models import Feed, Health

_OF_LATE, _USUAL = 3.0, 45.0  # days after which an entry counts for little (a third) in `rate` and in `usual`
_DEAD_AFTER, _DEAD_FOR = 3, timedelta(hours=6)
_QUIET_FOR, _QUIET_MISSES = timedelta(days=4), 12.0
_THIN, _THICK, _THIN_LEAST = 0.1, 1 / 3, 4.0
_FIRST_LOOK = timedelta(days=14)


def observe(feed: Feed, new: int, now: datetime, published: Iterable[datetime | None] | None) -> None:
    """Take what a successful poll brought into the rates: `new` entries, of a document with entries of these dates.

    None where it had not changed. `feed.last_success` is still that of the poll before.
    """
    if feed.last_new is None:
        if published is not None:
            _begin(feed, published, now)
        return
    days = _days(now - (feed.last_success or feed.created_at))
    feed.rate = _smoothed(feed.rate, new, days, _OF_LATE)
    feed.usual = _smoothed(feed.usual, new, days, _USUAL)
    if new:
        feed.last_new = now


def _begin(feed: Feed, published: Iterable[datetime | None], now: datetime) -> None:
    """Set the first rates by the dates of what is listed. Undated entries are no evidence."""
    dates = sorted(date for date in published if date and date <= now)
    feed.last_new = dates[-1] if dates else now
    recent = [date for date in dates if date > now - _FIRST_LOOK]
    if len(recent) > 1:
        feed.rate = feed.usual = (len(recent) - 1) / _days(now - min(recent[0], now - timedelta(hours=6)))
    else:
        feed.rate, feed.usual = (1 / max(_days(now - dates[-1]), 1.0) if dates else ORDINARY), 0.0


def _smoothed(rate: float, new: int, days: float, over: float) -> float:
    """The rate a day with `new` more events, older ones fading over so many days. However often asked, unbiased."""
    if days <= 0:
        return rate + new / over
    kept = math.exp(-days / over)
    return rate * kept + (1 - kept) * new / days  # spread over the days: a long gap is no burst


def _days(span: timedelta) -> float:
    return span.total_seconds() / 86_400


def judge(feed: Feed, now: datetime, *, gone: bool = False) -> Health:
    """How the feed fares after a poll, by its counters and rates; a state is left only on evidence.

    It fails after three failures in a row over six hours. It is quiet when four days bring nothing where a dozen
    entries were to be expected, until something comes; thin when the last days bring less than a tenth of what is
    usual, until they bring a third.
    """
    if gone:
        return Health.GONE
    if feed.failures:
        dead = feed.failures >= _DEAD_AFTER and now - (feed.failing_since or now) >= _DEAD_FOR
        return Health.FAILING if dead else feed.health
    idle = now - (feed.last_new or now)
    if idle >= _QUIET_FOR and (feed.health is Health.QUIET or feed.usual * _days(idle) >= _QUIET_MISSES):
        return Health.QUIET
    limit = feed.usual * (_THICK if feed.health is Health.THIN else _THIN)
    return Health.THIN if feed.usual >= _THIN_LEAST and feed.rate < limit else Health.WELL


def told(feed: Feed, before: Health) -> tuple[str, datetime | None]:
    """What is said of a feed whose health has just changed, and since when; empty where that is nothing."""
    if feed.health is Health.FAILING:
        return f"does not answer: {feed.last_error} ({feed.failures} tries)", feed.failing_since
    if feed.health is Health.GONE:
        return "is gone for good (HTTP 410) and rests; take it out of feeds.yaml", None
    if feed.health is Health.QUIET:
        return f"answers, but brings nothing new; it used to bring {_a_day(feed.usual)}", feed.last_new
    if feed.health is Health.THIN:
        return f"brings {_a_day(feed.rate)} where it used to bring {_a_day(feed.usual)}", None
    back = {
        Health.FAILING: "answers again",
        Health.GONE: "is back",
        Health.QUIET: "brings news again",
        Health.THIN: "brings as much as before again",
    }
    return back.get(before, ""), None


def _a_day(rate: float) -> str:
    return f"{rate:.0f} a day" if rate >= 1.5 else f"{rate * 7:.0f} a week"
