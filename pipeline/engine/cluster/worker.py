"""A worker: a process that answers calls, says that it lives, and schedules for all while nobody else does."""

from __future__ import annotations

import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial

import structlog

from pipeline import flow
from pipeline.clock import Clock, SystemClock
from pipeline.config.schema import Settings
from pipeline.domain import Message
from pipeline.engine import record
from pipeline.engine.cluster.answers import Answers
from pipeline.engine.cluster.calls import Calls, set_up
from pipeline.engine.cluster.elsewhere import Elsewhere
from pipeline.engine.cluster.scheduler import CHORES, Scheduler
from pipeline.engine.guard import Guard
from pipeline.engine.in_force import InForce
from pipeline.engine.stages import NAMES
from pipeline.engine.vitals import Vitals
from pipeline.engine.watchtower import Watchtower
from pipeline.errors import ConfigError, StoreBusy
from pipeline.flow import Tools, distribution
from pipeline.models import Worker as Row
from pipeline.store import Store, workers

_BEAT_SECONDS, _ELECTION_SECONDS, _VERSION_SECONDS = 1.0, 1.0, 2.0
_ALONE = "alone"
_CALLED_FOR = (*NAMES, *CHORES, "digest", "prune")
"""What this worker may never have to do."""
_LONGEST_WAIT = 5.0
"""Seconds after a failure: what fails here is most often the database, which others wait for too."""
_OWN_CHORES = ("configuration", "election", "listen", "digest", "prune", "calls")


