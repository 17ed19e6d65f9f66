"""The outbox: deliveries written once, gathered, leased, sent and marked."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from contextlib import closing
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case
from sqlalchemy.orm import defer
from sqlmodel import Session, and_, col, func, or_, select, update

from pipeline.models import Delivery, DeliveryState, Disabled
from pipeline.store import calls, mutes
from pipeline.store.chunks import offset

_NO_PAYLOAD = defer(Delivery.payload)  # type: ignore[arg-type]


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
    watch: str = "",
    deal_id: int | None = None,
) -> int:
    """Write one delivery for each channel; one whose key and channel were written before is left alone.

    What is muted is written too, as such. Gives how many were new.
    """
    muted = mutes.covers(session, watch, deal_id, now)
    keys = {f"{key}:{channel}": channel for channel in channels}
    written = set(session.exec(select(Delivery.key).where(col(Delivery.key).in_(list(keys)))))
    fresh = [
        Delivery(
            key=whole,
            uid=_uid(),
            channel=channel,
            kind=kind,
            subject=subject,
            article_id=article_id,
            watch=watch,
            deal_id=deal_id,
            payload=payload,
            state=DeliveryState.MUTED if muted else DeliveryState.PENDING,
            created_at=now,
            next_try=now,
        )
        for whole, channel in keys.items()
        if whole not in written
    ]
    session.add_all(fresh)
    for delivery in fresh:
        calls.note(session, f"deliver {delivery.channel}")
    return len(fresh)


def _uid() -> str:
    return f"msg_{uuid.uuid4().hex}"


def has(session: Session, key: str) -> bool:
    """Whether anything was written under this key, for whatever channel."""
    return session.exec(select(Delivery.id).where(*_under(key))).first() is not None


def _under(key: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Those of this key, or of keys that it begins. ";" follows ":", so the index serves."""
    return col(Delivery.key) >= f"{key}:", col(Delivery.key) < f"{key};"


def last_edition_end(session: Session, before: datetime) -> datetime | None:
    """Where the latest digest in the outbox that ended before then left off; None where there is none."""
    end = col(Delivery.payload)["end"].as_string()
    query = select(end).where(Delivery.key >= "digest:", Delivery.key < "digest;")
    latest_first = query.order_by(col(Delivery.key).desc()).execution_options(yield_per=5)
    with closing(session.exec(latest_first)) as ends:
        return next((moment for moment in map(datetime.fromisoformat, ends) if moment < before), None)


def _waits(now: datetime) -> ColumnElement[bool]:
    """Pending, taken by nobody, and for a channel that is not disabled."""
    free = or_(col(Delivery.lease_until).is_(None), col(Delivery.lease_until) <= now)
    enabled = col(Delivery.channel).not_in(select(Disabled.channel))
    return and_(col(Delivery.state) == DeliveryState.PENDING, free, enabled)


def due(session: Session, now: datetime, most: int, channel: str = "") -> list[int]:
    """Ids of pending deliveries whose time has come, oldest first; of one channel or of all."""
    query = select(Delivery.id).where(_waits(now), col(Delivery.next_try) <= now)
    if channel:
        query = query.where(col(Delivery.channel) == channel)
    query = query.order_by(col(Delivery.next_try), col(Delivery.id)).limit(most)
    return [id_ for id_ in session.exec(query) if id_ is not None]


def channels_due(session: Session, now: datetime) -> list[str]:
    """The channels for which some delivery's time has come."""
    return list(session.exec(select(Delivery.channel).where(_waits(now), col(Delivery.next_try) <= now).distinct()))


def still_due(session: Session, ids: Sequence[int], now: datetime) -> list[Delivery]:
    """Those of the deliveries whose time has come and that nobody took, in the order of `ids`."""
    mine = (col(Delivery.id).in_(ids), _waits(now), col(Delivery.next_try) <= now)
    found = {row.id: row for row in session.exec(select(Delivery).where(*mine))}
    return [found[id_] for id_ in ids if id_ in found]


def take(rows: Iterable[Delivery], until: datetime, by: str = "") -> None:
    """Lease the deliveries until then."""
    for row in rows:
        row.lease_until, row.lease_by = until, by


def untried(session: Session, channel: str, now: datetime) -> list[Delivery]:
    """What waits for the channel, due or not, and was neither tried nor gathered before, oldest first."""
    fresh = and_(col(Delivery.attempts) == 0, col(Delivery.lease_until).is_(None), Delivery.kind != "bundle")
    mine = col(Delivery.channel) == channel
    return list(session.exec(select(Delivery).where(_waits(now), mine, fresh).order_by(col(Delivery.id))))


def sent_since(session: Session, channel: str, since: datetime, now: datetime) -> list[datetime]:
    """When messages with alerts went to the channel since then, in order; those under way count as sent now.

    What bears a time after `now` went while the clock ran ahead, and does not count.
    """
    mine = (col(Delivery.channel) == channel, Delivery.kind != "digest")
    within = and_(col(Delivery.delivered_at) > since, col(Delivery.delivered_at) <= now)
    went = select(Delivery.delivered_at).where(*mine, within)
    # A gathered one arrived within another.
    times = [at for at in session.exec(went.where(Delivery.state == DeliveryState.DELIVERED)) if at]
    under_way = select(func.count()).where(
        *mine, Delivery.state == DeliveryState.PENDING, col(Delivery.lease_until) > now
    )
    return sorted(times) + [now] * session.exec(under_way).one()


