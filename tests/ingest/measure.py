"""How a process fares that fetches, to be run in one of its own."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import FetchError
from pipeline.ingest.fetch import Fetcher, Limits


@dataclass(frozen=True)
class Outcome:
    """What the fetch raised, and by how many bytes the process grew at most meanwhile."""

    error: str
    growth: int


def outcome(plain: str, url: str, timeout: float) -> Outcome:
    """Fetch the URL in this time, warmed up on a small page at `plain`, which may take longer."""
    _fetcher(60).get(plain)
    before = _peak()
    try:
        error = f"none: {len(_fetcher(timeout).get(url).body)} bytes"
    except FetchError as caught:
        error = type(caught).__name__
    return Outcome(error, _peak() - before)


def _fetcher(timeout: float) -> Fetcher:
    return Fetcher("Test/1.0", Limits(timeout=timeout, allow_private=(ipaddress.ip_network("127.0.0.0/8"),)))


def _peak() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
