"""deliver: pending deliveries to messages sent."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

from pipeline.errors import DeliveryError
from pipeline.flow.report import Progress, Report, as_they_come
from pipeline.flow.tools import LEASE, Tools
from pipeline.models import Delivery, DeliveryState
from pipeline.notify import render, retry
from pipeline.store import outbox

_GRACE = 6.0
"""Seconds that messages on their way get to arrive when a stop is asked for, so that none goes out twice."""


def deliver(tools: Tools, ids: Sequence[int], progress: Progress = lambda _: None) -> Report:
    """Send the deliveries side by side, each marked as soon as its fate is known."""
    report = Report()
    with tools.store.write() as session:
        taken = outbox.lease(session, ids, now := tools.clock.now(), now + LEASE)
    futures = {tools.threads.submit(_send, tools, row): row for row in taken}
    waiting = {row.id or 0 for row in taken}
    try:
        for done in as_they_come(futures, tools.stop, _GRACE):
            with tools.store.write() as session:
                for future in done:
                    row = futures[future]
                    _mark(tools, row, future.result(), report)
                    outbox.save(session, row)
            waiting -= {futures[future].id or 0 for future in done}
            progress(len(done))
    finally:
        # One still on its way then is not handed back: it is due again when its lease ends, or at the next start.
        idle = [row.id or 0 for future, row in futures.items() if future.cancelled() and row.id in waiting]
        if idle:
            with tools.store.write() as session:
                outbox.release(session, idle)
    return report


def _send(tools: Tools, row: Delivery) -> DeliveryError | None:
    channel = tools.channels.get(row.channel)
    if channel is None:
        return DeliveryError(f"there is no channel {row.channel!r} in dealwire.yaml any more", permanent=True)
    try:
        channel.send(render.message(row.kind, row.uid, row.subject, row.payload, tools.settings.zone))
    except DeliveryError as error:
        return error
    except Exception as error:  # noqa: BLE001  (one that breaks must not leave the others sent and unmarked)
        return DeliveryError(f"{type(error).__name__}: {error}")
    return None


def _mark(tools: Tools, row: Delivery, error: DeliveryError | None, report: Report) -> None:
    now = tools.clock.now()
    row.attempts += 1
    row.lease_until = None
    if error is None:
        row.state, row.delivered_at, row.last_error = DeliveryState.DELIVERED, now, ""
        report.add("delivered")
        return
    row.last_error = str(error)
    wait = None if error.permanent else retry.delay(row.attempts, error.retry_after, random.random())
    if wait is None:
        row.state = DeliveryState.DEAD
        report.add("dead")
    else:
        row.next_try = now + timedelta(seconds=wait)
        report.add("retrying")
    report.fail(f"{row.channel}: {row.subject}", row.last_error)
