"""How soon entries are found, and at how many requests."""

from __future__ import annotations

from statistics import median

from tests.bars.week import compare


def test_sooner_with_fewer_requests() -> None:
    """Over feeds of very different rates, entries are found sooner than by half-hourly polls, with fewer requests."""
    ours, fixed = compare(150)

    assert median(ours.delays) < 0.7 * median(fixed.delays)
    assert ours.requests_per_feed_day < fixed.requests_per_feed_day
    assert ours.busiest_minute <= 61
