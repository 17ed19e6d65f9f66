"""How much waits in the queues, and for how long: a few indexed queries, cheap enough to be asked each minute."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, and_, col, func, select

from pipeline.models import Article, Delivery, DeliveryState, Feed
from pipeline.store import articles, channels, workers
from pipeline.store.workers import Seen


@dataclass(frozen=True)
class Waiting:
    """One queue: how much stands in it, how much of that is due, since when something is, and since when it waits."""

    size: int
    due: int
    due_since: datetime | None
    oldest: datetime | None


@dataclass(frozen=True)
class Pressure:
    """All of it, and the workers that share the store.

    `deliveries` counts by (state, channel); `overdue` is the oldest due delivery of each channel. `held` counts pending
    deliveries that were not tried yet and wait: for a time, or for a channel that is disabled.
    """

    queues: Mapping[str, Waiting]
    deliveries: Mapping[tuple[str, str], int]
    held: int
    overdue: Mapping[str, datetime]
    disabled: frozenset[str]
    failing_feeds: int
    matches: Mapping[str, int]
    workers: Sequence[Seen] = ()


def pressure(session: Session, now: datetime) -> Pressure:
    disabled = frozenset(row.channel for row, _ in channels.disabled(session))
    return Pressure(
        queues={"poll": _feeds(session, now), "ingest": _articles(session, now), "deliver": _deliveries(session, now)},
        deliveries=_by_channel(session),
        held=_held(session, now, disabled),
        overdue=_overdue(session, now),
        disabled=disabled,
        failing_feeds=session.exec(select(func.count()).where(col(Feed.active), Feed.failures > 0)).one(),
        matches=articles.flagged_counts(session),
        workers=workers.living(session),
    )


def _feeds(session: Session, now: datetime) -> Waiting:
    """Every active feed stands in its queue; it waits from when it is due."""
    size = session.exec(select(func.count()).where(col(Feed.active))).one()
    due = select(func.count(), func.min(Feed.next_poll)).where(col(Feed.active), Feed.next_poll <= now)
    count, since = session.exec(due).one()
    return Waiting(size, count, since, since)


def _articles(session: Session, now: datetime) -> Waiting:
    waits = col(Article.next_try).is_not(None)
    # Through those that wait, which are few: by itself the database would walk the index of all articles by age.
    ids = select(Article.id).where(waits).scalar_subquery()
    count, since = session.exec(
        select(func.count(), func.min(Article.next_try)).where(col(Article.next_try) <= now)
    ).one()
    return Waiting(
        size=session.exec(select(func.count()).where(waits)).one(),
        due=count,
        due_since=since,
        oldest=session.exec(select(func.min(Article.found_at)).where(col(Article.id).in_(ids))).one(),
    )


def _deliveries(session: Session, now: datetime) -> Waiting:
    pending = col(Delivery.state) == DeliveryState.PENDING
    size, oldest = session.exec(select(func.count(), func.min(Delivery.created_at)).where(pending)).one()
    due = select(func.count(), func.min(Delivery.next_try)).where(pending, col(Delivery.next_try) <= now)
    count, since = session.exec(due).one()
    return Waiting(size, count, since, oldest)


def _by_channel(session: Session) -> dict[tuple[str, str], int]:
    query = select(Delivery.state, Delivery.channel, func.count()).group_by(col(Delivery.state), col(Delivery.channel))
    return {(str(state), channel): count for state, channel, count in session.exec(query)}


def _held(session: Session, now: datetime, disabled: frozenset[str]) -> int:
    untried = and_(col(Delivery.state) == DeliveryState.PENDING, col(Delivery.attempts) == 0)
    waits = (col(Delivery.next_try) > now) | col(Delivery.channel).in_(disabled)
    return session.exec(select(func.count()).where(untried, waits)).one()


def _overdue(session: Session, now: datetime) -> dict[str, datetime]:
    due = and_(col(Delivery.state) == DeliveryState.PENDING, col(Delivery.next_try) <= now)
    query = select(Delivery.channel, func.min(Delivery.next_try)).where(due).group_by(col(Delivery.channel))
    return dict(session.exec(query).all())
