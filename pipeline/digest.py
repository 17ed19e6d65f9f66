"""The daily edition: which stretch of time it covers, and what stands in it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from types import MappingProxyType

from pipeline.domain import (
    Alert,
    Corroboration,
    DealNews,
    Digest,
    DigestSection,
    DisabledChannel,
    FeedNews,
    QuietDeal,
    Undelivered,
)

QUIET_AFTER = timedelta(days=30)
"""After so long without a mention, the digest says that a deal went quiet."""


@dataclass(frozen=True)
class DealsOfDay:
    """What became of the deals of a watch that keeps a ledger. `articles` are those of the day that belong to some.

    `gone_quiet` are those of which nobody has spoken for `QUIET_AFTER` now.
    """

    new: tuple[DealNews, ...] = ()
    changed: tuple[DealNews, ...] = ()
    corroborated: tuple[Corroboration, ...] = ()
    articles: frozenset[int] = frozenset()
    gone_quiet: tuple[QuietDeal, ...] = ()


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
    feed_news: Iterable[FeedNews],
    undelivered: Iterable[Undelivered],
    disabled: Iterable[DisabledChannel] = (),
    unwell: int = 0,
    deals: Mapping[str, DealsOfDay] = MappingProxyType({}),
    stories: Mapping[tuple[str, int], int] = MappingProxyType({}),
) -> Digest:
    """The edition from the day's rows. `watches` gives each watch's title, in the order they shall stand.

    `deals` holds those watches that keep a ledger; an article that belongs to a deal does not stand by itself there.
    Nor does one that joined a story: `stories` gives, by watch and article, the article that opened it, which gets the
    other's sources.
    """
    ordered = [*watches, *sorted({alert.watch for alert in alerts} - set(watches))]
    sections = [_section(name, watches.get(name, name), alerts, deals.get(name), stories) for name in ordered]
    start, end = span
    return Digest(
        day=day,
        start=start,
        end=end,
        timezone=zone,
        complete=end <= now,
        sections=tuple(sections),
        articles=articles,
        feeds=feeds,
        feed_news=tuple(feed_news),
        undelivered=tuple(undelivered),
        flagged=len({alert.article for alert in alerts}),
        unwell=unwell,
        disabled=tuple(disabled),
    )


def _section(
    name: str,
    title: str,
    alerts: Iterable[Alert],
    deals: DealsOfDay | None,
    stories: Mapping[tuple[str, int], int],
) -> DigestSection:
    told = deals.articles if deals else frozenset()
    own = [alert for alert in alerts if alert.watch == name and alert.article not in told]
    joined: dict[int, list[str]] = {}
    for alert in own:
        if (name, alert.article) in stories:
            joined.setdefault(stories[name, alert.article], []).extend(alert.sources)
    heads = [
        replace(alert, sources=tuple(dict.fromkeys([*alert.sources, *joined.get(alert.article, [])])))
        for alert in own
        if (name, alert.article) not in stories
    ]
    articles = tuple(sorted(heads, key=lambda alert: not alert.about))
    if deals is None:
        return DigestSection(name, title, articles)
    return DigestSection(name, title, articles, True, deals.new, deals.changed, deals.corroborated, deals.gone_quiet)
