"""Spans of time as people write them: 12h, 7d, 2w."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from pipeline.errors import UsageError


def parse_span(value: str) -> timedelta:
    """A span from `12h`, `7d` or `2w`. Raises UsageError."""
    if span := _span(value):
        return span
    raise UsageError(f"{value!r} is no span of time. Write 12h, 7d or 2w.")


def since(value: str, now: datetime) -> datetime:
    """A point in time from `2d`, `12h` or `2026-01-31`. Raises UsageError."""
    if span := _span(value):
        return now - span
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise UsageError(f"{value!r} is no time. Write 12h, 30d, 2w or a date such as 2026-01-31.") from None


def _span(value: str) -> timedelta | None:
    found = re.fullmatch(r"([1-9]\d{0,4})([hdw])", value)
    return timedelta(hours=int(found[1]) * {"h": 1, "d": 24, "w": 168}[found[2]]) if found else None
