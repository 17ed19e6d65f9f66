"""Work on strangers' bytes, in processes that can be killed.

Each worker is a pebble pool of one process. In a pool of many, they share a pipe and its locks, and one that is
killed while it holds them takes the others and their tasks along; here it takes its own pool only, which is replaced.
"""

from __future__ import annotations

import logging
import math
import multiprocessing
import os
import pickle
import resource
import signal
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, TimeoutError, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ParamSpec, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from pipeline.errors import PipelineError

_TASKS_PER_PROCESS = 5_000  # to start one takes as long as twenty pages
_CRASHES = 2  # the first may have been another's fault: an outside kill, or memory that a big neighbour took
_FALSE_STARTS = 4  # deaths before the task began, which say nothing about the task
_LARGEST_AFTER = 200 * 2**20  # bytes resident after a task, above which a worker is replaced
_MOST_MEMORY = 2 * 2**30  # bytes of data a worker may ask for; beyond that it gets a MemoryError
_LATE = 60  # seconds beyond the time limit that a process may take to start; and then ends itself: its parent is gone

_TICK = 0.5  # seconds

P = ParamSpec("P")
R = TypeVar("R")


class WorkerError(Exception):
    """A task brought no result."""


class TookTooLong(WorkerError):
    """The task passed its time limit, which cost its process."""


class Crashed(WorkerError):
    """The process of the task died, and so did the next one that it was given to."""


class Raised(WorkerError):
    """The task raised what is no PipelineError; `kind` is the name of the exception's class."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}" if message else kind)
        self.kind = kind


class Stopped(WorkerError):
    """The workers have been closed."""


class Closing:
    """What is closed at the end of its block."""

    def close(self) -> None:
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Workers(Closing):
    """Up to `processes` spawned processes (as many as there are processors where that is None), started as needed.

    `timeout` is the seconds a task may take from when it begins. `prepare` is run in each process before its first
    task, and takes none of that time: imports belong there. A process is replaced after some thousands of tasks, or
    when it has grown large.
    """

    def __init__(self, processes: int | None, timeout: float, prepare: Callable[[], object] | None = None) -> None:
        self.timeout = timeout
        self._prepare = prepare
        self._turns = _Turns(processes or os.cpu_count() or 1)
        self._lock = threading.Lock()
        self._idle: list[_Worker] = []
        self._busy: set[_Worker] = set()
        self._closed = False

    def run(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """The function's result, once a worker is free; called from threads, as many tasks run as there are processes.

        Function and arguments are pickled. Raises what the function raises where that is a PipelineError, else a
        WorkerError. A task whose process dies is given to another one once.
        """
        result: R = self._run(pickle.dumps((function, args, kwargs)), first=False)
        return result

    def run_next(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """As `run`, before all that wait for a worker and do not come in by this door."""
        result: R = self._run(pickle.dumps((function, args, kwargs)), first=True)
        return result

    def _run(self, task: bytes, *, first: bool) -> Any:
        crashes = false_starts = 0
        with self._turns.turn(first):
            while crashes < _CRASHES and false_starts < _FALSE_STARTS:
                worker = self._take()
                fit = False
                try:
                    done = worker.run(task, self.timeout)
                    fit = done.resident < _LARGEST_AFTER
                except TimeoutError as error:
                    fit = True  # its pool has a new process under way
                    raise TookTooLong(f"took longer than {self.timeout:g} s") from error
                except CancelledError as error:
                    raise Stopped("the workers have been stopped") from error
                except ProcessExpired:
                    crashes += 1
                except (BrokenProcessPool, RuntimeError):
                    false_starts += 1
                else:
                    return _result(done)
                finally:
                    self._give_back(worker, fit)
        raise Crashed("crashed twice")

    def _take(self) -> _Worker:
        with self._lock:
            if self._closed:
                raise Stopped("the workers have been stopped")
            worker = self._idle.pop() if self._idle else _Worker(self._prepare, self.timeout)  # the warmest first
            self._busy.add(worker)
            return worker

    def _give_back(self, worker: _Worker, fit: bool) -> None:
        with self._lock:
            self._busy.discard(worker)
            fit = fit and not self._closed
            if fit:
                self._idle.append(worker)
        if not fit:
            worker.stop()
            worker.join()

    @property
    def waiting(self) -> int:
        """How many tasks wait for a worker."""
        return len(self._turns)

    def close(self) -> None:
        """Kill the processes; tasks under way end in Stopped."""
        with self._lock:
            self._closed = True
            workers = [*self._idle, *self._busy]
            self._idle.clear()
        for worker in workers:
            worker.stop()
        for worker in workers:
            worker.join()


class _Turns:
    """So many at a time; who is to be `first` waits for nobody who is not."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: tuple[deque[threading.Event], deque[threading.Event]] = (deque(), deque())
        self._lock = threading.Lock()

    def __len__(self) -> int:
        """How many wait."""
        return sum(map(len, self._waiting))

    @contextmanager
    def turn(self, first: bool) -> Iterator[None]:
        come = threading.Event()
        with self._lock:
            if self._free:
                self._free -= 1
                come.set()
            else:
                self._waiting[not first].append(come)
        come.wait()
        try:
            yield
        finally:
            with self._lock:
                following = self._waiting[0] or self._waiting[1]
                if following:
                    following.popleft().set()  # who has the place from now on
                else:
                    self._free += 1