class Worker:
    """Runs until `stop` is set. `concurrency` batches of each queue are worked on at a time.

    `taken_up` is told of settings before they are in force. `hide` takes secrets out of what is shown of errors.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        stop: threading.Event,
        queues: Sequence[str],
        concurrency: int,
        *,
        taken_up: Callable[[Settings], None] = lambda _: None,
        hide: Callable[[str], str] = str,
        clock: Clock | None = None,
    ) -> None:
        self._log = structlog.get_logger("dealwire")
        self._store = store
        self._stop = stop
        self._queues = queues
        self._concurrency = concurrency
        self._clock = clock or SystemClock()
        self.name = f"{socket.gethostname()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
        self._started = self._clock.now()
        self._vitals = Vitals(NAMES, (*CHORES, *_OWN_CHORES), time.monotonic())
        self._guard = Guard(
            [*NAMES, *CHORES, *_OWN_CHORES], self._vitals, self._clock, hide, longest_wait=_LONGEST_WAIT
        )
        self._hold = store.hold(self.name)
        self._elsewhere = Elsewhere(store, settings.general.http.per_host, self.name)
        self._taken_up = taken_up
        self._settings = settings
        self._in_force: InForce | None = None
        self._looked_at = 0

    def run(self) -> None:
        """Work until told to stop, then hand back what is under way. Raises StoreBusy where one works alone."""
        self._join()
        set_up(self._store)
        calls = Calls()
        self._store.before_commit = calls.of_what_was_made
        in_force = self._in_force = self._first_configuration()
        scheduler = Scheduler(self._store, self._hold, calls, in_force, self._guard, self._clock)
        answers = Answers(
            self._store, in_force, calls, self._guard, self._vitals, self._clock, self._queues, self._concurrency
        )
        watchtower = Watchtower(self._store, self._vitals, in_force, self._clock)
        self._log.info("started", worker=self.name, queues=", ".join(self._queues), concurrency=self._concurrency)
        beating = threading.Thread(target=self._beat_on, args=(scheduler,), name="beat", daemon=True)
        beating.start()
        answers.begin(str(in_force.settings.place))
        looked = dict.fromkeys(("configuration", "election"), float("-inf"))
        while not self._stop.wait(0.25):
            now = time.monotonic()
            for what, every, do in (
                ("configuration", _VERSION_SECONDS, partial(self._mind_configuration, in_force)),
                ("election", _ELECTION_SECONDS, partial(self._stand, scheduler)),
            ):
                if now - looked[what] >= every:
                    looked[what] = now
                    self._guard.run(what, do)
            self._guard.run("listen", lambda: watchtower.follow(in_force.settings.general.operation.listen))
            for stage in _CALLED_FOR:  # others may do all of it: what is overdue tells where nobody does
                self._vitals.alive(stage, now)
        self._log.info("stopping")
        scheduler.close()
        answers.end()
        watchtower.close()
        in_force.close()
        beating.join()
        with self._store.write() as session:
            workers.leave(session, self.name)
        self._elsewhere.close()
        self._hold.close()
        self._log.info("stopped")

    def _join(self) -> None:
        if not self._hold.take(_ALONE, shared=True):
            raise StoreBusy(
                f"{self._store.name} is in use by a Dealwire that works alone (`run`, `once` or another command). "
                "Stop that first, or use another database."
            )
        self._beat(schedules=False)

    def _stand(self, scheduler: Scheduler) -> None:
        """Take part, and schedule where nobody does."""
        if not self._hold.still():
            scheduler.close()
            self._join()
        scheduler.stand()

    def _first_configuration(self) -> InForce:
        """That in force; where there is none yet, our own is put in force."""
        folder = self._settings.folder
        with self._store.read() as session:
            none_yet = workers.version_in_force(session) == 0
        if none_yet:
            distribution.publish(folder, self._store)
        elif not distribution.is_in_force(folder, self._store):
            self._log.warning("this folder's configuration is not in force; `dealwire publish` puts it there")
        if found := distribution.newer(self._store, 0):
            self._looked_at, files = found
            self._settings = distribution.settings_of(files, folder)
        return InForce(self._settings, self._open, self._taken_up, self._looked_at)

    def _mind_configuration(self, in_force: InForce) -> None:
        """Take up the version in force; one that cannot be read here is told once, and the old one stays."""
        folder = self._settings.folder
        found = distribution.newer(self._store, self._looked_at)
        if found is None:
            return
        self._looked_at, files = found
        try:
            settings = distribution.settings_of(files, folder)
        except ConfigError as error:
            for problem in error.problems:
                self._log.error("configuration refused, the old one stays in force", problem=str(problem))
            return
        with in_force.using() as old:
            in_force.take_up(settings, self._looked_at)
            if in_force.settings is not old.settings:
                old.stop.set()  # what it has not stored by now is done again by the new one

    def _open(self, settings: Settings) -> AbstractContextManager[Tools]:
        """Tools with a stop of their own: they end with their version of the configuration, or with the worker."""
        return flow.open_tools(
            settings, self._store, self._say, self._clock, _Either(self._stop), self.name, self._elsewhere
        )

    def _say(self, message: Message) -> None:
        self._log.info("told", kind=message.kind, subject=message.subject)

    def _beat_on(self, scheduler: Scheduler) -> None:
        while True:
            self._guard.run("calls", partial(self._beat, schedules=scheduler.elected))
            if self._stop.wait(_BEAT_SECONDS):
                return

    def _beat(self, *, schedules: bool) -> None:
        said = record.content(self._vitals.snapshot(), self._started, self._clock.now(), "", stopped=False)
        row = Row(
            name=self.name,
            machine=socket.gethostname(),
            pid=os.getpid(),
            queues=", ".join(self._queues),
            started_at=self._started,
            seen_at=self._started,
            version=self._in_force.version if self._in_force else 0,
            schedules=schedules,
            said=said,
        )
        with self._store.write(aside=True) as session:
            workers.beat(session, row)


class _Either(threading.Event):
    """Set by itself, or with another one."""

    def __init__(self, other: threading.Event) -> None:
        super().__init__()
        self._other = other

    def is_set(self) -> bool:
        return super().is_set() or self._other.is_set()

    def wait(self, timeout: float | None = None) -> bool:
        end = None if timeout is None else time.monotonic() + timeout
        while not self.is_set():
            left = 0.25 if end is None else min(0.25, end - time.monotonic())
            if left <= 0:
                return False
            super().wait(left)
        return True
