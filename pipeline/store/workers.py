"""Workers that share the store: who lives, what the dead held, and by which configuration all work.

Times are the database's own, for the clocks of many machines differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import column, table
from sqlmodel import Session, and_, col, delete, func, or_, select, update

from pipeline.models import Article, Delivery, Feed, Published, Worker

_BEATS = timedelta(seconds=2.5)
"""More than two of what lies between a worker's signs of life."""
_RETURN = timedelta(seconds=6)
"""In which workers are back after the server was restarted."""


@dataclass(frozen=True)
class Seen:
    """A worker as it was last seen, so many seconds ago. `version` is that of the configuration it works by."""

    name: str
    machine: str
    pid: int
    queues: str
    seconds: float
    version: int
    schedules: bool


def now(session: Session) -> datetime:
    """The database's time."""
    moment: datetime = session.exec(select(func.now())).one()
    return moment


def beat(session: Session, worker: Worker) -> None:
    """Say that the worker lives, and how it is."""
    worker.seen_at = now(session)
    session.merge(worker)


def leave(session: Session, name: str) -> None:
    """Forget a worker that has ended; what it may still hold is due again."""
    _free(session, [name])
    session.exec(delete(Worker).where(col(Worker.name) == name))


def bury(session: Session, silent: timedelta) -> list[str]:
    """Make due again what dead workers held, and forget them; their names.

    Dead is who has said nothing for so long; and who has said nothing of late, and has no connection any more: it was
    killed. A server that has just been started has lost all of them, and waits for those who live.
    """
    at, beats = now(session), col(Worker.seen_at)
    connected: Any = select(column("application_name")).select_from(table("pg_stat_activity"))
    killed = and_(
        beats < at - _BEATS,
        col(Worker.name).not_in(connected),
        func.pg_postmaster_start_time() < at - _RETURN,
    )
    dead = list(session.exec(select(Worker.name).where(or_(beats < at - silent, killed))))
    if dead:
        _free(session, dead)
        session.exec(delete(Worker).where(col(Worker.name).in_(dead)))
    return dead


def _free(session: Session, names: Sequence[str]) -> None:
    """A feed had got its next time when it was taken: it is due at once, as nobody may have asked it."""
    theirs = update(Feed).where(col(Feed.lease_until).is_not(None), col(Feed.lease_by).in_(names))
    asked_last = func.coalesce(Feed.last_poll, Feed.created_at)
    session.exec(theirs.values(lease_until=None, next_poll=asked_last))
    for queue in (Article, Delivery):
        held = (col(queue.lease_until).is_not(None), col(queue.lease_by).in_(names))
        session.exec(update(queue).where(*held).values(lease_until=None))


def relieve(session: Session, silent: timedelta) -> list[str]:
    """Cut the connections of the one that schedules, where it hangs: has said nothing for so long. Its name.

    What it holds in the database goes with them. One that has ended, or whose machine has, holds nothing.
    """
    hang = select(Worker.name).where(col(Worker.schedules), col(Worker.seen_at) < now(session) - silent)
    names = list(session.exec(hang))
    theirs = column("application_name").in_(names)
    if names:
        session.connection().execute(
            select(func.pg_terminate_backend(column("pid"))).select_from(table("pg_stat_activity")).where(theirs)
        )
    return names


def living(session: Session) -> list[Seen]:
    """All workers, by machine and name."""
    rows = list(session.exec(select(Worker).order_by(col(Worker.machine), col(Worker.name))))
    if not rows:
        return []
    at = now(session)
    return [
        Seen(r.name, r.machine, r.pid, r.queues, (at - r.seen_at).total_seconds(), r.version, r.schedules) for r in rows
    ]


def publish(session: Session, files: Mapping[str, str], machine: str) -> int:
    """Put these files in force for all workers, as the next version; its number."""
    version = version_in_force(session) + 1
    session.add(Published(version=version, files=dict(files), published_at=now(session), machine=machine))
    return version


def version_in_force(session: Session) -> int:
    """The number of the version in force; 0 where none was published yet."""
    return session.exec(select(func.max(Published.version))).one() or 0


def published(session: Session, version: int) -> Published | None:
    return session.get(Published, version)
