"""How much each feed listed: counted over all that is stored, so counted now and then only."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import FastAPI

from pipeline.store import feeds
from pipeline.store.feeds import Listed
from pipeline.web.site import Site

DAYS = 30
_KEPT = timedelta(minutes=5)
_counting = threading.Lock()


@dataclass(frozen=True)
class Tally:
    """By feed id: entries of each of the last days, oldest first, and of all time. `at` is when it was counted."""

    at: datetime
    days: Mapping[int, tuple[int, ...]]
    listed: Mapping[int, Listed]


def tally(app: FastAPI, site: Site) -> Tally:
    """The last tally, or a new one where that is minutes old. While one is counted, others get the one before."""
    kept: Tally | None = getattr(app.state, "tally", None)
    now = site.now()
    if kept and timedelta() <= now - kept.at < _KEPT:
        return kept
    if not _counting.acquire(blocking=kept is None) and kept:
        return kept
    try:
        with site.store.read() as session:
            days = {id_: tuple(counts) for id_, counts in feeds.daily_counts(session, DAYS, now).items()}
            app.state.tally = Tally(now, days, feeds.listed_counts(session))
    finally:
        _counting.release()
    fresh: Tally = app.state.tally
    return fresh
