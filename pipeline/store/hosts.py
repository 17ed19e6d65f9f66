"""Whose turn it is at a host, among all workers."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import text
from sqlmodel import Session, col, delete

from pipeline.models import HostTurn

_RESERVE = text(
    "INSERT INTO hostturn (host, after) VALUES (:host, clock_timestamp() + :spacing)"
    " ON CONFLICT (host) DO UPDATE SET after = greatest(hostturn.after, clock_timestamp()) + :spacing"
    " RETURNING extract(epoch FROM after - clock_timestamp())"
)


def reserve(session: Session, host: str, spacing: float) -> float:
    """Take the next start of a request to the host, `spacing` seconds after the last; in how many seconds that is."""
    span = timedelta(seconds=spacing)
    until_next: float = session.connection().execute(_RESERVE, {"host": host, "spacing": span}).scalar_one()
    return max(0.0, float(until_next) - spacing)


def forget(session: Session, before: datetime) -> None:
    """Forget the hosts that nobody waits for since then."""
    session.exec(delete(HostTurn).where(col(HostTurn.after) < before))
