"""What was told last, each alert once, whatever the channels."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session, col, select

from pipeline.models import Delivery, DeliveryState
from pipeline.store.chunks import chunks

_ALERTS = ("alert", "deal")
_PORTION = 500


def latest(session: Session, most: int, watch: str = "") -> list[tuple[str, Delivery]]:
    """The last alerts of a watch, or of all, newest first: what names each, and a delivery of it.

    Those that are kept quiet are left out.
    """
    chosen: dict[str, int] = {}
    for key, id_ in _newest_first(session, watch):
        if key not in chosen and len(chosen) == most:
            break
        chosen.setdefault(key, id_)
    ids = list(chosen.values())
    rows = {
        row.id: row
        for chunk in chunks(ids)
        for row in session.exec(select(Delivery).where(col(Delivery.id).in_(chunk)))
    }
    return [(key, rows[id_]) for key, id_ in chosen.items()]


def _newest_first(session: Session, watch: str) -> Iterator[tuple[str, int]]:
    """Alerts by their keys without the channel, with the numbers of their deliveries, read no further than needed."""
    last: int | None = None
    while True:
        query = (
            select(Delivery.id, Delivery.key, Delivery.channel)
            .where(col(Delivery.kind).in_(_ALERTS), Delivery.state != DeliveryState.MUTED)
            .order_by(col(Delivery.id).desc())
            .limit(_PORTION)
        )
        query = query.where(Delivery.watch == watch) if watch else query
        rows = session.exec(query if last is None else query.where(col(Delivery.id) < last)).all()
        for id_, key, channel in rows:
            yield key.removesuffix(f":{channel}"), id_ or 0
        if len(rows) < _PORTION:
            return
        last = rows[-1][0]
