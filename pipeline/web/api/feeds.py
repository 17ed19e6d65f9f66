"""Feeds: how each fares."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from pydantic import Field

from pipeline.config.schema import FeedSettings, Tier
from pipeline.models import Feed, Health
from pipeline.store import feeds
from pipeline.store.feeds import Listed
from pipeline.web.api.values import Link, Sent, Text
from pipeline.web.site import SiteHere

router = APIRouter(tags=["Feeds"])
_DAYS = 14


class FeedFares(Sent):
    """A feed of feeds.yaml, and how polling it goes. What is not known before its first poll is null."""

    id: int | None = Field(description="Its number; null before it is taken up.")
    name: Text
    url: Link
    tier: Tier
    tags: list[Text]
    enabled: bool
    health: Health | None
    last_poll: datetime | None
    last_success: datetime | None
    last_new: datetime | None = Field(description="When it last brought something new.")
    next_poll: datetime | None
    interval: float | None = Field(description="The seconds between two polls, as they are now.")
    new_a_day: float | None = Field(description="New entries a day, of late.")
    failures: int = Field(description="How many polls have failed in a row.")
    failing_since: datetime | None
    error: Text
    moved_to: Link = Field(description="Where it moved for good, and is polled; empty where it did not.")
    entries: int = Field(description="How many entries it has listed so far.")
    repeats: int = Field(description="How many of those another feed had listed before.")
    daily: list[int] = Field(description="Entries listed for the first time on each of the last 14 days, oldest first.")


class Feeds(Sent):
    """All feeds."""

    items: list[FeedFares]


@router.get("/feeds")
def list_feeds(site: SiteHere) -> Feeds:
    """All feeds of feeds.yaml, in its order, and how each fares."""
    with site.store.read() as session:
        stored = {feed.url: feed for feed in feeds.all_active(session)}
        listed = feeds.listed_counts(session)
        daily = feeds.daily_counts(session, _DAYS, site.now())
    items = []
    for feed in site.settings.feeds:
        row = stored.get(feed.url)
        id_ = row.id or 0 if row else 0
        items.append(_fares(feed, row, listed.get(id_, Listed()), daily.get(id_, [0] * _DAYS)))
    return Feeds(items=items)


def _fares(feed: FeedSettings, row: Feed | None, listed: Listed, daily: list[int]) -> FeedFares:
    return FeedFares(
        id=row.id if row else None,
        name=feed.name,
        url=feed.url,
        tier=feed.tier,
        tags=list(feed.tags),
        enabled=feed.enabled,
        health=row.health if row else None,
        last_poll=row.last_poll if row else None,
        last_success=row.last_success if row else None,
        last_new=row.last_new if row else None,
        next_poll=row.next_poll if row else None,
        interval=row.interval if row else None,
        new_a_day=row.rate if row else None,
        failures=row.failures if row else 0,
        failing_since=row.failing_since if row else None,
        error=row.last_error if row else "",
        moved_to=row.moved_to if row else "",
        entries=listed.entries,
        repeats=listed.repeats,
        daily=daily,
    )
