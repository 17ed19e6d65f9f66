"""What is known of how the daemon fares, and whether that is well. Kept in memory, for several threads."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pipeline.flow import Report
from pipeline.store.pressure import Pressure

BUCKETS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""Upper bounds of the durations of units, in seconds."""

_STUCK = 300.0
_FAILING = 300.0
_OVERDUE = timedelta(hours=1)


@dataclass
class Stage:
    """How one stage fares.

    `seen` is the last sign of life and `failing_since` the first failure after the last success, both by a steady
    clock in seconds. `durations` counts units by bucket, the last for those beyond all.
    """

    seen: float
    last_run: datetime | None = None
    seconds: float = 0.0
    total_seconds: float = 0.0
    durations: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    counts: Counter[str] = field(default_factory=Counter)
    failures: int = 0
    failing_since: float | None = None
    last_error: str = ""


@dataclass(frozen=True)
class Snapshot:
    """The vitals at one moment."""

    stages: Mapping[str, Stage]
    events: Mapping[str, int]
    cycles: int
    last_cycle: datetime | None


class Vitals:
    """Told by the daemon of all that happens; each stage is known by its name."""

    def __init__(self, stages: Sequence[str], chores: Sequence[str], now: float, patience: float = 0.0) -> None:
        """`chores` fail and recover like stages, but are no part of a cycle.

        `patience` seconds lie between two signs of life at the most, where that is more than five minutes.
        """
        self._lock = threading.Lock()
        self._cycle = frozenset(stages)
        self._stages = {name: Stage(now) for name in [*stages, *chores]}
        self._events: Counter[str] = Counter()
        self._patience = max(patience, _STUCK)
        self._done: set[str] = set()
        self._cycles = 0
        self._last_cycle: datetime | None = None

    def alive(self, stage: str, now: float) -> None:
        """A tick came round, or what it works on got further."""
        with self._lock:
            self._stages[stage].seen = now

    def worked(self, stage: str, report: Report, seconds: float, at: datetime) -> None:
        """A unit ended."""
        with self._lock:
            of = self._stages[stage]
            of.last_run, of.seconds = at, seconds
            of.total_seconds += seconds
            of.durations[next((n for n, most in enumerate(BUCKETS) if seconds <= most), len(BUCKETS))] += 1
            of.counts.update(report.counts)

    def succeeded(self, stage: str, at: datetime) -> None:
        """A tick ended with nothing left to do, or had something and did it. A cycle is full once each stage has."""
        with self._lock:
            self._stages[stage].failing_since = None
            self._done |= {stage} & self._cycle
            if self._done == self._cycle:
                self._done.clear()
                self._cycles += 1
                self._last_cycle = at

    def failed(self, stage: str, why: str, now: float) -> None:
        with self._lock:
            of = self._stages[stage]
            of.failures += 1
            of.last_error = why
            of.failing_since = now if of.failing_since is None else of.failing_since
            self._done.discard(stage)

    def count(self, event: str) -> None:
        """Something happened in the scheduler."""
        with self._lock:
            self._events[event] += 1

    def snapshot(self) -> Snapshot:
        with self._lock:
            stages = {
                name: replace(of, durations=list(of.durations), counts=Counter(of.counts))
                for name, of in self._stages.items()
            }
            return Snapshot(stages, dict(self._events), self._cycles, self._last_cycle)

    def stuck(self, now: float) -> list[str]:
        """Stages that gave no sign of life for too long."""
        with self._lock:
            return [name for name, of in self._stages.items() if now - of.seen > self._patience]

    def failing(self, now: float) -> dict[str, str]:
        """Stages whose tries have failed for over five minutes, each with its last error."""
        with self._lock:
            return {
                name: of.last_error
                for name, of in self._stages.items()
                if of.failing_since is not None and now - of.failing_since > _FAILING
            }


def reasons(
    vitals: Vitals, steady: float, pressure: Pressure | None, channels: Sequence[str], now: datetime
) -> list[str]:
    """Why the daemon is not well; empty where it is. `pressure` None: the store could not be read.

    What is overdue counts for those of the channels that are not disabled.
    """
    found = [f"{stage} has given no sign of life for minutes" for stage in vitals.stuck(steady)]
    found += [f"{stage} fails: {why}" for stage, why in vitals.failing(steady).items()]
    if pressure is None:
        return [*found, "the store cannot be read"]
    return found + [
        f"degraded: {channel} has had a delivery due since {due:%Y-%m-%d %H:%M} UTC"
        for channel, due in sorted(pressure.overdue.items())
        if channel in channels and channel not in pressure.disabled and now - due > _OVERDUE
    ]
