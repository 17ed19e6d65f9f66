"""prune: the texts of old articles that no watch flags are dropped."""

from __future__ import annotations

import time
from datetime import datetime
from threading import Event

from pipeline.config.schema import Settings
from pipeline.flow.report import Report
from pipeline.store import Store, retention

_PORTION = 500


def prune(
    settings: Settings, store: Store, now: datetime, stop: Event | None = None, *, dry_run: bool = False
) -> Report:
    """Drop the texts of what was found longer ago than `retention.bodies`; the articles stay known by name.

    In small transactions, each followed by a rest of its own length, so that nobody waits long for the database. A
    stop ends it between two of them. Counts `pruned` articles, `earlier` versions and `bytes`, or with `dry_run` what
    they would be.
    """
    report, stop = Report(), stop or Event()
    kept = settings.general.retention.bodies
    last: retention.Place | None = None
    while kept and not stop.is_set():
        began = time.monotonic()
        with store.read() if dry_run else store.write() as session:
            dropped = retention.drop(session, now - kept, now, _PORTION, last, only_count=dry_run)
        for name, count in (("pruned", dropped.articles), ("earlier", dropped.earlier), ("bytes", dropped.bytes)):
            if count:
                report.add(name, count)
        last = dropped.last
        if last is None:
            break
        if not dry_run:
            stop.wait(time.monotonic() - began)
    return report
