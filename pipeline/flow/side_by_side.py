"""How every unit works on its ids: lease them, do the slow part in threads, store each group as it is done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from datetime import datetime
from functools import partial
from threading import Event
from typing import Protocol, TypeVar

from pipeline.errors import StoreError
from pipeline.flow.lanes import Lanes
from pipeline.flow.report import Progress
from pipeline.flow.tools import LEASE, Tools
from pipeline.store import Session, part

_LOOK_UP = 0.25
"""Seconds after which a stop is noticed."""

_GATHER = 0.05
"""Seconds that what is done waits for more, so that they share a transaction: each costs the disk a sync."""


class Row(Protocol):
    """Something stored, with its id."""

    id: int | None


R = TypeVar("R", bound=Row)
Outcome = TypeVar("Outcome")


class Queue(Protocol[R]):
    """A durable queue: a module of `store`."""

    def lease(self, session: Session, ids: Sequence[int], now: datetime, until: datetime) -> list[R]: ...

    def release(self, session: Session, ids: Sequence[int]) -> None: ...


def side_by_side(
    tools: Tools,
    lanes: Lanes,
    queue: Queue[R],
    ids: Sequence[int],
    lane: Callable[[R], str],
    work: Callable[[R], Outcome],
    keep: Callable[[Session, R, Outcome], None],
    spoilt: Callable[[Session, R, str], None],
    progress: Progress,
    grace: float = 0.0,
) -> None:
    """Do `work` on each leased row, in the lane of its kind, and `keep` what came of it, a transaction for each group.

    A row of which one or the other fails is `spoilt`, with the reason.

    When a stop is asked for, rows not begun are handed back. Those under way get `grace` seconds to end; where that is
    more than none, repeating the work would be noticed, so what is still under way then keeps its lease until it runs
    out or the next start; otherwise it is handed back too.
    """
    with tools.store.write() as session:
        taken = queue.lease(session, ids, now := tools.clock.now(), now + LEASE)
    futures = {lanes.submit(lane(row), partial(work, row)): row for row in taken}
    waiting = set(futures)
    try:
        for done in _as_they_come(futures, tools.stop, grace):
            with tools.store.write() as session:
                for future in done:
                    _keep(session, futures[future], future, keep, spoilt)
            waiting -= set(done)
            progress(len(done))
    finally:
        idle = [futures[future].id or 0 for future in waiting if future.cancelled() or not grace]
        if idle:
            with tools.store.write() as session:
                queue.release(session, idle)


def _keep(
    session: Session,
    row: R,
    future: Future[Outcome],
    keep: Callable[[Session, R, Outcome], None],
    spoilt: Callable[[Session, R, str], None],
) -> None:
    """Store what came of a row. What cannot be stored must cost this row only, and not be tried again and again."""
    try:
        with part(session):
            keep(session, row, future.result())
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001  (nobody foresaw it, and the rows beside it did nothing wrong)
        spoilt(session, row, f"it cannot be taken in ({type(error).__name__}: {str(error)[:200]})")


def _as_they_come(futures: Collection[Future[Outcome]], stop: Event, grace: float) -> Iterator[list[Future[Outcome]]]:
    waiting = set(futures)
    while waiting:
        done, still = wait(waiting, timeout=_LOOK_UP, return_when=FIRST_COMPLETED)
        if stop.is_set():
            break
        if done and still:
            done, still = wait(waiting, timeout=_GATHER)
        waiting = still
        if done:
            yield list(done)
    under_way = {future for future in waiting if not future.cancel()}
    if under_way and grace:  # without it, what breaks off because we are stopping is taken for no result
        done, _ = wait(under_way, timeout=grace)
        yield list(done)
