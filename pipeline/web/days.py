"""Days as addresses and forms write them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from pipeline.errors import UsageError

_YEARS = range(1970, 2100)


def parse_day(text: str) -> date | None:
    """The day of 2026-01-31; None where it is none, or of no year that news could be from."""
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in _YEARS else None


def span_of(since: str, until: str, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """From the beginning of one day to the end of another, in UTC; None where a day is empty. Raises UsageError."""
    first, last = _needed(since), _needed(until)
    return (
        _start(first, zone) if first else None,
        _start(last + timedelta(days=1), zone) if last else None,
    )


def _needed(text: str) -> date | None:
    text = text.strip()
    day = parse_day(text)
    if text and day is None:
        raise UsageError(f"{text!r} is no day. Write it as 2026-01-31.")
    return day


def _start(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
