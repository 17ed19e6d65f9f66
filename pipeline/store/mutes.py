"""Mutes: of what nothing is told for a while."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, delete, or_, select, update

from pipeline.models import Delivery, DeliveryState, Mute


def covers(session: Session, watch: str, deal_id: int | None, now: datetime) -> bool:
    """Whether the watch, or this deal of it, is muted now."""
    of = or_(col(Mute.deal_id).is_(None), col(Mute.deal_id) == deal_id)
    query = select(Mute.id).where(Mute.watch == watch, of, Mute.until > now)
    return bool(watch) and session.exec(query).first() is not None


def mute(session: Session, watch: str, deal_id: int | None, until: datetime, now: datetime) -> int:
    """Tell nothing of the watch, or of this deal of it, until then; how many that waited are kept back with it.

    What has been tried before may have arrived, and is tried on.
    """
    unmute(session, watch, deal_id)
    session.add(Mute(watch=watch, deal_id=deal_id, created_at=now, until=until))
    waiting = and_(
        col(Delivery.watch) == watch,
        col(Delivery.state) == DeliveryState.PENDING,
        col(Delivery.kind) != "bundle",
        col(Delivery.attempts) == 0,
        col(Delivery.lease_until).is_(None),
    )
    if deal_id is not None:
        waiting = and_(waiting, col(Delivery.deal_id) == deal_id)
    return session.exec(update(Delivery).where(waiting).values(state=DeliveryState.MUTED)).rowcount


def unmute(session: Session, watch: str, deal_id: int | None) -> bool:
    """End the mute of the watch, or of this deal; whether there was one. What it kept back stays muted."""
    return bool(session.exec(delete(Mute).where(_is(watch, deal_id))).rowcount)


def in_force(session: Session, now: datetime) -> list[Mute]:
    """The mutes that hold now, the one that ends first on top."""
    return list(session.exec(select(Mute).where(Mute.until > now).order_by(col(Mute.until), col(Mute.id))))


def _is(watch: str, deal_id: int | None) -> ColumnElement[bool]:
    return and_(
        col(Mute.watch) == watch, col(Mute.deal_id).is_(None) if deal_id is None else col(Mute.deal_id) == deal_id
    )
