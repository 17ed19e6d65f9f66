"""Commands as their users start them, timed."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

DEALWIRE = str(Path(sys.executable).with_name("dealwire"))

_PATIENCE = 1800.0
"""Seconds after which a command is taken to hang."""

K = TypeVar("K")
T = TypeVar("T")


@dataclass(frozen=True)
class Taken:
    """Seconds on the wall, and of CPU, which tell less of what else the machine does."""

    wall: float
    cpu: float


@dataclass(frozen=True)
class Command:
    """What is started, with more in its environment."""

    words: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)

    def output(self) -> str:
        """Run it to its end; what it printed. Raises RuntimeError with what it complained of where it fails."""
        plain = {name: value for name, value in os.environ.items() if not name.startswith("COV")}  # too slow if traced
        ended = subprocess.run(
            self.words, capture_output=True, text=True, timeout=_PATIENCE, env={**plain, **self.environment}
        )
        if ended.returncode:
            raise RuntimeError(f"{' '.join(self.words)} ended with {ended.returncode}: {ended.stderr[-2000:]}")
        return ended.stdout

    def taken(self) -> Taken:
        """What it takes from its start to its end. Raises RuntimeError where it fails."""
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        self.output()
        wall, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        return Taken(wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def in_turn(work: Mapping[K, Callable[[], T]], rounds: int) -> dict[K, list[T]]:
    """What each gives, one after the other and that so many times: a machine that slows down slows all of them."""
    found: dict[K, list[T]] = {name: [] for name in work}
    for _ in range(rounds):
        for name, do in work.items():
            found[name].append(do())
    return found
