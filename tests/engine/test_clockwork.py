"""Jumps of the clock, and waits after failures."""

from __future__ import annotations

import pytest

from pipeline.engine.clockwork import Backoff, Jumps


@pytest.mark.parametrize(
    ("looks", "jumps"),
    [
        ([(1001, 1), (1002, 2)], [0, 0]),
        ([(-2599, 1), (-2598, 2)], [-3600, 0]),
        ([(4601, 1), (1002, 2)], [3600, -3600]),
        ([(1004.9, 1), (1009.8, 2), (1014.7, 3)], [0, 0, 0]),
        ([(1006.1, 1)], [pytest.approx(5.1)]),
        ([(994.9, 1)], [pytest.approx(-6.1)]),
        ([(1900, 900)], [0]),
    ],
    ids=["steady", "set back", "forth and back", "drift", "just enough", "just enough back", "a long look away"],
)
def test_jumps(looks: list[tuple[float, float]], jumps: list[float]) -> None:
    """A jump is told once, with its size and direction; drift and time that passed are none."""
    seen = Jumps(1000, 0)

    assert [seen.seen(wall, steady) for wall, steady in looks] == jumps


def test_waits_double_up_to_a_minute() -> None:
    """After each failure the next try is twice as far off, a minute at most; a success resets that."""
    backoff, now, waits = Backoff(), 0.0, []
    for _ in range(9):
        backoff.failed("locked", now, now)
        step = next(step for step in range(100) if backoff.ready(now + step))
        waits.append(step)
        now += step
    backoff.succeeded()
    after = backoff.ready(now)
    backoff.failed("locked", now, now)

    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert after
    assert not backoff.ready(now + 0.9)
    assert backoff.ready(now + 1)


def test_tries_side_by_side_lengthen_the_wait_once() -> None:
    """Four that began before the first of them failed are one failure for the wait, and four for the count."""
    backoff = Backoff()
    for at in (10.0, 10.1, 10.2, 10.3):
        backoff.failed("locked", 9.0, at)

    assert backoff.ready(11.0)
    assert backoff.succeeded() == 4


def test_each_distinct_failure_is_told_once_and_repeats_are_counted() -> None:
    """A new reason is spoken of at once, the same again once a minute by its number, and after a success anew."""
    backoff = Backoff()
    told = [
        backoff.failed(why, at, at)
        for at, why in [(0, "locked"), (1, "locked"), (3, "full"), (7, "full"), (62, "locked"), (64, "full"), (70, "x")]
    ]
    ended, nothing = backoff.succeeded(), backoff.succeeded()

    assert told == [1, 0, 1, 0, 0, 4, 1]
    assert (ended, nothing) == (7, 0)
    assert backoff.failed("locked", 80, 80) == 1
