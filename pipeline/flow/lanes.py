"""Threads shared by many hosts, of which none may hold more than a few."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")

_Job = tuple[Future[Any], Callable[[], Any]]


class Lanes:
    """Runs work in threads, at most `width` pieces of one lane at a time; the rest of it waits without a thread.

    So what is slow, or has to wait its turn, delays its own lane only.
    """

    def __init__(self, threads: int, width: int, name: str) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._width = width
        self._waiting: dict[str, deque[_Job]] = {}  # of the lanes in use
        self._running: dict[str, int] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        """How many lanes are in use."""
        with self._lock:
            return len(self._waiting)

    def submit(self, lane: str, work: Callable[[], T]) -> Future[T]:
        """Do the work once its lane has room. What still waits can be cancelled."""
        future: Future[T] = Future()
        with self._lock:
            self._waiting.setdefault(lane, deque()).append((future, work))
            if self._running.get(lane, 0) == self._width:
                return future
            self._running[lane] = self._running.get(lane, 0) + 1
        self._threads.submit(self._run, lane)
        return future

    def close(self) -> None:
        """Begin nothing more. What is under way is left to end by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _run(self, lane: str) -> None:
        """Do what waits in the lane, piece by piece."""
        while job := self._next(lane):
            future, work = job
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except BaseException as error:  # noqa: BLE001  (it is for whoever waits for the result)
                    future.set_exception(error)

    def _next(self, lane: str) -> _Job | None:
        with self._lock:
            if waiting := self._waiting[lane]:
                return waiting.popleft()
            self._running[lane] -= 1
            if not self._running[lane]:
                del self._running[lane], self._waiting[lane]
            return None
