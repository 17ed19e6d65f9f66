"""The daily edition: which stretch of time it covers, and what stands in it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from pipeline.domain import Alert, Digest, DigestSection, FeedTrouble, Undelivered


def bounds(day: date, at: time, zone: tzinfo) -> tuple[datetime, datetime]:
    """What the edition of `day` covers: from the edition time of the day before to that of `day`, in UTC.

    Local times decide, so an edition on a day the clocks change covers 23 or 25 hours, and nothing falls between two.
    """
    end = datetime.combine(day, at, zone).astimezone(UTC)
    start = datetime.combine(day - timedelta(days=1), at, zone).astimezone(UTC)
    return start, end


def latest_day(now: datetime, at: time, zone: tzinfo) -> date:
    """The day of the last edition whose time has come."""
    today = now.astimezone(zone).date()
    return today if bounds(today, at, zone)[1] <= now else today - timedelta(days=1)


def current_day(now: datetime, at: time, zone: tzinfo) -> date:
    """The day of the edition that is being gathered now."""
    return latest_day(now, at, zone) + timedelta(days=1)


def compose(
    *,
    day: date,
    span: tuple[datetime, datetime],
    zone: str,
    now: datetime,
    watches: Mapping[str, str],
    alerts: Sequence[Alert],
    articles: int,
    feeds: int,
    trouble: Iterable[FeedTrouble],
    undelivered: Iterable[Undelivered],
) -> Digest:
    """The edition from the day's rows. `watches` gives each watch's title, in the order they shall stand."""
    ordered = [*watches, *sorted({alert.watch for alert in alerts} - set(watches))]
    sections = tuple(
        DigestSection(name, watches.get(name, name), found)
        for name in ordered
        if (found := tuple(sorted((a for a in alerts if a.watch == name), key=lambda a: not a.about)))
        or name in watches
    )
    start, end = span
    return Digest(
        day=day,
        start=start,
        end=end,
        timezone=zone,
        complete=end <= now,
        sections=sections,
        articles=articles,
        feeds=feeds,
        trouble=tuple(trouble),
        undelivered=tuple(undelivered),
    )
