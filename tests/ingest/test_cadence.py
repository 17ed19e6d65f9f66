"""When to poll next."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingest.cadence import adapted, after_failure, after_success
from pipeline.models import Feed

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
HOUR, DAY = 3600.0, 86_400.0
SENT = "Tue, 10 Mar 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("control", "ttl", "delay"),
    [
        (None, None, HOUR),
        ("max-age=60", None, HOUR),
        ("max-age=7200", None, 7200),
        ("public, max-age=7200", None, 7200),
        ("Max-Age=7200", None, 7200),
        ('max-age="7200"', None, 7200),
        ("public,max-age=7200,immutable", None, 7200),
        ("s-maxage=7200", None, HOUR),
        ("x-max-age=7200", None, HOUR),
        ("no-cache, max-age=7200", None, HOUR),
        ("max-age=soon", None, HOUR),
        ("max-age=-1", None, HOUR),
        ("max-age=99999999999999", None, 6 * HOUR),
        (None, 60.0, HOUR),
        (None, 7200.0, 7200),
        (None, 10 * DAY, 6 * HOUR),
        ("max-age=7200", 9000.0, 9000),
        ("max-age=9000", 7200.0, 9000),
    ],
)
def test_after_success(control: str | None, ttl: float | None, delay: float) -> None:
    """The longest of the feed's own interval, its max-age and its ttl, the stated ones up to six hours."""
    headers = {} if control is None else {"cache-control": control}

    assert after_success(HOUR, headers, ttl, 0) == delay


@pytest.mark.parametrize(
    ("headers", "delay"),
    [
        ({"date": SENT, "expires": "Tue, 10 Mar 2026 14:00:00 GMT"}, 2 * HOUR),
        ({"date": SENT, "expires": "Tue, 10 Mar 2026 12:00:10 GMT"}, HOUR),
        ({"date": SENT, "expires": "Mon, 09 Mar 2026 12:00:00 GMT"}, HOUR),
        ({"date": SENT, "expires": "Sat, 10 Mar 2096 12:00:00 GMT"}, 6 * HOUR),
        ({"date": SENT, "expires": "Tue, 10 Mar 2026 14:00:00 GMT", "cache-control": "max-age=9000"}, 9000),
        ({"date": SENT, "expires": "Tue, 10 Mar 2026 14:00:00 GMT", "cache-control": "no-store"}, HOUR),
        ({"date": SENT, "expires": "0"}, HOUR),
        ({"date": SENT, "expires": "Tue, 10 Mar 2026 14:00:00"}, HOUR),
        ({"date": SENT, "expires": "Fri, 31 Dec 9999 23:59:59 -2359"}, 6 * HOUR),
        ({"expires": "Tue, 10 Mar 2026 14:00:00 GMT"}, HOUR),
    ],
)
def test_expires(headers: dict[str, str], delay: float) -> None:
    """Without a max-age, `Expires` against the server's own `Date` says how long an answer stays fresh."""
    assert after_success(HOUR, headers, None, 0) == delay


def test_an_interval_over_a_day_is_kept() -> None:
    """The cap of six hours is for what feeds ask, not for what the user set."""
    assert after_success(7 * DAY, {"cache-control": "max-age=60"}, None, 0) == 7 * DAY


@pytest.mark.parametrize(
    ("failures", "retry_after", "delay"),
    [
        (0, None, HOUR),
        (1, None, HOUR),
        (2, None, 2 * HOUR),
        (10, None, 10 * HOUR),
        (1000, None, DAY),
        (1, 60, HOUR),
        (1, 2 * HOUR, 2 * HOUR),
        (3, 2 * HOUR, 3 * HOUR),
        (1, 30 * DAY, DAY),
    ],
)
def test_after_failure(failures: int, retry_after: float | None, delay: float) -> None:
    """One interval more for each failure in a row, at least what the server asked for, at most a day."""
    assert after_failure(HOUR, failures, retry_after, 0) == delay


@pytest.mark.parametrize(
    ("rate", "interval"),
    [(24, HOUR), (6, 2 * HOUR), (96, HOUR / 2), (1.5, 4 * HOUR), (0, 4 * HOUR), (0.1, 4 * HOUR), (9999, HOUR / 3)],
)
def test_adapted(rate: float, interval: float) -> None:
    """An entry an hour gives the interval as configured; four times as many halve it, within bounds.

    Where nothing is known of a feed it is the configured one, and for an official source never longer.
    """
    feed = Feed(url="https://a.example/", name="A", tier="press", created_at=NOW, next_poll=NOW, rate=rate)

    assert adapted(feed, HOUR) == HOUR
    feed.last_new = NOW
    assert adapted(feed, HOUR) == pytest.approx(interval)
    feed.tier = "official"
    assert adapted(feed, HOUR) == pytest.approx(min(interval, HOUR))


@given(st.floats(30, 10 * DAY), st.integers(0, 10_000), st.floats(0, 1, exclude_max=True))
def test_jitter_adds_at_most_a_tenth(every: float, failures: int, jitter: float) -> None:
    """Jitter makes a delay up to a tenth longer and never shorter."""
    for steady, spread in (
        (after_success(every, {}, None, 0), after_success(every, {}, None, jitter)),
        (after_failure(every, failures, None, 0), after_failure(every, failures, None, jitter)),
    ):
        assert steady <= spread <= steady * 1.1
