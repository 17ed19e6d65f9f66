"""How much each feed listed of late: counted over many rows, so counted now and then only."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import FastAPI

from pipeline.store import feeds
from pipeline.web.site import Site

DAYS = 30
_KEPT = timedelta(minutes=1)
_counting = threading.Lock()


@dataclass(frozen=True)
class _Tally:
    at: datetime
    days: Mapping[int, list[int]]


def days_of(app: FastAPI, site: Site) -> Mapping[int, list[int]]:
    """By feed id, the entries of each of the last `DAYS`, oldest first, as they were a minute ago at most.

    While they are counted anew, others get those before.
    """
    kept: _Tally | None = getattr(app.state, "tally", None)
    now = site.now()
    if kept and timedelta() <= now - kept.at < _KEPT:
        return kept.days
    if not _counting.acquire(blocking=kept is None) and kept:
        return kept.days
    try:
        with site.store.read() as session:
            fresh = _Tally(now, feeds.daily_counts(session, DAYS, now))
        app.state.tally = fresh
    finally:
        _counting.release()
    return fresh.days
