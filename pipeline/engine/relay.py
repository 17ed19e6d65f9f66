"""The runs of a stage: one takes up what is due, and those before it only end what they have."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock


class Relay:
    """Up to `most` runs of a stage at a time; `begin` starts one more, in a thread of its own.

    So a run that waits for a slow server holds up nothing that comes after it.
    """

    def __init__(self, most: int, begin: Callable[[str], object]) -> None:
        self._most = most
        self._begin = begin
        self._runs: Counter[str] = Counter()
        self._taking: Counter[str] = Counter()
        self._called: set[str] = set()
        self._closed = False
        self._lock = Lock()

    def close(self) -> None:
        """Begin nothing more."""
        with self._lock:
            self._closed = True

    def wake(self, stage: str) -> None:
        """Have a run look for what is due now: the one that takes up things, else another one."""
        with self._lock:
            if self._taking[stage] or self._runs[stage] >= self._most:
                self._called.add(stage)
            elif not self._closed:
                self._begin(stage)

    def called(self, stage: str) -> bool:
        """Whether the stage was woken while a run may have looked just before: then it must look again."""
        with self._lock:
            again = stage in self._called
            self._called.discard(stage)
            return again

    @contextmanager
    def run(self, stage: str) -> Iterator[None]:
        with self._lock:
            self._runs[stage] += 1
        try:
            yield
        finally:
            with self._lock:
                self._runs[stage] -= 1

    @contextmanager
    def taking(self, stage: str) -> Iterator[Callable[[], bool]]:
        """While a run takes up what is due. Gives what it asks whether another run does so from now on."""
        over = False

        def leave() -> None:
            nonlocal over
            self._taking[stage] -= not over
            over = True

        def relieved() -> bool:
            with self._lock:
                if self._closed or self._runs[stage] >= self._most:
                    return False
                leave()
                self._begin(stage)
                return True

        with self._lock:
            self._taking[stage] += 1
        try:
            yield relieved
        finally:
            with self._lock:
                leave()
