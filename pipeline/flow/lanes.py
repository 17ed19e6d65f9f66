"""Threads shared by many hosts, of which none may hold more than a few."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")

_MOST_PER_THREAD = 16


@dataclass(order=True)
class _Job:
    """Work by its turn: what is urgent first, and then as it came."""

    turn: tuple[bool, int]
    lane: str = field(compare=False)
    work: Callable[[], Any] = field(compare=False)
    future: Future[Any] = field(compare=False)

    @property
    def urgent(self) -> bool:
        return not self.turn[0]


class Lanes:
    """Runs work in threads, at most `width` pieces of one lane at a time; the rest of it waits without a thread.

    So what is slow, or has to wait its turn, delays its own lane only. What is urgent goes first, and `kept` of the
    threads are for nothing else.
    """

    def __init__(self, threads: int, width: int, name: str, kept: int = 0) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = threads
        self._most_ordinary = threads - kept
        self._width = width
        self._came = count()
        self._waiting: dict[str, list[_Job]] = {}  # of the lanes in use
        self._running: dict[str, int] = {}
        self._at_work = self._at_ordinary_work = 0
        self._closed = False
        self._lock = Lock()

    def __len__(self) -> int:
        """How many lanes are in use."""
        with self._lock:
            return len(self._waiting)

    def room(self) -> int:
        """How much more work the threads should be given; none while it is little, as each time costs something.

        That is two pieces for each thread. What waits behind others of its lane does not count, as it keeps no thread
        busy, but for an end to how much may wait.
        """
        with self._lock:
            pieces = [self._pieces(lane) for lane in self._waiting]
        wanted = 2 * self._most - sum(min(held, self._width) for held in pieces)
        return wanted if 2 * wanted >= self._most and sum(pieces) < _MOST_PER_THREAD * self._most else 0

    def urgent_room(self) -> int:
        """The same of urgent work, which need not wait until there is less of the other."""
        with self._lock:
            waiting = sum(job.urgent for jobs in self._waiting.values() for job in jobs)
            return max(0, 2 * self._most - waiting - (self._at_work - self._at_ordinary_work))

    def full(self) -> frozenset[str]:
        """The lanes that have as much work as they can do at a time, and as much again."""
        with self._lock:
            return frozenset(lane for lane in self._waiting if self._pieces(lane) >= 2 * self._width)

    def submit(self, lane: str, work: Callable[[], T], urgent: bool = False) -> Future[T]:
        """Do the work once its lane has room. What still waits can be cancelled."""
        future: Future[T] = Future()
        with self._lock:
            self._running.setdefault(lane, 0)
            heappush(self._waiting.setdefault(lane, []), _Job((not urgent, next(self._came)), lane, work, future))
            self._begin()
        return future

    def close(self) -> None:
        """Begin nothing more. What is under way is left to end by itself."""
        with self._lock:
            self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _pieces(self, lane: str) -> int:
        """How many pieces of the lane run or wait."""
        return self._running[lane] + len(self._waiting[lane])

    def _begin(self) -> None:
        """Give a thread to each piece that may have one. For whoever has the lock."""
        while not self._closed and self._at_work < self._most and (job := self._next()):
            self._running[job.lane] += 1
            self._at_work += 1
            self._at_ordinary_work += not job.urgent
            self._threads.submit(self._run, job)

    def _next(self) -> _Job | None:
        """The piece whose turn it is, of those whose lane has room."""
        most = self._most_ordinary
        heads = [
            waiting[0]
            for lane, waiting in self._waiting.items()
            if waiting and self._running[lane] < self._width
            if waiting[0].urgent or self._at_ordinary_work < most
        ]
        return heappop(self._waiting[min(heads).lane]) if heads else None

    def _run(self, job: _Job) -> None:
        try:
            if job.future.set_running_or_notify_cancel():
                job.future.set_result(job.work())
        except BaseException as error:  # noqa: BLE001  (it is for whoever waits for the result)
            job.future.set_exception(error)
        finally:
            with self._lock:
                self._end(job)
                self._begin()

    def _end(self, job: _Job) -> None:
        self._at_work -= 1
        self._at_ordinary_work -= not job.urgent
        self._running[job.lane] -= 1
        if not self._running[job.lane] and not self._waiting[job.lane]:
            del self._running[job.lane], self._waiting[job.lane]
