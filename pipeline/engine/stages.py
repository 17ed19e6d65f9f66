"""The stages, each a queue and the unit that works on it: one batch, all that is due, or everything once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from threading import Lock
from typing import Any

from pipeline import flow
from pipeline.engine.couriers import Couriers
from pipeline.flow import Report, Tools
from pipeline.store import Session, articles, feeds, outbox

_BATCH = 64

Due = Callable[[Session, Any, int], list[int]]
Unit = Callable[..., Report]
Show = Callable[[str, int, int], None]
"""Told a stage's name, how many of its ids are done, and of how many."""

STAGES: tuple[tuple[str, Due, Unit], ...] = (
    ("poll", feeds.due, flow.poll),
    ("ingest", articles.pending, flow.ingest),
)
DELIVER = "deliver"
"""The last stage, which works on the queue of each channel by itself."""

NAMES = (*(stage for stage, _, _ in STAGES), DELIVER)


def due_for(channel: str) -> Due:
    """What is due for one channel."""
    return partial(outbox.due, channel=channel)


def batch(tools: Tools, due: Due, unit: Unit, show: Callable[[int], None] = lambda _: None) -> Report | None:
    """Run the unit on some of what is due; None where nothing is, or a stop is asked for."""
    with tools.store.read() as session:
        ids = due(session, tools.clock.now(), _BATCH)
    return unit(tools, ids, show) if ids and not tools.stop.is_set() else None


def drain(tools: Tools, due: Due, unit: Unit, show: Callable[[int], None] = lambda _: None) -> Report:
    """Run the unit batch after batch, until nothing is due or a stop is asked for."""
    report = Report()
    while some := batch(tools, due, unit, show):
        report.join(some)
    return report


def once(tools: Tools, show: Show, only: Collection[str] = NAMES) -> dict[str, Report]:
    """Everything that is due now, stage after stage, or of `only` some. Gives each stage's report."""
    reports = {}
    for stage, due, unit in STAGES:
        if stage in only:
            reports[stage] = _shown(tools, stage, due, show, partial(drain, tools, due, unit))
    if DELIVER in only:
        if day := flow.digest_due(tools):
            flow.digest(tools.settings, tools.store, tools.clock.now(), day, tools.courses)
        reports[DELIVER] = _shown(tools, DELIVER, outbox.due, show, partial(_deliver_all, tools))
    return reports


def _shown(tools: Tools, stage: str, due: Due, show: Show, work: Callable[[Callable[[int], None]], Report]) -> Report:
    """What the work reports; how far it has come is shown meanwhile."""
    with tools.store.read() as session:
        total = len(due(session, tools.clock.now(), 1_000_000))
    done, lock = 0, Lock()

    def advance(more: int) -> None:
        nonlocal done
        with lock:
            done += more
            show(stage, done, max(done, total))

    show(stage, 0, total)
    return work(advance)


def _deliver_all(tools: Tools, show: Callable[[int], None]) -> Report:
    """Drain the outbox, all channels side by side. Raises the first error of any."""
    report, errors, lock = Report(), [], Lock()

    def work(channel: str) -> None:
        try:
            sent = drain(tools, due_for(channel), flow.deliver, show)
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
