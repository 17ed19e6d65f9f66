"""Whose turn it is at a host among all workers: places are locks in the database, and starts stand in a table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock

from pipeline.errors import FetchError, StoreError
from pipeline.store import Store, hosts

_LOOK_AGAIN = 0.2
"""Seconds between two tries to get a place that others have."""


class Elsewhere:
    """What other workers ask of the hosts. `per_host` requests go to a host at a time, from all of them together."""

    def __init__(self, store: Store, per_host: int, worker: str) -> None:
        self._store = store
        self._hold = store.hold(worker)
        self._per_host = per_host
        self._own: dict[str, set[int]] = {}
        self._lock = Lock()

    def close(self) -> None:
        """Give back all places."""
        self._hold.close()

    @contextmanager
    def place(self, host: str, closed: Event) -> Iterator[None]:
        """One of the places at the host. Raises FetchError where `closed` comes first, or the database is gone."""
        try:
            while (number := self._take(host)) is None:
                if closed.wait(_LOOK_AGAIN):
                    raise FetchError("the fetcher has been closed")
        except StoreError as error:
            raise FetchError(f"nobody can say whose turn it is at {host} ({error})") from error
        try:
            yield
        finally:
            self._give_back(host, number)

    def start(self, host: str, spacing: float) -> float:
        """Take the next start at the host; in how many seconds that is. Raises FetchError."""
        try:
            with self._store.write(aside=True) as session:
                return hosts.reserve(session, host, spacing)
        except StoreError as error:
            raise FetchError(f"nobody can say whose turn it is at {host} ({error})") from error

    def _take(self, host: str) -> int | None:
        """A place that neither we nor others have. What we have already we could take again: it is our connection's."""
        with self._lock:
            own = self._own.setdefault(host, set())
            for number in range(self._per_host):
                if number not in own and self._hold.take(_name(host, number)):
                    own.add(number)
                    return number
        return None

    def _give_back(self, host: str, number: int) -> None:
        with self._lock:
            own = self._own[host]
            own.discard(number)
            if not own:
                del self._own[host]
            try:
                self._hold.give_back(_name(host, number))
            except StoreError:
                return  # with its connection the lock is gone


def _name(host: str, number: int) -> str:
    return f"host {host} {number}"