def gather(
    session: Session, rows: Sequence[Delivery], subject: str, payload: dict[str, Any], now: datetime, until: datetime
) -> Delivery:
    """Put a delivery in place of these of one channel, which go out within it; it is taken until then."""
    watches, deals = {row.watch for row in rows}, {row.deal_id for row in rows}
    uid = _uid()
    whole = Delivery(
        key=f"bundle:{uid}",
        uid=uid,
        channel=rows[0].channel,
        kind="bundle",
        subject=subject,
        watch=watches.pop() if len(watches) == 1 else "",
        deal_id=deals.pop() if len(deals) == 1 else None,
        payload=payload,
        created_at=now,
        next_try=now,
        lease_until=until,
    )
    session.add(whole)
    session.flush()
    for row in rows:
        row.state, row.gathered_in = DeliveryState.GATHERED, whole.id
    return whole


def earlier(session: Session, row: Delivery, most: int = 20) -> list[str]:
    """The ids of the messages on the same deal that were made for the channel before, oldest first."""
    if row.deal_id is None:
        return []
    told = (DeliveryState.PENDING, DeliveryState.DELIVERED, DeliveryState.DEAD)
    query = (
        select(Delivery.uid)
        .where(Delivery.deal_id == row.deal_id, Delivery.channel == row.channel, col(Delivery.id) < row.id)
        .where(col(Delivery.state).in_(told))
        .order_by(col(Delivery.id).desc())
        .limit(most)
    )
    return list(session.exec(query))[::-1]


def release(session: Session, ids: Sequence[int] | None = None) -> None:
    """Give leases back: those of `ids`, not begun, or all that a process which is gone left behind.

    What that one had may have arrived, so it counts as tried.
    """
    query = update(Delivery).where(col(Delivery.lease_until).is_not(None)).values(lease_until=None)
    if ids is None:
        query = query.values(attempts=case((col(Delivery.attempts) == 0, 1), else_=col(Delivery.attempts)))
    else:
        query = query.where(col(Delivery.id).in_(ids))
    session.exec(query)


def mend_times(session: Session, now: datetime, latest: datetime, until: datetime) -> None:
    """Undo what a clock that ran ahead put off: to be tried after `latest` is due now; no lease outlasts `until`."""
    plan_anew(session, now)
    session.exec(update(Delivery).where(col(Delivery.next_try) > latest).values(next_try=now))
    session.exec(update(Delivery).where(col(Delivery.lease_until) > until).values(lease_until=until))


def plan_anew(session: Session, now: datetime) -> None:
    """Make due what was never tried: what the pace of its channel holds back still, is held again."""
    untried = and_(col(Delivery.state) == DeliveryState.PENDING, col(Delivery.attempts) == 0)
    session.exec(update(Delivery).where(untried, col(Delivery.next_try) > now).values(next_try=now))


def save(session: Session, delivery: Delivery) -> None:
    session.merge(delivery)


def listing(session: Session, state: str = "", most: int = 50) -> list[Delivery]:
    """Deliveries, newest first, of one state or of all."""
    query = select(Delivery).order_by(col(Delivery.id).desc()).limit(most)
    return list(session.exec(query.where(Delivery.state == state) if state else query))


def page(
    session: Session, state: str = "", channel: str = "", page: int = 1, size: int = 50
) -> tuple[list[Delivery], int]:
    """The deliveries of one page, newest first, pages counted from 1, and how many there are on all of them.

    Of one state and channel, or of all. Their payload is not loaded.
    """
    where = [at == value for at, value in ((col(Delivery.state), state), (col(Delivery.channel), channel)) if value]
    newest = select(Delivery.id).where(*where).order_by(col(Delivery.id).desc())
    ids = session.exec(newest.offset(offset(page, size)).limit(size)).all()
    rows = select(Delivery).options(_NO_PAYLOAD).where(col(Delivery.id).in_(ids)).order_by(col(Delivery.id).desc())
    return list(session.exec(rows)), session.exec(select(func.count()).select_from(Delivery).where(*where)).one()


def get(session: Session, id_: int) -> Delivery | None:
    return session.get(Delivery, id_)


def retry(session: Session, ids: Sequence[int], now: datetime) -> int:
    """Let deliveries that did not go out, or wait for a later try, go out now; how many.

    Those delivered, by themselves or within another, and those on their way at this moment, are left alone. What was
    tried before may have arrived, and goes on counting as tried.
    """
    return _let_go(session, col(Delivery.id).in_(ids), now)


def retry_dead(session: Session, now: datetime, channel: str = "") -> int:
    """The same of all that found no way out, to this channel or to any; how many."""
    dead = col(Delivery.state) == DeliveryState.DEAD
    return _let_go(session, and_(dead, col(Delivery.channel) == channel) if channel else dead, now)


def _let_go(session: Session, which: ColumnElement[bool], now: datetime) -> int:
    query = (
        update(Delivery)
        .where(which)
        .where(col(Delivery.state).not_in((DeliveryState.DELIVERED, DeliveryState.GATHERED)))
        .where(or_(col(Delivery.lease_until).is_(None), col(Delivery.lease_until) <= now))
        .values(
            state=DeliveryState.PENDING,
            attempts=case((col(Delivery.attempts) == 0, 0), else_=1),
            next_try=now,
            lease_until=None,
        )
    )
    return session.exec(query).rowcount


def dead(session: Session, since: datetime | None = None) -> list[Delivery]:
    """What found no way out, oldest first; `since`: only what was last due then or later."""
    query = select(Delivery).where(Delivery.state == DeliveryState.DEAD)
    found = session.exec(query.where(Delivery.next_try >= since) if since else query)
    return sorted(found, key=lambda row: row.id or 0)  # asked to sort, the database would walk the whole table


def counts(session: Session) -> dict[str, int]:
    """How many deliveries there are of each state."""
    rows = session.exec(select(Delivery.state, func.count()).group_by(col(Delivery.state)))
    return {str(state): count for state, count in rows}
