"""Channels that were disabled, and what is kept quiet."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from pipeline.models.telling import Disabled, Mute


def disabled(session: Session) -> list[Disabled]:
    """Channels whose receiver said that it is gone for good."""
    return list(session.exec(select(Disabled).order_by(col(Disabled.channel))))


def mutes(session: Session, now: datetime) -> list[Mute]:
    """What nothing is told of now, the first to end first."""
    return list(session.exec(select(Mute).where(col(Mute.until) > now).order_by(col(Mute.until), col(Mute.id))))
