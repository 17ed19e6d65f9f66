"""What a unit of work says of itself, for logs and progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from threading import Event
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")

Progress = Callable[[int], None]
"""Told how many more ids are done."""


@dataclass
class Report:
    """Counts by name (`new`, `unchanged`, `failed` ...) and what went wrong, as (what, why)."""

    counts: dict[str, int] = field(default_factory=dict)
    failures: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, count: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + count

    def fail(self, what: str, why: str) -> None:
        self.add("failed")
        self.failures.append((what, why))

    def join(self, other: Report) -> None:
        for name, count in other.counts.items():
            self.add(name, count)
        self.failures += other.failures


def as_they_come(futures: dict[Future[T], U], stop: Event, grace: float = 0.0) -> Iterator[list[Future[T]]]:
    """The futures in groups as they finish, so that each group can be stored at once.

    When `stop` is set, those not begun are cancelled and those under way get `grace` more seconds.
    """
    waiting = set(futures)
    while waiting and not stop.is_set():
        done, waiting = wait(waiting, timeout=0.25, return_when=FIRST_COMPLETED)
        if done:
            yield list(done)
    under_way = {future for future in waiting if not future.cancel()}
    if under_way:
        done, _ = wait(under_way, timeout=grace)
        if done:
            yield list(done)
