"""Channels that are disabled, because their receiver said that it is gone for good."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session, col, delete, func, select

from pipeline.models import Delivery, DeliveryState, Disabled


def disable(session: Session, channel: str, reason: str, address: str, now: datetime) -> bool:
    """Send nothing more to the channel; whether it was enabled before. `address` is a digest of where it leads."""
    if session.get(Disabled, channel):
        return False
    session.add(Disabled(channel=channel, since=now, reason=reason, address=address))
    return True


def enable(session: Session, channel: str) -> bool:
    """Send to the channel again, first what has waited for it; whether it was disabled."""
    return bool(session.exec(delete(Disabled).where(col(Disabled.channel) == channel)).rowcount)


def enable_moved(session: Session, addresses: Mapping[str, str]) -> list[str]:
    """Enable the channels that lead elsewhere than when they were disabled, or are no more; their names."""
    moved = [row for row in session.exec(select(Disabled)) if addresses.get(row.channel) != row.address]
    for row in moved:
        session.delete(row)
    return [row.channel for row in moved]


def disabled(session: Session) -> list[tuple[Disabled, int]]:
    """The disabled channels, each with how many deliveries wait for it."""
    waits = (
        select(func.count())
        .where(Delivery.channel == Disabled.channel, Delivery.state == DeliveryState.PENDING)
        .correlate(Disabled)
        .scalar_subquery()
    )
    return list(session.exec(select(Disabled, waits).order_by(col(Disabled.channel))))
