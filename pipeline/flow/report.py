"""What a unit of work says of itself, for logs and progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

Progress = Callable[[int], None]
"""Told how many more ids are done."""


@dataclass
class Report:
    """Counts by name (`new`, `unchanged`, `failed` ...); what went wrong, as (what, why); and what else is of note."""

    counts: dict[str, int] = field(default_factory=dict)
    failures: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, count: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + count

    def fail(self, what: str, why: str) -> None:
        self.add("failed")
        self.failures.append((what, why))

    def note(self, what: str, note: str) -> None:
        self.notes.append((what, note))

    def join(self, other: Report) -> None:
        for name, count in other.counts.items():
            self.add(name, count)
        self.failures += other.failures
        self.notes += other.notes

    @contextmanager
    def whole(self) -> Iterator[None]:
        """Take back what is said inside where that ends in an error: it did not come about, or is tried again."""
        counts, failures, notes = dict(self.counts), len(self.failures), len(self.notes)
        try:
            yield
        except BaseException:
            self.counts = counts
            del self.failures[failures:], self.notes[notes:]
            raise
