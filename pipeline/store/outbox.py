"""The outbox: deliveries written once, leased, sent and marked."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, func, or_, select, update

from pipeline.models import Delivery, DeliveryState


def add(
    session: Session,
    *,
    key: str,
    channels: Sequence[str],
    kind: str,
    subject: str,
    payload: dict[str, Any],
    now: datetime,
    article_id: int | None = None,
) -> int:
    """Write one delivery for each channel; one whose key and channel were written before is left alone.

    Gives how many were new.
    """
    keys = {f"{key}:{channel}": channel for channel in channels}
    written = set(session.exec(select(Delivery.key).where(col(Delivery.key).in_(list(keys)))))
    fresh = [
        Delivery(
            key=whole,
            uid=f"msg_{uuid.uuid4().hex}",
            channel=channel,
            kind=kind,
            subject=subject,
            article_id=article_id,
            payload=payload,
            created_at=now,
            next_try=now,
        )
        for whole, channel in keys.items()
        if whole not in written
    ]
    session.add_all(fresh)
    return len(fresh)


def has(session: Session, key: str) -> bool:
    """Whether anything was written under this key, for whatever channel."""
    under = (col(Delivery.key) >= f"{key}:", col(Delivery.key) < f"{key};")  # ";" follows ":", so the index serves
    return session.exec(select(Delivery.id).where(*under)).first() is not None


def last_edition_end(session: Session, before: datetime) -> datetime | None:
    """Where the latest digest in the outbox that ended before then left off; None where there is none."""
    query = select(Delivery).where(col(Delivery.key).startswith("digest:")).order_by(col(Delivery.id).desc()).limit(200)
    ends = (datetime.fromisoformat(row.payload["end"]) for row in session.exec(query))
    return max((end for end in ends if end < before), default=None)


def _is_due(now: datetime) -> ColumnElement[bool]:
    free = or_(col(Delivery.lease_until).is_(None), col(Delivery.lease_until) <= now)
    return and_(col(Delivery.state) == DeliveryState.PENDING, col(Delivery.next_try) <= now, free)


def due(session: Session, now: datetime, most: int) -> list[int]:
    """Ids of pending deliveries whose time has come, oldest first."""
    query = select(Delivery.id).where(_is_due(now)).order_by(col(Delivery.next_try), col(Delivery.id)).limit(most)
    return [id_ for id_ in session.exec(query) if id_ is not None]


def lease(session: Session, ids: Sequence[int], now: datetime, until: datetime) -> list[Delivery]:
    """Take those of the deliveries that are still due, and give them in the order of `ids`."""
    found = {d.id: d for d in session.exec(select(Delivery).where(col(Delivery.id).in_(ids), _is_due(now)))}
    for row in found.values():
        row.lease_until = until
    return [found[id_] for id_ in ids if id_ in found]


def release(session: Session, ids: Sequence[int] | None = None) -> None:
    """Give leases back: those of `ids`, or all that a process which is gone left behind."""
    query = update(Delivery).where(col(Delivery.lease_until).is_not(None)).values(lease_until=None)
    session.exec(query if ids is None else query.where(col(Delivery.id).in_(ids)))


def mend_times(session: Session, now: datetime, latest: datetime, until: datetime) -> None:
    """Undo what a clock that ran ahead put off: to be tried after `latest` is due now; no lease outlasts `until`."""
    session.exec(update(Delivery).where(col(Delivery.next_try) > latest).values(next_try=now))
    session.exec(update(Delivery).where(col(Delivery.lease_until) > until).values(lease_until=until))


def save(session: Session, delivery: Delivery) -> None:
    session.merge(delivery)


def listing(session: Session, state: str = "", most: int = 50) -> list[Delivery]:
    """Deliveries, newest first, of one state or of all."""
    query = select(Delivery).order_by(col(Delivery.id).desc()).limit(most)
    return list(session.exec(query.where(Delivery.state == state) if state else query))


def get(session: Session, id_: int) -> Delivery | None:
    return session.get(Delivery, id_)


def retry(session: Session, ids: Sequence[int], now: datetime) -> int:
    """Let dead deliveries, and pending ones that wait for a later try, go out again now. Gives how many.

    Those delivered, and those on their way at this moment, are left alone.
    """
    query = (
        update(Delivery)
        .where(col(Delivery.id).in_(ids), col(Delivery.state) != DeliveryState.DELIVERED)
        .where(or_(col(Delivery.lease_until).is_(None), col(Delivery.lease_until) <= now))
        .values(state=DeliveryState.PENDING, attempts=0, next_try=now, lease_until=None)
    )
    return session.exec(query).rowcount


def dead(session: Session, since: datetime | None = None) -> list[Delivery]:
    """What found no way out, oldest first; `since`: only what was last due then or later."""
    query = select(Delivery).where(Delivery.state == DeliveryState.DEAD).order_by(col(Delivery.id))
    return list(session.exec(query.where(Delivery.next_try >= since) if since else query))


def counts(session: Session) -> dict[str, int]:
    """How many deliveries there are of each state."""
    rows = session.exec(select(Delivery.state, func.count()).group_by(col(Delivery.state)))
    return {str(state): count for state, count in rows}
