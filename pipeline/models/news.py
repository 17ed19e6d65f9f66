"""Feeds, their articles, and what watches flag. Times are aware UTC."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Column, Index, UniqueConstraint, text
from sqlmodel import Field

from pipeline.domain import Level, host_of
from pipeline.models.columns import Table, TextEnum, UtcDateTime

OFFICIAL = "official"
"""The tier of a feed that is the source of its news: a party to the deals, or its regulator."""


class Health(StrEnum):
    """How a feed fares. A `quiet` one answers and brings nothing new, a `thin` one far less than it used to."""

    WELL = "well"
    FAILING = "failing"
    GONE = "gone"
    QUIET = "quiet"
    THIN = "thin"


class Feed(Table, table=True):
    """A feed and how polling it goes. What it is called stands in the configuration.

    `lease_until`: a process works on it until then, the worker `lease_by` where there are many; it is due when
    `next_poll` has come and no lease runs.
    `interval` is the last wait between two polls, in seconds. `rate` and `usual` are new entries a day, of late and
    over weeks. `entries` is how many it has listed so far, `repeats` how many of those were listed before, by another
    feed or by itself. `moved_to` is where it moved for good, and is polled in place of `url`.
    """

    id: int | None = Field(default=None, primary_key=True)
    url: str = Field(unique=True)
    name: str
    tier: str
    active: bool = True
    created_at: datetime = Field(sa_type=UtcDateTime)
    next_poll: datetime = Field(sa_type=UtcDateTime, index=True)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_by: str = Field(default="", sa_column_kwargs={"server_default": ""})
    etag: str = ""
    last_modified: str = ""
    last_poll: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_success: datetime | None = Field(default=None, sa_type=UtcDateTime)
    failures: int = 0
    failing_since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_error: str = ""
    moved_to: str = ""
    interval: float = 900.0
    rate: float = 0.0
    usual: float = 0.0
    entries: int = 0
    repeats: int = 0
    last_new: datetime | None = Field(default=None, sa_type=UtcDateTime)
    health: Health = Field(default=Health.WELL, sa_column=Column(TextEnum(Health), nullable=False))


class FeedEvent(Table, table=True):
    """That a feed's health changed or that it moved: `note` says what, `since` when it began where that is earlier."""

    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id")
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    since: datetime | None = Field(default=None, sa_type=UtcDateTime)
    note: str


class BodySource(StrEnum):
    """Where an article's body comes from. A `pruned` one was there, and was dropped with the summary."""

    PAGE = "page"
    FEED = "feed"
    NONE = "none"
    PRUNED = "pruned"


_WAITS, _KEPT, _READ = map(text, ("next_try IS NOT NULL", "body_source != 'pruned'", "ingested_at IS NOT NULL"))
"""Which articles an index holds, where it does not hold all."""


class Article(Table, table=True):
    """An entry that was new.

    `identity` is what makes it one article: the canonical URL, or for entries without one a key within the feed.
    `next_try` None: nothing is left to do. `promise` is what title and summary promise (see `Promised`) by the
    watches of that time: what promises more is read sooner. `body_note` says why the body is not the page's. `origin`
    is the host of the outlet where a feed passes on another's piece. Of an `opaque` one the link does not lead to the
    piece. `edits` counts how often it was read again because a feed showed it changed.
    """

    __table_args__ = (
        Index("ix_article_pending", "next_try", "published", "id"),
        Index(
            "ix_article_promise", "promise", "next_try", "published", "id", sqlite_where=_WAITS, postgresql_where=_WAITS
        ),
        Index("ix_article_kept", "found_at", "id", sqlite_where=_KEPT, postgresql_where=_KEPT),
        Index("ix_article_bodies", "body_source", sqlite_where=_READ, postgresql_where=_READ),
    )

    id: int | None = Field(default=None, primary_key=True)
    identity: str = Field(unique=True)
    url: str
    title: str
    author: str = ""
    published: datetime | None = Field(default=None, sa_type=UtcDateTime)
    found_at: datetime = Field(sa_type=UtcDateTime, index=True)
    summary: str = ""
    origin: str = ""
    opaque: bool = False
    edits: int = 0
    promise: int = 0
    body: str = ""
    body_source: BodySource = Field(default=BodySource.NONE, sa_column=Column(TextEnum(BodySource), nullable=False))
    body_note: str = ""
    fingerprint: str = ""
    ingested_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    attempts: int = 0
    next_try: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_until: datetime | None = Field(default=None, sa_type=UtcDateTime)
    lease_by: str = Field(default="", sa_column_kwargs={"server_default": ""})

    @property
    def host(self) -> str:
        """Where it was published, without `www.`; empty where that is unknown."""
        return host_behind(self.origin, self.url)


def host_behind(origin: str, url: str) -> str:
    """The host of an article with this origin and URL."""
    return origin.removeprefix("www.") or host_of(url)


class Earlier(Table, table=True):
    """What an article said before it was edited, until then."""

    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="article.id", index=True)
    title: str
    body: str
    until: datetime = Field(sa_type=UtcDateTime)


class Listing(Table, table=True):
    """That a feed lists an article. `key` is the entry's identity within the feed: GUID, else URL, else text.

    `content` is a digest of what the entry last said, so that an edit is noticed.
    """

    __table_args__ = (
        UniqueConstraint("feed_id", "key"),
        Index("ix_listing_feed", "feed_id", "article_id"),
        Index("ix_listing_seen", "seen_at", "feed_id"),
    )

    id: int | None = Field(default=None, primary_key=True)
    feed_id: int = Field(foreign_key="feed.id")
    article_id: int = Field(foreign_key="article.id", index=True)
    key: str
    content: str = ""
    seen_at: datetime = Field(sa_type=UtcDateTime)


class Match(Table, table=True):
    """An article that a watch flags, and why: `passages` are `domain.Passage` values, best first.

    `reasons` holds two lists of [feature, share]: `window`, of the best passage's certainty, and `piece`, of the score.
    `story_of` is the article that told of the same event before, where this one is not told for that.
    """

    __table_args__ = (UniqueConstraint("article_id", "watch"), Index("ix_match_watch", "watch", "article_id"))

    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="article.id")
    watch: str
    matched_at: datetime = Field(sa_type=UtcDateTime, index=True)
    score: float = 0.0
    level: Level = Field(default=Level.MENTIONS, sa_column=Column(TextEnum(Level), nullable=False))
    passages: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    reasons: dict[str, list[tuple[str, float]]] = Field(default_factory=dict, sa_type=JSON)
    story_of: int | None = Field(default=None, foreign_key="article.id", ondelete="SET NULL", index=True)


class Label(Table, table=True):
    """What a person says of an article, for one watch: whether it mentions what is watched, and is about it."""

    __table_args__ = (UniqueConstraint("article_id", "watch"),)

    id: int | None = Field(default=None, primary_key=True)
    article_id: int = Field(foreign_key="article.id")
    watch: str
    mentions: bool
    about: bool
    labelled_at: datetime = Field(sa_type=UtcDateTime)
