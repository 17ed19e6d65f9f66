"""How feeds fare."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from pipeline.ingest.health import judge, observe, told
from pipeline.models import Feed, Health

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def feed(**fields: object) -> Feed:
    known = {"url": "https://a.example/", "name": "A", "tier": "press", "created_at": NOW, "next_poll": NOW}
    return Feed(**known | {"last_success": NOW, "last_new": NOW} | fields)


def dates(count: int, each: timedelta, until: datetime = NOW) -> list[datetime | None]:
    return [until - each * n for n in range(count)]


@pytest.mark.parametrize(
    ("published", "rate", "usual", "last_new"),
    [
        (dates(10, DAY), 1, 1, NOW),
        (dates(100, DAY / 24), 24, 24, NOW),
        (dates(20, DAY / 1440), 76, 76, NOW),
        ([*dates(10, DAY), *dates(3, DAY, NOW - 900 * DAY)], 1, 1, NOW),
        ([*dates(10, DAY), NOW + 5 * DAY], 1, 1, NOW),
        ([None, None], 24, 0, NOW),
        ([], 24, 0, NOW),
        ([NOW - 50 * DAY], 1 / 50, 0, NOW - 50 * DAY),
        ([NOW, None], 1, 0, NOW),
    ],
    ids=["daily", "hourly", "a burst", "old ones too", "one ahead", "undated", "empty", "one old", "one now"],
)
def test_a_first_poll(published: list[datetime | None], rate: float, usual: float, last_new: datetime) -> None:
    """A first poll tells the rate by the dates of what it brings; where there are none, nothing is held against it."""
    one = feed(last_new=None)
    observe(one, len(published), NOW, published)

    assert (one.rate, one.usual) == (pytest.approx(rate), pytest.approx(usual))
    assert one.last_new == last_new


@pytest.mark.parametrize("hours", [0.25, 1, 8])
@pytest.mark.parametrize("daily", [2, 24, 200])
def test_rates_settle_at_the_truth(hours: float, daily: float) -> None:
    """However often a feed is asked, its rates come to what it brings."""
    one, random, now = feed(rate=24.0, usual=24.0), Random(1), NOW
    for _ in range(int(200 * 24 / hours)):
        now += timedelta(hours=hours)
        chance = daily * hours / 24
        observe(one, int(chance) + (random.random() < chance % 1), now, None)
        one.last_success = now

    assert one.rate == pytest.approx(daily, rel=0.4)
    assert one.usual == pytest.approx(daily, rel=0.2)


def test_a_long_gap_is_no_burst() -> None:
    """Seventy entries after a week without a poll are ten a day."""
    one = feed(rate=10.0, usual=10.0)
    observe(one, 70, NOW + 7 * DAY, None)

    assert (one.rate, one.usual) == (pytest.approx(10), pytest.approx(10))


@pytest.mark.parametrize(
    ("fields", "health"),
    [
        ({}, Health.WELL),
        ({"failures": 3, "failing_since": NOW - timedelta(hours=6)}, Health.FAILING),
        ({"failures": 2, "failing_since": NOW - 9 * DAY}, Health.WELL),
        ({"failures": 9, "failing_since": NOW - timedelta(hours=5)}, Health.WELL),
        ({"failures": 1, "failing_since": NOW, "health": Health.QUIET}, Health.QUIET),
        ({"health": Health.FAILING}, Health.WELL),
        ({"usual": 3.0, "rate": 3.0, "last_new": NOW - 4 * DAY}, Health.QUIET),
        ({"usual": 3.0, "rate": 3.0, "last_new": NOW - 3.9 * DAY}, Health.WELL),
        ({"usual": 2.9, "rate": 2.9, "last_new": NOW - 4 * DAY}, Health.WELL),
        ({"usual": 0.1, "rate": 0.0, "last_new": NOW - 100 * DAY}, Health.WELL),
        ({"usual": 0.1, "last_new": NOW - 100 * DAY, "health": Health.QUIET}, Health.QUIET),
        ({"usual": 3.0, "rate": 3.0, "health": Health.QUIET}, Health.WELL),
        ({"usual": 50.0, "rate": 4.9}, Health.THIN),
        ({"usual": 50.0, "rate": 5.1}, Health.WELL),
        ({"usual": 50.0, "rate": 16.0, "health": Health.THIN}, Health.THIN),
        ({"usual": 50.0, "rate": 17.0, "health": Health.THIN}, Health.WELL),
        ({"usual": 3.9, "rate": 0.0}, Health.WELL),
    ],
)
def test_judge(fields: dict[str, object], health: Health) -> None:
    """Each state is entered on evidence that chance hardly gives, and left on evidence too."""
    assert judge(feed(**fields), NOW) is health


def test_a_weekend_is_no_silence() -> None:
    """A feed of working days alone stays well over years of weekends and single holidays."""
    one, now, seen = feed(rate=8.0, usual=8.0), datetime(2026, 3, 9, tzinfo=UTC), set()
    one.last_success = one.last_new = now
    for day in range(365):
        for _ in range(24):
            now += timedelta(hours=1)
            works = now.weekday() < 5 and day % 50 != 7
            observe(one, int(works and 9 <= now.hour < 17), now, None)
            one.health = judge(one, now)
            one.last_success = now
            seen.add(one.health)

    assert seen == {Health.WELL}


@pytest.mark.parametrize(
    ("before", "fields", "note", "since"),
    [
        (
            Health.WELL,
            {"health": Health.FAILING, "failures": 7, "last_error": "HTTP 500", "failing_since": NOW},
            "does not answer: HTTP 500 (7 tries)",
            NOW,
        ),
        (
            Health.WELL,
            {"health": Health.QUIET, "usual": 0.5},
            "answers, but brings nothing new; it used to bring 4 a week",
            NOW,
        ),
        (
            Health.WELL,
            {"health": Health.THIN, "rate": 3.0, "usual": 40.0},
            "brings 3 a day where it used to bring 40 a day",
            None,
        ),
        (
            Health.FAILING,
            {"health": Health.GONE},
            "is gone for good (HTTP 410) and rests; take it out of feeds.yaml",
            None,
        ),
        (Health.FAILING, {}, "answers again", None),
        (Health.GONE, {}, "is back", None),
        (Health.QUIET, {}, "brings news again", None),
        (Health.THIN, {}, "brings as much as before again", None),
    ],
)
def test_told(before: Health, fields: dict[str, object], note: str, since: datetime | None) -> None:
    """Every turn has its words."""
    assert told(feed(**fields), before) == (note, since)
