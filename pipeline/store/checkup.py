"""A look at a database, in whatever state it is: nothing is written, migrated or repaired."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import NullPool, create_engine
from sqlmodel import Session, and_, col, func, select

from pipeline.models import Article, Delivery, DeliveryState, Disabled, Feed
from pipeline.store.backup import read_only
from pipeline.store.failures import translated
from pipeline.store.server import reading

SOUND_SQLITE = (3, 51, 3)
"""The first version without the WAL-reset bug: before, a database could be damaged, rarely, when several connections
wrote and checkpointed at the same moment (sqlite.org/wal.html#walresetbug)."""

_MENDED = ((3, 44, 6), (3, 50, 7))
"""Older ones into which its mending was taken."""

_LONG_RUN_OUT = timedelta(hours=1)
_LONG_PENDING = timedelta(days=1)
_LONG_DUE = timedelta(hours=1)
_INTERVALS = 3


@dataclass(frozen=True)
class Standing:
    """How the queues stand: counts of what is stuck, names of feeds not polled for long, and times."""

    leases: int
    articles: int
    deliveries: int
    dead: int
    feeds: list[str]
    next_feed: datetime | None
    newest: datetime | None
    disabled: list[str]


def sqlite_version() -> tuple[int, ...]:
    return sqlite3.sqlite_version_info


def is_mended(version: tuple[int, ...]) -> bool:
    """Whether this SQLite is without the WAL-reset bug."""
    return version >= SOUND_SQLITE or any(version[:2] == old[:2] and version >= old for old in _MENDED)


def schema(database: Path) -> str | None:
    """The schema of the database; None where it is none of Dealwire's. Raises StoreError."""
    with translated(database), closing(read_only(database)) as connection:
        known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone() if known else None
        return str(row[0]) if row else None


def standing(place: Path | str, now: datetime) -> Standing:
    """How the queues of a database of the current schema stand: a file, or that of a URL. Raises StoreError."""
    with reading(place) if isinstance(place, str) else _reading(place) as session:
        active = session.exec(select(Feed).where(col(Feed.active)).order_by(col(Feed.name))).all()
        ran_out = now - _LONG_RUN_OUT
        pending = col(Delivery.state) == DeliveryState.PENDING
        at_work = ((Feed, col(Feed.active)), (Article, col(Article.next_try).is_not(None)), (Delivery, pending))
        leases = sum(  # of what can be at work only: to look through all articles would take minutes
            session.exec(select(func.count()).where(of_these, col(table.lease_until) < ran_out)).one()
            for table, of_these in at_work
        )
        late = and_(pending, col(Delivery.next_try) < now - _LONG_DUE)
        newest = [session.exec(select(func.max(at))).one() for at in (Article.found_at, Feed.last_poll)]
        disabled = session.exec(select(Disabled.channel).order_by(col(Disabled.channel))).all()
        return Standing(
            leases=leases,
            articles=session.exec(select(func.count()).where(col(Article.next_try) < now - _LONG_PENDING)).one(),
            deliveries=session.exec(select(func.count()).where(late)).one(),
            dead=session.exec(select(func.count()).where(col(Delivery.state) == DeliveryState.DEAD)).one(),
            feeds=[feed.name for feed in active if _is_overdue(feed, now)],
            next_feed=min((feed.next_poll for feed in active), default=None),
            newest=max((at for at in newest if at is not None), default=None),
            disabled=list(disabled),
        )


def _is_overdue(feed: Feed, now: datetime) -> bool:
    return (feed.last_poll or feed.created_at) + timedelta(seconds=_INTERVALS * feed.interval) < now


@contextmanager
def _reading(database: Path) -> Iterator[Session]:
    engine = create_engine("sqlite://", creator=lambda: read_only(database), poolclass=NullPool)
    with translated(database), Session(engine) as session:
        yield session