class _Worker:
    """A process that does one task after another, and is not used again once it failed one."""

    def __init__(self, prepare: Callable[[], object] | None, timeout: float) -> None:
        self._pool = ProcessPool(
            max_workers=1,
            max_tasks=_TASKS_PER_PROCESS,
            initializer=_begin,
            initargs=(prepare,),
            context=multiprocessing.get_context("spawn"),
        )
        self._limit = math.ceil(timeout + _LATE)
        self._lock = threading.Lock()
        self._joining = threading.Lock()
        self._stopped = False
        self._cancel: Callable[[], bool] = bool

    def run(self, task: bytes, timeout: float) -> _Done:
        with self._lock:
            if self._stopped:
                raise CancelledError
            future = self._pool.schedule(_perform, args=(task, self._limit), timeout=timeout)
            self._cancel = future.cancel
        given_up = time.monotonic() + self._limit
        while not wait([future], _TICK).done:  # a pool that breaks as a task comes in says nothing of it to the task
            if not self._pool.active or time.monotonic() > given_up:
                raise BrokenProcessPool("the process does not start")
        return future.result()

    def stop(self) -> None:
        """Ask it to end, whatever it does."""
        with self._lock:
            self._stopped = True
            self._cancel()  # stopping a pool leaves its futures, and whoever waits for them, as they are
            self._pool.stop()  # type: ignore[no-untyped-call]

    def join(self) -> None:
        """Kill what has not ended."""
        with self._joining:
            self._pool.join()


@dataclass(frozen=True)
class _Done:
    """What came of a task: a pickled value, a pickled PipelineError, or the name and text of any other exception.

    `resident` is the memory of the process afterwards, in bytes.
    """

    value: bytes = b""
    error: bytes = b""
    kind: str = ""
    message: str = ""
    resident: int = 0


def _result(done: _Done) -> Any:
    if done.kind:
        raise Raised(done.kind, done.message)
    if done.error:
        raise pickle.loads(done.error)
    return pickle.loads(done.value)


def _begin(prepare: Callable[[], object] | None) -> None:
    """Make the process ready: killable at once, bounded, and silent whatever a document makes a library say."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # in C code, a handler would wait until the library comes back
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_DATA, (_MOST_MEMORY, _MOST_MEMORY))
    if prepare:
        prepare()
    warnings.simplefilter("ignore")
    logging.disable()
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)  # the descriptors, as C code writes past sys.stdout
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _perform(task: bytes, limit: int) -> _Done:
    """Run a pickled task. Nothing but plain values leaves the process, so that no result can be past unpickling."""
    signal.alarm(limit)
    try:
        function, args, kwargs = pickle.loads(task)
        return _Done(value=pickle.dumps(function(*args, **kwargs)), resident=_resident())
    except PipelineError as error:
        return _Done(error=pickle.dumps(error), resident=_resident())
    except BaseException as error:  # noqa: BLE001  (even an exit: it is the task's answer, not ours)
        return _Done(kind=type(error).__name__, message=str(error)[:500], resident=_resident())
    finally:
        signal.alarm(0)


def _resident() -> int:
    """Bytes of this process in memory; none where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[1]) * resource.getpagesize()
    except OSError:
        return 0
