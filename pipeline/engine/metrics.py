"""What `/metrics` says, for Prometheus. Counters since the start, and the store as it stands when asked."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.metadata import version
from itertools import accumulate

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from pipeline.clock import Clock
from pipeline.engine.vitals import BUCKETS, Snapshot
from pipeline.store.pressure import Pressure

_ARTICLES = {"new": "poll", "edited": "poll", "ingested": "ingest", "flagged": "ingest"}
_NOT_OUTCOMES = ("failed",)  # every one of them is `retrying` or `dead` as well


class Metrics(Collector):
    """Collects at each scrape. `ask` gives the pressure on the store, None where it cannot be read."""

    def __init__(
        self,
        snapshot: Callable[[], Snapshot],
        ask: Callable[[], Pressure | None],
        size: Callable[[], int],
        clock: Clock,
    ) -> None:
        self._snapshot = snapshot
        self._ask = ask
        self._size = size
        self._clock = clock
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def text(self) -> bytes:
        """The text exposition format."""
        return generate_latest(self._registry)

    def describe(self) -> list[Metric]:
        """Nothing beforehand: to register must not ask the store."""
        return []

    def collect(self) -> Iterator[Metric]:
        build = GaugeMetricFamily("dealwire_build_info", "What is running.", labels=["version", "python"])
        build.add_metric([version("dealwire"), platform.python_version()], 1)
        yield build
        yield from _of_work(self._snapshot())
        yield GaugeMetricFamily("dealwire_database_size_bytes", "Size of the database with its log.", self._size())
        pressure = self._ask()
        yield GaugeMetricFamily("dealwire_store_up", "Whether the store could be read.", int(pressure is not None))
        if pressure is not None:
            yield from _of_store(pressure, self._clock.now())


def _of_work(at: Snapshot) -> Iterator[Metric]:
    """What the stages did since the start."""
    entries = sum(stage.counts["entries"] for stage in at.stages.values())
    yield CounterMetricFamily("dealwire_entries", "Entries listed by polled feeds.", entries)
    polls = CounterMetricFamily("dealwire_polls", "Polls of feeds by outcome.", labels=["outcome"])
    counts = at.stages["poll"].counts
    for outcome, count in {
        "changed": counts["polled"] - counts["unchanged"] - counts["failed"],
        "unchanged": counts["unchanged"],
        "failed": counts["failed"],
    }.items():
        polls.add_metric([outcome], count)
    yield polls
    articles = CounterMetricFamily("dealwire_articles", "Articles by what became of them.", labels=["outcome"])
    for outcome, by in _ARTICLES.items():
        articles.add_metric([outcome], at.stages[by].counts[outcome])
    yield articles
    alerts = at.stages["ingest"].counts["alerts"]
    yield CounterMetricFamily("dealwire_alerts", "Alerts written to the outbox, one for each channel.", alerts)
    tries = CounterMetricFamily("dealwire_delivery_tries", "Tries to deliver by outcome.", labels=["outcome"])
    for outcome, count in {"delivered": 0, "retrying": 0, "dead": 0, **at.stages["deliver"].counts}.items():
        if outcome not in _NOT_OUTCOMES:
            tries.add_metric([outcome], count)
    yield tries
    durations = HistogramMetricFamily("dealwire_unit_duration_seconds", "How long units took.", labels=["stage"])
    failures = CounterMetricFamily("dealwire_stage_failures", "Tries of a stage that failed.", labels=["stage"])
    bounds = [*map(str, BUCKETS), "+Inf"]
    for name, stage in at.stages.items():
        durations.add_metric([name], list(zip(bounds, accumulate(stage.durations), strict=True)), stage.total_seconds)
        failures.add_metric([name], stage.failures)
    yield durations
    yield failures
    events = CounterMetricFamily("dealwire_scheduler_events", "Events of the scheduler.", labels=["event"])
    for event in ("missed", "error", "max_instances"):
        events.add_metric([event], at.events.get(event, 0))
    yield events
    cycle = at.last_cycle.timestamp() if at.last_cycle else 0
    yield GaugeMetricFamily(
        "dealwire_last_cycle_timestamp_seconds", "When every stage last came round without error; 0 for never.", cycle
    )


def _of_store(pressure: Pressure, now: datetime) -> Iterator[Metric]:
    """What stands in the queues."""
    size = GaugeMetricFamily("dealwire_queue_size", "What stands in a stage's queue.", labels=["stage"])
    due = GaugeMetricFamily("dealwire_queue_due", "What of it is due.", labels=["stage"])
    lag = GaugeMetricFamily("dealwire_lag_seconds", "How long a stage lets wait what is due.", labels=["stage"])
    oldest = GaugeMetricFamily("dealwire_oldest_pending_seconds", "Age of the oldest in the queue.", labels=["stage"])
    for stage, waiting in pressure.queues.items():
        size.add_metric([stage], waiting.size)
        due.add_metric([stage], waiting.due)
        lag.add_metric([stage], _age(waiting.due_since, now))
        oldest.add_metric([stage], _age(waiting.oldest, now))
    yield from (size, due, lag, oldest)
    deliveries = GaugeMetricFamily("dealwire_deliveries", "Deliveries in the outbox.", labels=["state", "channel"])
    for (state, channel), count in sorted(pressure.deliveries.items()):
        deliveries.add_metric([state, channel], count)
    yield deliveries
    yield GaugeMetricFamily("dealwire_deliveries_held", "Pending deliveries that are held back.", pressure.held)
    yield GaugeMetricFamily("dealwire_feeds_failing", "Active feeds whose last poll failed.", pressure.failing_feeds)
    yield GaugeMetricFamily("dealwire_workers", "Workers that share the store.", len(pressure.workers))
    matches = GaugeMetricFamily("dealwire_matches", "Articles that each watch flags.", labels=["watch"])
    for watch, count in sorted(pressure.matches.items()):
        matches.add_metric([watch], count)
    yield matches


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0
