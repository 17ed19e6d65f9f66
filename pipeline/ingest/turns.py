"""Whose turn it is at a host: so many requests at one time, and so long between the starts of two."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Protocol

from pipeline.errors import FetchError

_SWEPT_AT = 1024


@dataclass
class _Host:
    """`after` is the earliest start of the next request, `users` how many threads hold or await a place."""

    places: threading.BoundedSemaphore
    spacing: float
    after: float = 0.0
    users: int = 0


class Elsewhere(Protocol):
    """What other processes ask of the same hosts. Raises FetchError where nobody can say."""

    def place(self, host: str, closed: threading.Event) -> AbstractContextManager[None]:
        """One of the places at the host that all share, once it is free; a FetchError where `closed` comes first."""
        ...

    def start(self, host: str, spacing: float) -> float:
        """Take the next start at the host, `spacing` seconds after the last; in how many seconds that is."""
        ...


class Turns:
    """The hosts that were asked of late. `spacing` in seconds; hosts that nobody waits for are forgotten."""

    def __init__(
        self,
        per_host: int,
        spacing: float,
        now: Callable[[], float] = time.monotonic,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._elsewhere = elsewhere
        self._per_host = per_host
        self._spacing = spacing
        self._now = now
        self._hosts: dict[str, _Host] = {}
        self._sweep_at = _SWEPT_AT
        self._lock = threading.Lock()
        self._closed = threading.Event()

    def __len__(self) -> int:
        return len(self._hosts)

    def close(self) -> None:
        """Send away whoever waits."""
        self._closed.set()

    def pace(self, host: str, spacing: float) -> None:
        """Keep at least so many seconds between two starts at this host, as long as it is remembered."""
        with self._lock:
            self._host(host).spacing = max(self._spacing, spacing)

    @contextmanager
    def turn(self, host: str) -> Iterator[None]:
        """One of the places at the host, once it is time. Raises FetchError when closed meanwhile."""
        with self._lock:
            found = self._host(host)
            found.users += 1
        try:
            with found.places, self._shared_place(host):
                if self._closed.wait(self._wait(host, found)):
                    raise FetchError("the fetcher has been closed")
                yield
        finally:
            with self._lock:
                found.users -= 1

    def _shared_place(self, host: str) -> AbstractContextManager[None]:
        return self._elsewhere.place(host, self._closed) if self._elsewhere else nullcontext()

    def _wait(self, name: str, host: _Host) -> float:
        """Seconds until the next start, which is taken hereby."""
        if self._elsewhere:  # which alone knows the order: with our own beside it, two might begin at one time
            return self._elsewhere.start(name, host.spacing)
        with self._lock:
            now = self._now()
            start = max(now, host.after)
            host.after = start + host.spacing
            return start - now

    def _host(self, name: str) -> _Host:
        if name not in self._hosts:
            if len(self._hosts) >= self._sweep_at:
                self._sweep()
            self._hosts[name] = _Host(threading.BoundedSemaphore(self._per_host), self._spacing)
        return self._hosts[name]

    def _sweep(self) -> None:
        now = self._now()
        self._hosts = {name: host for name, host in self._hosts.items() if host.users or host.after > now}
        self._sweep_at = max(_SWEPT_AT, 2 * len(self._hosts))
