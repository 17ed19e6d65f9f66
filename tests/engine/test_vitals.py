"""What is known of the daemon, and when that is not well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.engine.vitals import Vitals, reasons
from pipeline.flow import Report
from pipeline.store.pressure import Pressure

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def vitals(patience: float = 0.0) -> Vitals:
    return Vitals(["poll", "deliver"], ["clock"], 0.0, patience)


def pressure(overdue: timedelta | None = None, disabled: frozenset[str] = frozenset()) -> Pressure:
    since = {} if overdue is None else {"desk": NOW - overdue}
    return Pressure({}, {}, 0, since, disabled, 0, {})


def test_a_cycle_is_full_once_each_stage_came_round() -> None:
    """Chores are no part of it, and a stage that failed since has to come round again."""
    of, cycles = vitals(), []
    steps = ["poll", "poll", "clock", "deliver", "deliver", "-deliver", "poll", "deliver"]
    for number, step in enumerate(steps):
        if step.startswith("-"):
            of.failed(step[1:], "full", number)
        else:
            of.succeeded(step, NOW + timedelta(seconds=number))
        cycles.append(of.snapshot().cycles)

    assert cycles == [0, 0, 0, 1, 1, 1, 1, 2]
    assert of.snapshot().last_cycle == NOW + timedelta(seconds=7)


def test_units_are_summed_up() -> None:
    """Counts and durations add up by stage, and a snapshot stays as it was taken."""
    of = vitals()
    of.worked("poll", Report({"polled": 2}), 0.2, NOW)
    before = of.snapshot()
    of.worked("poll", Report({"polled": 3, "new": 1}), 1000.0, NOW)
    of.count("missed")
    after = of.snapshot()

    assert before.stages["poll"].counts == {"polled": 2}
    assert after.stages["poll"].counts == {"polled": 5, "new": 1}
    assert sum(before.stages["poll"].durations) == 1
    assert (after.stages["poll"].durations[-1], after.stages["poll"].total_seconds) == (1, 1000.2)
    assert (before.events, after.events) == ({}, {"missed": 1})


@pytest.mark.parametrize(("patience", "limit"), [(0.0, 300), (900.0, 900)])
def test_no_sign_of_life_for_too_long_is_stuck(patience: float, limit: float) -> None:
    """Five minutes, or several ticks where those are longer."""
    of = vitals(patience)
    of.alive("poll", 100)
    of.alive("clock", 100)

    assert of.stuck(limit) == []
    assert of.stuck(limit + 1) == ["deliver"]
    assert of.stuck(limit + 101) == ["poll", "deliver", "clock"]


def test_failing_for_five_minutes() -> None:
    """It counts from the first failure after the last success, and ends with a success."""
    of = vitals()
    for at in (0, 100, 301):
        of.failed("poll", f"error {at}", at)
    early, late = of.failing(300), of.failing(301)
    of.succeeded("poll", NOW)

    assert (early, late, of.failing(1000)) == ({}, {"poll": "error 301"}, {})


@pytest.mark.parametrize(
    ("of_store", "found"),
    [
        (pressure(), []),
        (None, ["the store cannot be read"]),
        (pressure(timedelta(minutes=59)), []),
        (pressure(timedelta(minutes=61)), ["degraded: desk has had a delivery due since 2026-03-10 10:59 UTC"]),
        (pressure(timedelta(minutes=61), frozenset({"desk"})), []),
    ],
    ids=["well", "no store", "due", "overdue", "disabled"],
)
def test_reasons_of_the_store(of_store: Pressure | None, found: list[str]) -> None:
    """An unreadable store is told, and what is overdue on a channel that is not disabled."""
    assert reasons(vitals(), 0.0, of_store, ["desk"], NOW) == found


def test_reasons_of_the_stages() -> None:
    """Stages that are stuck or fail are named; a channel that left the configuration is nobody's fault."""
    of = vitals()
    of.failed("poll", "the disk is full", 0)
    for stage in ("poll", "clock"):
        of.alive(stage, 400)

    assert reasons(of, 400, pressure(timedelta(hours=5)), [], NOW) == [
        "deliver has given no sign of life for minutes",
        "poll fails: the disk is full",
    ]
