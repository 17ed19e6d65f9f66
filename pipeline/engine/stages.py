"""The stages, each a queue and the unit that works on it: one batch, all that is due, or everything once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from threading import Lock

from pipeline import flow
from pipeline.domain import Promised
from pipeline.engine.couriers import Couriers
from pipeline.flow import Report, Tools
from pipeline.flow.lanes import Lanes
from pipeline.store import Session, articles, feeds, outbox

BATCH = 64

Due = Callable[[Tools, Session, int], list[int]]
"""Gives the ids of what is due, at most so many, what is to be done first in front."""
Unit = Callable[..., Report]
Show = Callable[[str, int, int], None]
"""Told a stage's name, how many of its ids are done, and of how many."""


@dataclass(frozen=True)
class Stage:
    """A queue, and the unit that works on it.

    With `lanes`, the threads of the unit, a batch goes on to take what is due while they have room. What is `pressing`
    is taken where they have none, and what is `waiting` once a batch.
    """

    name: str
    due: Due
    unit: Unit
    lanes: Callable[[Tools], Lanes] | None = None
    pressing: Due = lambda *_: []
    waiting: Due = lambda *_: []


def _feeds(tools: Tools, session: Session, most: int) -> list[int]:
    return feeds.due(session, tools.clock.now(), most)


def _articles(tools: Tools, session: Session, most: int) -> list[int]:
    return articles.pending(session, tools.clock.now(), most, without=tools.readers.full())


def _urgent_articles(tools: Tools, session: Session, most: int) -> list[int]:
    most = min(most, tools.readers.urgent_room())
    return articles.pending(session, tools.clock.now(), most, least=Promised.FLAGS, without=tools.readers.full())


def _longest_waiting(tools: Tools, session: Session, most: int) -> list[int]:
    return articles.longest_waiting(session, tools.clock.now(), most)


POLL = Stage("poll", _feeds, flow.poll, lambda tools: tools.pollers)
INGEST = Stage("ingest", _articles, flow.ingest, lambda tools: tools.readers, _urgent_articles, _longest_waiting)
"""By the promise of the articles, then newest first, but of each batch one that has waited for the longest time."""
URGENT = Stage("ingest", _urgent_articles, flow.ingest, lambda tools: tools.readers, _urgent_articles)
"""Of the articles only those that a watch flags by what their feeds say."""
STAGES = (POLL, INGEST)
DELIVER = "deliver"
"""The last stage, which works on the queue of each channel by itself."""

NAMES = (*(stage.name for stage in STAGES), DELIVER)


def deliveries(channel: str = "") -> Stage:
    """What is due for one channel, or for all."""
    return Stage(
        DELIVER,
        lambda tools, session, most: outbox.due(session, tools.clock.now(), most, channel=channel),
        flow.deliver,
    )


def batch(
    tools: Tools,
    stage: Stage,
    show: Callable[[int], None] = lambda _: None,
    relieved: Callable[[], bool] = lambda: False,
) -> Report | None:
    """Run the unit on what is due; None where nothing is or has room, or a stop is asked for.

    Where the unit takes more, it goes on for as long as it finds any. From some number on it is asked each time whether
    it is `relieved`: another batch goes on in its place.
    """
    taking = _Taking(tools, stage, relieved)
    ids = taking.first()
    if not ids or tools.stop.is_set():
        return None
    return stage.unit(tools, ids, show, taking.more) if stage.lanes else stage.unit(tools, ids, show)


class _Taking:
    """What a batch takes, as its threads have room for it."""

    def __init__(self, tools: Tools, stage: Stage, relieved: Callable[[], bool]) -> None:
        self._tools = tools
        self._stage = stage
        self._relieved = relieved
        self._taken = 0
        self._over = False

    def first(self) -> list[int]:
        with self._tools.store.read() as session:
            ids = self._due(session)
            waiting = self._stage.waiting(self._tools, session, 1) if ids else []
        return [*ids, *(id_ for id_ in waiting if id_ not in ids)]

    def more(self) -> list[int]:
        if self._over:
            return []
        with self._tools.store.read() as session:
            return self._due(session)

    def _due(self, session: Session) -> list[int]:
        room = self._stage.lanes(self._tools).room() if self._stage.lanes else BATCH
        if not room:
            return self._stage.pressing(self._tools, session, BATCH)
        if self._taken >= BATCH and self._relieved():
            self._over = True
            return []
        ids = self._stage.due(self._tools, session, min(room, BATCH))
        self._taken += len(ids)
        return ids


def drain(tools: Tools, stage: Stage, show: Callable[[int], None] = lambda _: None) -> Report:
    """Run the unit until nothing is due or a stop is asked for."""
    report = Report()
    while some := batch(tools, stage, show):
        report.join(some)
    return report


def once(tools: Tools, show: Show, only: Collection[str] = NAMES) -> dict[str, Report]:
    """Everything that is due now, stage after stage, or of `only` some. Gives each stage's report."""
    reports = {}
    for stage in STAGES:
        if stage.name in only:
            reports[stage.name] = _shown(tools, stage, show, partial(drain, tools, stage))
    if DELIVER in only:
        write_digest(tools)
        reports[DELIVER] = _shown(tools, deliveries(), show, partial(_deliver_all, tools))
    return reports


def write_digest(tools: Tools) -> tuple[date, int] | None:
    """Write the digest that is due: its day, and how many deliveries are new. None where none is due."""
    day = flow.digest_due(tools)
    if not day:
        return None
    return day, flow.digest(tools.settings, tools.store, tools.clock.now(), day, tools.courses)


def _shown(tools: Tools, stage: Stage, show: Show, work: Callable[[Callable[[int], None]], Report]) -> Report:
    """What the work reports; how far it has come is shown meanwhile."""
    with tools.store.read() as session:
        total = len(stage.due(tools, session, 1_000_000))
    done, lock = 0, Lock()

    def advance(more: int) -> None:
        nonlocal done
        with lock:
            done += more
            show(stage.name, done, max(done, total))

    show(stage.name, 0, total)
    return work(advance)


def _deliver_all(tools: Tools, show: Callable[[int], None]) -> Report:
    """Drain the outbox, all channels side by side. Raises the first error of any."""
    report, errors, lock = Report(), [], Lock()

    def work(channel: str) -> None:
        try:
            sent = drain(tools, deliveries(channel), show)
        except Exception as error:  # noqa: BLE001  (raised again below, once the other channels are done)
            errors.append(error)
        else:
            with lock:
                report.join(sent)

    with tools.store.read() as session:
        channels = outbox.channels_due(session, tools.clock.now())
    couriers = Couriers(work)
    couriers.rouse(channels)
    couriers.join()
    if errors:
        raise errors[0]
    return report


def report_lines(reports: dict[str, Report]) -> Sequence[str]:
    """One plain line for each stage that did anything."""
    return [
        f"{stage}: " + ", ".join(f"{count:,} {name}" for name, count in report.counts.items() if count)
        for stage, report in reports.items()
        if any(report.counts.values())
    ]
