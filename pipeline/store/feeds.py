"""Feeds: which are due, and how polling them went."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Session, and_, col, func, or_, select, update

from pipeline.models import Feed, Listing


@dataclass(frozen=True)
class Known:
    """A feed of the configuration."""

    url: str
    name: str
    tier: str


def sync(session: Session, known: Iterable[Known], now: datetime) -> None:
    """Make the stored feeds those of the configuration. One that left it rests, with its state kept."""
    stored = {feed.url: feed for feed in session.exec(select(Feed))}
    wanted = {feed.url: feed for feed in known}
    for url, feed in wanted.items():
        row = stored.get(url)
        if row is None:
            session.add(Feed(url=url, name=feed.name, tier=feed.tier, created_at=now, next_poll=now))
        elif (row.name, row.tier, row.active) != (feed.name, feed.tier, True):
            row.name, row.tier, row.active = feed.name, feed.tier, True
            session.add(row)
    for url, row in stored.items():
        if url not in wanted and row.active:
            row.active = False
            session.add(row)


def _is_due(now: datetime) -> ColumnElement[bool]:
    free = or_(col(Feed.lease_until).is_(None), col(Feed.lease_until) <= now)
    return and_(col(Feed.active), col(Feed.next_poll) <= now, free)


def due(session: Session, now: datetime, most: int) -> list[int]:
    """Ids of feeds whose time has come, longest waiting first."""
    query = select(Feed.id).where(_is_due(now)).order_by(col(Feed.next_poll)).limit(most)
    return [id_ for id_ in session.exec(query) if id_ is not None]


def make_due(session: Session, now: datetime) -> None:
    """Let every active feed be polled now."""
    session.exec(update(Feed).where(col(Feed.active), col(Feed.next_poll) > now).values(next_poll=now))


def lease(session: Session, ids: Sequence[int], now: datetime, until: datetime) -> list[Feed]:
    """Take those of the feeds that are still due, and give them."""
    found = session.exec(select(Feed).where(col(Feed.id).in_(ids), _is_due(now))).all()
    for feed in found:
        feed.lease_until = until
    return list(found)


def get(session: Session, ids: Sequence[int]) -> list[Feed]:
    return list(session.exec(select(Feed).where(col(Feed.id).in_(ids))))


def all_active(session: Session) -> list[Feed]:
    return list(session.exec(select(Feed).where(Feed.active).order_by(col(Feed.name))))


def failing(session: Session, at_least: int = 1) -> list[Feed]:
    """Active feeds that failed so many times in a row, worst first."""
    return list(
        session.exec(
            select(Feed)
            .where(Feed.active, Feed.failures >= at_least)
            .order_by(col(Feed.failures).desc(), col(Feed.name))
        )
    )


def listed_counts(session: Session) -> dict[int, int]:
    """How many entries each feed has listed so far, by feed id."""
    return dict(session.exec(select(Listing.feed_id, func.count()).group_by(col(Listing.feed_id))).all())


_SAVE = update(Feed).where(col(Feed.id) == bindparam("saved"))


def save(session: Session, feed: Feed) -> None:
    """Store how polling went. What the configuration decides is left alone: it may have changed meanwhile."""
    polled = feed.model_dump(exclude={"id", "url", "name", "tier", "active", "created_at"})
    session.connection().execute(_SAVE, {"saved": feed.id, **polled})  # past the ORM: it costs five times as much


def release(session: Session, ids: Sequence[int] | None = None) -> None:
    """Give leases back: those of `ids`, or all that a process which is gone left behind."""
    query = update(Feed).where(col(Feed.lease_until).is_not(None)).values(lease_until=None)
    session.exec(query if ids is None else query.where(col(Feed.id).in_(ids)))


def first_created(session: Session) -> datetime | None:
    """When the oldest feed was stored, which is when the store came into use."""
    return session.exec(select(func.min(Feed.created_at))).one()


def next_due(session: Session) -> datetime | None:
    return session.exec(select(func.min(Feed.next_poll)).where(Feed.active)).one()
