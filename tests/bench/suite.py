"""All tests, by the command of the README."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure

_MOST = 180.0
"""Seconds."""

_SCRIPT = Path(__file__).parents[2] / "scripts" / "test"


def figures() -> Iterator[Figure]:
    began = time.perf_counter()
    ended = subprocess.run([str(_SCRIPT)], stdout=subprocess.PIPE, text=True, check=False)
    seconds = time.perf_counter() - began
    yield Figure(
        "suite",
        "scripts/test",
        "s",
        (seconds,),
        bar=f"under {_MOST:g} s, all passed",
        holds=seconds < _MOST and ended.returncode == 0,
        note=outcome(ended.stdout),
    )


def outcome(printed: str) -> str:
    """How many tests passed, failed and were skipped, of what pytest printed at the end of each run."""
    ends = (line.strip("= ").partition(" in ") for line in printed.splitlines())
    counts = [said for said, _, took in ends if said[:1].isdigit() and took[:1].isdigit()]
    return "; on PostgreSQL: ".join(counts) or "it printed nothing"
