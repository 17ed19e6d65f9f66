"""Where the axes of charts have their marks. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

_DAYS = (1, 2, 7, 14)
_MONTHS = (1, 2, 3, 6, 12, 24, 60, 120)


def stamp(day: date) -> int:
    """The beginning of the day (UTC) in milliseconds, as Vega counts time."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def days(first: date, last: date, most: int) -> list[tuple[date, str]]:
    """At most so many days from first to last at which an axis is marked, with what is written there."""
    found: list[date] = []
    for step in _DAYS:
        found = list(_by_days(first, last, step))
        if len(found) <= most:
            return [(day, f"{day.day} {day:%b}") for day in found]
    for step in _MONTHS:
        found = list(_by_months(first, last, step))
        if len(found) <= most:
            break
    years = all(day.month == 1 for day in found)
    return [(day, f"{day:%Y}" if years or day.month == 1 else f"{day:%b}") for day in found[-most:]]


def _by_days(first: date, last: date, step: int) -> Iterator[date]:
    day = first + timedelta(days=((step >= 7) - first.toordinal()) % step)  # weeks begin on Mondays
    while day <= last:
        yield day
        day += timedelta(days=step)


def _by_months(first: date, last: date, step: int) -> Iterator[date]:
    month = first.year * 12 + first.month - 1 + (first.day > 1)
    month += -month % step
    while (day := date(month // 12, month % 12 + 1, 1)) <= last:
        yield day
        month += step


def round_steps(top: float, most: int) -> list[float]:
    """From 0 in equal round steps, the last at `top` or beyond it; at most so many steps."""
    if top <= 0:
        return [0.0, 1.0]
    size = 10 ** math.floor(math.log10(top / most))
    step = next(size * by for by in (1, 2, 2.5, 5, 10) if size * by * most >= top * (1 - 1e-9))
    return [step * n for n in range(math.ceil(top / step - 1e-9) + 1)]


def powers(low: float, high: float) -> list[float]:
    """The powers of ten from the one at or below `low` to the one at or above `high`."""
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    return [10.0**exponent for exponent in range(first, max(last, first + 1) + 1)]
