"""Letting one stage fail without the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from pipeline.engine.guard import Guard
from pipeline.engine.vitals import Vitals
from pipeline.errors import StoreError
from tests.support.world import FixedClock


@dataclass
class Stage:
    """Work that fails while it holds an error, tried each second by a steady clock that stands still meanwhile."""

    error: Exception | None = None
    now: float = 0.0
    tried: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.vitals = Vitals(["poll"], [], 0.0)
        self.guard = Guard(
            ["poll"], self.vitals, FixedClock(), lambda text: text.replace("secret", "***"), lambda: self.now
        )

    def work(self) -> bool:
        self.tried.append(self.now)
        if self.error:
            raise self.error
        return True

    def ticks(self, seconds: int) -> list[bool]:
        results = []
        for _ in range(seconds):
            results.append(self.guard.run("poll", self.work))
            self.now += 1
        return results


@pytest.fixture
def logs() -> Iterator[list[EventDict]]:
    with capture_logs() as captured:
        yield captured


def test_a_locked_store_for_five_minutes(logs: list[EventDict]) -> None:
    """It is tried ever more rarely, told of once and then by number each minute, and its end is told with the count."""
    stage = Stage(StoreError("the secret store is locked"))
    failing = stage.ticks(300)
    tried, stage.error = len(stage.tried), None
    recovered = stage.ticks(40)

    assert stage.tried[:tried] == [0, 1, 3, 7, 15, 31, 63, 123, 183, 243]
    assert not any(failing)
    assert [(line["event"], line.get("times"), line.get("failures")) for line in logs] == [
        ("stage failed", 1, None),
        ("stage failed", 6, None),
        ("stage failed", 1, None),
        ("stage failed", 1, None),
        ("stage failed", 1, None),
        ("stage recovered", None, 10),
    ]
    assert {line["error"] for line in logs[:-1]} == {"the *** store is locked"}
    assert recovered == [False] * 3 + [True] * 37


def test_vitals_are_kept(logs: list[EventDict]) -> None:
    """A wait is no silence, and each failure and success is known; of secrets nothing."""
    stage = Stage(RuntimeError("a secret fault"))
    stage.ticks(302)
    failed, stage.error = stage.vitals.failing(301.0), None
    stage.ticks(60)

    assert failed == {"poll": "RuntimeError: a *** fault"}
    assert stage.vitals.stuck(400.0) == []
    assert (stage.vitals.failing(400.0), stage.vitals.snapshot().cycles > 0) == ({}, True)
    assert logs[0]["exc_info"] is not None


def test_only_the_first_of_a_kind_is_told_whole(logs: list[EventDict]) -> None:
    """The traceback of a fault of ours stands in the log once, and that of an error that speaks for itself never."""
    Stage(RuntimeError("x")).ticks(64)
    Stage(StoreError("y")).ticks(64)

    assert [line["exc_info"] is not None for line in logs] == [True, False, False, False]
