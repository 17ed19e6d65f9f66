"""What /metrics says, read as Prometheus reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from pipeline.engine.metrics import Metrics
from pipeline.engine.vitals import Vitals
from pipeline.flow import Report
from pipeline.store.pressure import Pressure, Waiting
from tests.support.world import FixedClock

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def samples(text: bytes) -> Samples:
    """Every sample by its name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }


@pytest.fixture
def vitals() -> Vitals:
    return Vitals(["poll", "ingest", "deliver"], ["clock"], 0.0)


def scraped(vitals: Vitals, pressure: Pressure | None) -> Samples:
    return samples(Metrics(vitals.snapshot, lambda: pressure, lambda: 4096, FixedClock(NOW)).text())


def test_what_the_stages_did(vitals: Vitals) -> None:
    """Counters add up what units reported, with failures, durations and the scheduler's events."""
    vitals.worked("poll", Report({"polled": 5, "unchanged": 2, "failed": 1, "entries": 30, "new": 4}), 0.2, NOW)
    vitals.worked("poll", Report({"polled": 1, "entries": 2, "edited": 1}), 400, NOW)
    vitals.worked("ingest", Report({"ingested": 4, "from page": 4, "flagged": 2, "alerts": 3}), 1, NOW)
    vitals.worked("deliver", Report({"delivered": 2, "retrying": 1, "failed": 1}), 1, NOW)
    vitals.failed("deliver", "full", 1.0)
    vitals.count("max_instances")
    found = scraped(vitals, None)

    def one(name: str, **labels: str) -> float:
        return found[f"dealwire_{name}", tuple(labels.items())]

    assert one("entries_total") == 32
    assert [one("polls_total", outcome=o) for o in ("changed", "unchanged", "failed")] == [3, 2, 1]
    assert [one("articles_total", outcome=o) for o in ("new", "edited", "ingested", "flagged")] == [4, 1, 4, 2]
    assert one("alerts_total") == 3
    assert [one("delivery_tries_total", outcome=o) for o in ("delivered", "retrying", "dead")] == [2, 1, 0]
    assert one("stage_failures_total", stage="deliver") == 1
    assert [one("scheduler_events_total", event=e) for e in ("max_instances", "missed")] == [1, 0]
    assert one("unit_duration_seconds_count", stage="poll") == 2
    assert one("unit_duration_seconds_sum", stage="poll") == pytest.approx(400.2)
    assert [
        found["dealwire_unit_duration_seconds_bucket", (("le", le), ("stage", "poll"))]
        for le in ("0.1", "0.25", "300.0", "+Inf")
    ] == [0, 1, 1, 2]
    assert (one("store_up"), one("last_cycle_timestamp_seconds"), one("database_size_bytes")) == (0, 0, 4096)
    assert any(name == "dealwire_build_info" and dict(labels)["version"] for name, labels in found)


def test_what_the_store_holds(vitals: Vitals) -> None:
    """Queues with their ages in seconds, deliveries by state and channel, and when all last came round."""
    for stage in ("poll", "ingest", "deliver"):
        vitals.succeeded(stage, at(-9))
    pressure = Pressure(
        queues={"poll": Waiting(7, 2, at(-30), at(-40)), "ingest": Waiting(0, 0, None, None)},
        deliveries={("dead", "desk"): 3},
        held=4,
        overdue={},
        disabled=frozenset(),
        failing_feeds=5,
        matches={"w": 6},
    )
    found = scraped(vitals, pressure)
    wanted = {
        ("dealwire_queue_size", (("stage", "poll"),)): 7,
        ("dealwire_queue_due", (("stage", "poll"),)): 2,
        ("dealwire_lag_seconds", (("stage", "poll"),)): 30,
        ("dealwire_oldest_pending_seconds", (("stage", "poll"),)): 40,
        ("dealwire_lag_seconds", (("stage", "ingest"),)): 0,
        ("dealwire_deliveries", (("channel", "desk"), ("state", "dead"))): 3,
        ("dealwire_deliveries_held", ()): 4,
        ("dealwire_feeds_failing", ()): 5,
        ("dealwire_matches", (("watch", "w"),)): 6,
        ("dealwire_store_up", ()): 1,
        ("dealwire_last_cycle_timestamp_seconds", ()): at(-9).timestamp(),
    }

    assert {key: found.get(key) for key in wanted} == wanted
