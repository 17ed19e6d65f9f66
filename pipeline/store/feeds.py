"""Feeds: which are due, and how polling them went."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam
from sqlmodel import Session, and_, col, func, or_, select, update

from pipeline.models import Feed, FeedEvent, Health, Listing
from pipeline.store.many import update_each


@dataclass(frozen=True)
class Known:
    """A feed of the configuration. `interval`: seconds between two polls while its own cadence is not known yet."""

    url: str
    name: str
    tier: str
    interval: float = 900.0


def sync(session: Session, known: Iterable[Known], now: datetime) -> None:
    """Make the stored feeds those of the configuration. One that left it rests, with its state kept."""
    stored = {feed.url: feed for feed in session.exec(select(Feed))}
    wanted = {feed.url: feed for feed in known}
    for url, feed in wanted.items():
        row = stored.get(url)
        if row is None:
            fresh = Feed(url=url, name=feed.name, tier=feed.tier, interval=feed.interval, created_at=now, next_poll=now)
            session.add(fresh)
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


def make_due(session: Session, now: datetime, ids: Sequence[int] | None = None) -> None:
    """Let these active feeds be polled now, or all."""
    query = update(Feed).where(col(Feed.active), col(Feed.next_poll) > now).values(next_poll=now)
    session.exec(query if ids is None else query.where(col(Feed.id).in_(ids)))


def lease(session: Session, ids: Sequence[int], now: datetime, until: datetime, by: str = "") -> list[Feed]:
    """Take those of the feeds that are still due, and give them. Those that another takes meanwhile are left to it.

    The next poll is set at once: should the process die over this one, a host is not asked again at each restart.
    """
    waiting = select(Feed).where(col(Feed.id).in_(ids), _is_due(now)).with_for_update(skip_locked=True)
    found = session.exec(waiting).all()
    for feed in found:
        feed.lease_until, feed.lease_by = until, by
        feed.next_poll = now + timedelta(seconds=feed.interval)
    return list(found)


def get(session: Session, ids: Sequence[int]) -> list[Feed]:
    return list(session.exec(select(Feed).where(col(Feed.id).in_(ids))))


def all_active(session: Session) -> list[Feed]:
    return list(session.exec(select(Feed).where(Feed.active).order_by(col(Feed.name))))


def count_active(session: Session) -> int:
    """How many active feeds there are."""
    return session.exec(select(func.count()).where(col(Feed.active))).one()


def failing(session: Session) -> list[Feed]:
    """Active feeds whose last poll failed, worst first."""
    query = select(Feed).where(Feed.active, Feed.failures > 0)
    return list(session.exec(query.order_by(col(Feed.failures).desc(), col(Feed.name))))


def count_unwell(session: Session) -> int:
    """How many active feeds do not answer, or bring less than they used to."""
    return session.exec(select(func.count()).where(col(Feed.active), col(Feed.health) != Health.WELL)).one()


def report(session: Session, feed: Feed, note: str, now: datetime, since: datetime | None = None) -> None:
    """Keep something about a feed to be told in the next digest."""
    session.add(FeedEvent(feed_id=feed.id or 0, at=now, since=since, note=note))


def reported_between(session: Session, start: datetime, end: datetime) -> list[tuple[FeedEvent, Feed]]:
    """What was kept about feeds from `start` to before `end`, oldest first."""
    query = select(FeedEvent, Feed).join(Feed, col(FeedEvent.feed_id) == col(Feed.id))
    within = query.where(col(FeedEvent.at) >= start, FeedEvent.at < end, col(Feed.active))
    return list(session.exec(within.order_by(col(FeedEvent.at), col(Feed.name), col(FeedEvent.id))).all())


def events(session: Session, feed_id: int, most: int) -> list[FeedEvent]:
    """What was kept about a feed, the latest first."""
    query = select(FeedEvent).where(FeedEvent.feed_id == feed_id)
    return list(session.exec(query.order_by(col(FeedEvent.id).desc()).limit(most)))


@dataclass(frozen=True)
class Listed:
    """How many entries a feed has listed so far, and how many of those were listed before."""

    entries: int = 0
    repeats: int = 0


def listed_counts(session: Session) -> dict[int, Listed]:
    """What each feed has listed, by feed id."""
    rows = session.exec(select(Feed.id, Feed.entries, Feed.repeats).where(Feed.entries > 0))
    return {id_ or 0: Listed(entries, repeats) for id_, entries, repeats in rows}


_COUNT = (
    update(Feed)
    .where(col(Feed.id) == bindparam("row"))
    .values(entries=col(Feed.entries) + bindparam("more"), repeats=col(Feed.repeats) + bindparam("again"))
)


def count_listed(session: Session, more: Mapping[int, Listed]) -> None:
    """Add to what feeds have listed, by feed id."""
    rows = ({"row": id_, "more": listed.entries, "again": listed.repeats} for id_, listed in more.items())
    update_each(session, _COUNT, rows)


def daily_counts(session: Session, days: int, now: datetime) -> dict[int, list[int]]:
    """How many entries each feed listed for the first time, by feed id: for each of the last days, the oldest first.

    A day is 24 hours, and the last one ends now. A feed that listed none is left out.
    """
    day = timedelta(days=1)
    counts: dict[int, list[int]] = {}
    for at in range(days):
        start = now - (days - at) * day
        within = (Listing.seen_at >= start, Listing.seen_at < start + day)
        query = select(Listing.feed_id, func.count()).where(*within).group_by(col(Listing.feed_id))
        for feed, count in session.exec(query):
            counts.setdefault(feed, [0] * days)[at] = count
    return counts


_SAVE = update(Feed).where(col(Feed.id) == bindparam("row"))
_NOT_POLLED = {"id", "url", "name", "tier", "active", "created_at", "entries", "repeats"}


def save(session: Session, polled: Iterable[Feed]) -> None:
    """Store how polling went. What the configuration decides and what is counted is left alone: it may have changed."""
    update_each(session, _SAVE, ({"row": feed.id, **feed.model_dump(exclude=_NOT_POLLED)} for feed in polled))


def release(session: Session, ids: Sequence[int] | None = None) -> None:
    """Give leases back: those of `ids`, due at once, or all that a process which is gone left behind."""
    query = update(Feed).where(col(Feed.lease_until).is_not(None))
    asked_last = func.coalesce(Feed.last_poll, Feed.created_at)
    if ids is None:
        session.exec(query.values(lease_until=None))
    else:
        session.exec(query.where(col(Feed.id).in_(ids)).values(lease_until=None, next_poll=asked_last))


def mend_times(session: Session, now: datetime, until: datetime) -> None:
    """Undo what a clock that ran ahead put off.

    A feed polled in the future, or to be polled after more than its interval, is due; no lease outlasts `until`.
    """
    query = select(Feed).where(or_(col(Feed.next_poll) > now, col(Feed.lease_until) > until))
    for feed in session.exec(query):
        ahead = feed.last_poll is not None and feed.last_poll > now
        if ahead or feed.next_poll > now + timedelta(seconds=feed.interval):
            feed.next_poll = now
        feed.lease_until = min(feed.lease_until, until) if feed.lease_until else None


def first_created(session: Session) -> datetime | None:
    """When the oldest feed was stored, which is when the store came into use."""
    return session.exec(select(func.min(Feed.created_at))).one()


def next_due(session: Session) -> datetime | None:
    return session.exec(select(func.min(Feed.next_poll)).where(Feed.active)).one()
