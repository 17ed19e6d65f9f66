"""How every unit works on its ids: lease them, do the slow part in threads, store each group as it is done."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from threading import Event
from typing import Generic, Protocol, TypeVar

from pipeline.errors import StoreError
from pipeline.flow.lanes import Lanes
from pipeline.flow.report import Progress, Report
from pipeline.flow.tools import LEASE, Tools
from pipeline.store import Session, copied, part

_LOOK_UP = 0.25
"""Seconds after which a stop is noticed."""

_GATHER = 0.2
"""Seconds that what is done waits for more, so that they share a transaction: each costs the disk a sync."""

_WAITS = (0.5, 1.0, 2.0, 4.0)
"""Seconds between the tries to store what is done, while the database cannot: its disk is full, or it is locked."""


class Row(Protocol):
    """Something stored, with its id."""

    id: int | None


More = Callable[[], Sequence[int]]
"""Gives ids to be taken up while others are under way; none where those are enough."""


def nothing_more() -> Sequence[int]:
    return ()


R = TypeVar("R", bound=Row)
Outcome = TypeVar("Outcome")


class Queue(Protocol[R]):
    """A durable queue: a module of `store`."""

    def lease(self, session: Session, ids: Sequence[int], now: datetime, until: datetime, by: str) -> list[R]: ...

    def release(self, session: Session, ids: Sequence[int]) -> None: ...


@dataclass(frozen=True)
class Work(Generic[R, Outcome]):
    """What a unit does with each row of its queue: `do` it, in the `lane` of its kind, and `keep` what came of some.

    A row of which one or the other fails is `spoilt`, with the reason. `report` is what they count in. `grace`: the
    seconds that work under way gets to end when a stop is asked for; more than none where to repeat it would be
    noticed. What is `urgent` goes before the rest. Rows are leased, and such outcomes kept, `aside` or not, see
    `Store.write`.
    """

    queue: Queue[R]
    lanes: Lanes
    lane: Callable[[R], str]
    do: Callable[[R], Outcome]
    keep: Callable[[Session, Sequence[tuple[R, Outcome]]], None]
    spoilt: Callable[[Session, R, str], None]
    report: Report
    grace: float = 0.0
    urgent: Callable[[R], bool] = lambda _: False
    aside: Callable[[Sequence[Outcome]], bool] = lambda _: False


def side_by_side(
    tools: Tools,
    work: Work[R, Outcome],
    ids: Sequence[int],
    progress: Progress,
    waits: Sequence[float] = _WAITS,
    more: More = nothing_more,
) -> None:
    """Do the work on each row that can be leased, and keep what came of it, a transaction for each group.

    While some of it is under way, ids that `more` gives are taken up too.

    When a stop is asked for, rows not begun are handed back. What is still under way after its grace keeps its lease
    until that runs out or the next start; where there is no grace, it is handed back too.

    While what is done cannot be stored, nothing more is begun, and storing it is tried again after each of `waits`.
    Raises StoreError when that does not help.
    """
    with tools.store.write(aside=work.aside(())) as session:
        taken = _lease(tools, work, session, ids)
    futures = _begun(work, taken)
    try:
        for _ in _as_they_come(futures, tools.stop, work.grace):
            halted = tools.stop.is_set() or any(future.cancelled() for future in futures)
            done = _store(tools, work, futures, waits, () if halted else more())
            if done:
                progress(done)
    except BaseException as error:
        for future in futures:
            future.cancel()
        try:
            _hand_back(tools, work, futures)
        except StoreError as another:
            error.add_note(f"What was not begun could not be handed back either ({another}); its lease will run out.")
        raise
    _hand_back(tools, work, futures)


def _lease(tools: Tools, work: Work[R, Outcome], session: Session, ids: Sequence[int]) -> list[R]:
    return work.queue.lease(session, ids, now := tools.clock.now(), now + LEASE, tools.worker)


def _begun(work: Work[R, Outcome], rows: Iterable[R]) -> dict[Future[Outcome], R]:
    return {work.lanes.submit(work.lane(row), partial(work.do, row), work.urgent(row)): row for row in rows}


def _store(
    tools: Tools,
    work: Work[R, Outcome],
    futures: dict[Future[Outcome], R],
    waits: Sequence[float],
    ids: Sequence[int],
) -> int:
    """Store what is done by now and lease what is to be begun, together; how many of `futures` that was the end of.

    A stop leaves it one more try. Raises StoreError.
    """
    for seconds in (*waits, None):
        done = [future for future in futures if future.done() and not future.cancelled()]
        if not done and not ids:
            return 0
        try:
            aside = work.aside([future.result() for future in done if not future.exception()])
            with work.report.whole(), tools.store.write(aside=aside) as session:
                _keep(session, work, {future: futures[future] for future in done})
                taken = _lease(tools, work, session, ids) if ids else []
        except StoreError:
            ids = ()
            for future in futures:
                future.cancel()  # what would be done now could not be stored either
            if seconds is None or tools.stop.is_set():
                raise
            tools.stop.wait(seconds)
        else:
            for future in done:
                del futures[future]
            futures |= _begun(work, taken)
            return len(done)
    raise AssertionError("the last try returns or raises")


def _keep(session: Session, work: Work[R, Outcome], done: Mapping[Future[Outcome], R]) -> None:
    """Store what came of these rows: together, or each by itself where that cannot be.

    What cannot be stored must cost its own row only, and not be tried again and again.
    """
    try:
        _keep_all(session, work, done)
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001  (nobody foresaw it, and all but one row may be well)
        if len(done) > 1:
            work.report.note("storing", f"{len(done)} are stored one by one ({type(error).__name__}: {error})")
        for future, row in done.items():
            try:
                _keep_all(session, work, {future: row})
            except StoreError:
                raise
            except Exception as error:  # noqa: BLE001  (nobody foresaw it, and the rows beside it did nothing wrong)
                why = f"it cannot be taken in ({type(error).__name__}: {str(error)[:200]})"
                work.spoilt(session, copied(row), why)


def _keep_all(session: Session, work: Work[R, Outcome], done: Mapping[Future[Outcome], R]) -> None:
    with work.report.whole(), part(session):
        work.keep(session, [(copied(row), future.result()) for future, row in done.items()])


def _hand_back(tools: Tools, work: Work[R, Outcome], futures: dict[Future[Outcome], R]) -> None:
    idle = [row.id or 0 for future, row in futures.items() if future.cancelled() or not work.grace]
    if idle:
        with tools.store.write(aside=work.aside(())) as session:
            work.queue.release(session, idle)


def _as_they_come(futures: Collection[Future[Outcome]], stop: Event, grace: float) -> Iterator[None]:
    """Says each time that more of them are done, or that it is time to look, until all are, or a stop is asked for.

    What is done and stored must be taken out of `futures` before it goes on.
    """
    while waiting := {future for future in futures if not future.cancelled()}:
        done, still = wait(waiting, timeout=_LOOK_UP, return_when=FIRST_COMPLETED)
        if stop.is_set():
            break
        if done and still:
            wait(still, timeout=_GATHER)
        yield
    under_way = {future for future in waiting if not future.cancel()}
    if under_way and grace:  # without it, what breaks off because we are stopping is taken for no result
        wait(under_way, timeout=grace)
        yield
