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
    """Fetch the URL, warmed up on a small page at `plain`."""
    limits = Limits(timeout=timeout, allow_private=(ipaddress.ip_network("127.0.0.0/8"),))
    fetcher = Fetcher("Test/1.0", limits)
    fetcher.get(plain)
    before = _peak()
    try:
        error = f"none: {len(fetcher.get(url).body)} bytes"
    except FetchError as caught:
        error = type(caught).__name__
    return Outcome(error, _peak() - before)


def _peak() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
