"""Making due again what a process that is gone, or a clock that was wrong, left waiting."""

from __future__ import annotations

from datetime import datetime, timedelta

from pipeline.flow.ingest import RETRIES
from pipeline.flow.tools import LEASE
from pipeline.store import Session, Store, articles, feeds, outbox

_LONGEST_HOLD = timedelta(days=2)
"""How far ahead a delivery may wait: more than any retry, `Retry-After` or quiet hours ask for."""


def recover(store: Store, now: datetime) -> None:
    """Make due again what a process that is gone had taken, and mend times. Only for who holds the store alone."""
    with store.write() as session:
        for queue in (feeds, articles, outbox):
            queue.release(session)
        _mend(session, now)


def mend_times(store: Store, now: datetime) -> None:
    """Make due what waits for a time that a clock which ran ahead set; what is under way stays so."""
    with store.write() as session:
        _mend(session, now)


def _mend(session: Session, now: datetime) -> None:
    feeds.mend_times(session, now, now + LEASE)
    articles.mend_times(session, now, now + RETRIES[-1], now + LEASE)
    outbox.mend_times(session, now, now + _LONGEST_HOLD, now + LEASE)
