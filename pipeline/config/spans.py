"""Spans of time as people write and read them: 12h, 7d, 2w; 3 h ago."""

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


def ago(value: datetime | None, now: datetime) -> str:
    """How long ago or ahead, in one unit; `never` where there is no such time."""
    if value is None:
        return "never"
    seconds = (now - value).total_seconds()
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")):
        if abs(seconds) >= size:
            count = f"{int(abs(seconds) // size)} {unit}"
            return f"{count} ago" if seconds > 0 else f"in {count}"
    return "now"


def _span(value: str) -> timedelta | None:
    found = re.fullmatch(r"([1-9]\d{0,4})([hdw])", value)
    return timedelta(hours=int(found[1]) * {"h": 1, "d": 24, "w": 168}[found[2]]) if found else None
