"""deliver: pending deliveries to messages sent."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial

from pipeline.config.channels import EmailChannel, LocalChannel
from pipeline.domain import Message
from pipeline.errors import DeliveryError, ReceiverGone
from pipeline.flow.pacing import PacedOutbox
from pipeline.flow.pictures import drawn
from pipeline.flow.report import Progress, Report
from pipeline.flow.side_by_side import Work, side_by_side
from pipeline.flow.tools import Tools
from pipeline.models import Delivery, DeliveryState
from pipeline.notify import render, retry
from pipeline.store import Session, channels, outbox

_SHOW_PICTURES = (EmailChannel, LocalChannel)
_GRACE = 6.0
"""Seconds that messages on their way get to arrive when a stop is asked for, so that none goes out twice."""


def deliver(tools: Tools, ids: Sequence[int], progress: Progress = lambda _: None) -> Report:
    """Send the deliveries side by side, as the pace of their channels allows, each marked once its fate is known."""
    report = Report()

    def keep(session: Session, sent: Sequence[tuple[Delivery, DeliveryError | None]]) -> None:
        for row, error in sent:
            _mark(tools, session, row, error, report)
            outbox.save(session, row)

    def spoilt(session: Session, row: Delivery, why: str) -> None:
        keep(session, [(row, DeliveryError(why))])

    queue = PacedOutbox(tools.settings)
    work = Work(queue, tools.senders, _channel, partial(_send, tools), keep, spoilt, report, _GRACE)
    side_by_side(tools, work, ids, progress)
    return report


def _channel(row: Delivery) -> str:
    return row.channel


def _send(tools: Tools, row: Delivery) -> DeliveryError | None:
    channel = tools.channels.get(row.channel)
    if channel is None:
        return DeliveryError(f"there is no channel {row.channel!r} in dealwire.yaml any more", permanent=True)
    try:
        channel.send(_message(tools, row))
    except DeliveryError as error:
        return error
    except Exception as error:  # noqa: BLE001  (one that breaks must not leave the others sent and unmarked)
        return DeliveryError(f"{type(error).__name__}: {error}")
    return None


def _message(tools: Tools, row: Delivery) -> Message:
    with tools.store.read() as session:
        earlier = outbox.earlier(session, row)
    shown = isinstance(tools.settings.channels.get(row.channel), _SHOW_PICTURES)
    pictures = drawn(row.kind, row.uid, row.payload) if shown else ()
    zone = tools.settings.zone
    made = render.message(row.kind, row.uid, row.subject, row.payload, zone, row.created_at, earlier, pictures)
    return replace(made, reached=tuple(row.reached))


def _mark(tools: Tools, session: Session, row: Delivery, error: DeliveryError | None, report: Report) -> None:
    now = tools.clock.now()
    row.attempts += 1
    row.lease_until = None
    if error is None:
        row.state, row.delivered_at, row.last_error = DeliveryState.DELIVERED, now, ""
        report.add("delivered")
        return
    row.last_error = str(error)
    row.reached = [*row.reached, *(address for address in error.reached if address not in row.reached)]
    report.fail(f"{row.channel}: {row.subject}", row.last_error)
    if isinstance(error, ReceiverGone):
        _disable(tools, session, row.channel, row.last_error, report)
        row.next_try = now
        return
    wait = None if error.permanent else retry.delay(row.attempts, error.retry_after, random.random())
    if wait is None:
        row.state = DeliveryState.DEAD
        report.add("dead")
    else:
        row.next_try = now + timedelta(seconds=wait)
        report.add("retrying")


def _disable(tools: Tools, session: Session, channel: str, reason: str, report: Report) -> None:
    """Keep what is for the channel until a person says that it is there again."""
    if channels.disable(session, channel, reason, tools.addresses[channel], tools.clock.now()):
        report.add("disabled")
        report.note(channel, f"disabled: {reason}; what is for it waits for `dealwire channels enable {channel}`")
