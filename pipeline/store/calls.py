"""Calls for workers: jobs that stand in the database, of which each asks for one batch of what is due then."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

_MADE = "made"


def note(session: Session, queue: str) -> None:
    """Note that this transaction makes work for a queue."""
    session.info.setdefault(_MADE, set()).add(queue)


def noted(session: Session) -> frozenset[str]:
    """The queues that this transaction has made work for so far."""
    return frozenset(session.info.get(_MADE, ()))


def waiting(session: Session, names: Collection[str]) -> set[str]:
    """Those of the calls of these names that nobody has answered yet."""
    query = text("SELECT queueing_lock FROM procrastinate_jobs WHERE status = 'todo' AND queueing_lock = ANY(:names)")
    return set(session.connection().execute(query, {"names": list(names)}).scalars())


def connection_of(session: Session) -> Any:
    """The driver's own connection, for a library that writes within this transaction."""
    return session.connection().connection.driver_connection


def is_set_up(session: Session) -> bool:
    """Whether the tables of the jobs are there."""
    return session.connection().execute(text("SELECT to_regclass('procrastinate_jobs')")).scalar() is not None


def set_up(session: Session, schema: str) -> None:
    """Make the tables of the jobs, and have what changes so fast cleaned and counted often.

    The number of rows says little about such a table: it is often empty, and plans made then are bad for a full one.
    """
    connection = session.connection()
    connection.exec_driver_sql(schema.replace("%", "%%"))
    often = "autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500"
    often += ", autovacuum_analyze_scale_factor = 0.0, autovacuum_analyze_threshold = 500"
    for table in ("procrastinate_jobs", "procrastinate_events"):
        connection.exec_driver_sql(f"ALTER TABLE {table} SET ({often})")


def analyze(session: Session) -> None:
    """Bring the statistics of the queues up to date: after many rows at once the plans would be those of few."""
    for table in ("feed", "article", "delivery", "procrastinate_jobs"):
        session.connection().exec_driver_sql(f"ANALYZE {table}")


def drop_stalled(session: Session) -> int:
    """Take away the jobs of workers that are gone: what they were to do is due again anyhow. How many there were."""
    gone = "DELETE FROM procrastinate_jobs WHERE status = 'doing' AND (worker_id IS NULL OR worker_id NOT IN"
    found = session.connection().exec_driver_sql(f"{gone} (SELECT id FROM procrastinate_workers))")
    return found.rowcount


def in_order(session: Session) -> list[str]:
    """What waits to be answered, in the order in which it is."""
    query = text("SELECT task_name FROM procrastinate_jobs WHERE status = 'todo' ORDER BY priority DESC, id")
    return list(session.connection().execute(query).scalars())
