"""The one process that says what is due: it holds a lock in the database, and when it is gone another one has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta
from functools import partial

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from pipeline import flow
from pipeline.clock import Clock
from pipeline.config.load import fingerprint
from pipeline.domain import Promised
from pipeline.engine.cluster.calls import DELIVER, DIGEST, INGEST, POLL, PROMISING, PRUNE, Calls, subject
from pipeline.engine.guard import Guard
from pipeline.engine.in_force import InForce
from pipeline.engine.stages import BATCH
from pipeline.errors import StoreError
from pipeline.flow import distribution
from pipeline.store import Session, Store, articles, calls, feeds, hosts, outbox, workers
from pipeline.store.database import Hold

SILENT = timedelta(seconds=15)
"""How long a worker may say nothing before others take over what it holds."""

_MOST_CALLS = 32
"""Of one kind that wait: more than the workers can answer would only be looked through again and again."""

_LOCK = "schedules"
_TIDY_SECONDS, _EDITION_SECONDS, _ANALYZE_SECONDS, _PRUNE_SECONDS = 1, 3, 60, 86_400

CHORES = ("due", "publish", "tidy", "analyze", "edition", "chores")


class Scheduler:
    """Tries for the lock; while it has that, it calls for what is due, and sees to what must be done by one alone."""

    def __init__(
        self,
        store: Store,
        hold: Hold,
        calls_: Calls,
        in_force: InForce,
        guard: Guard,
        clock: Clock,
    ) -> None:
        self._log = structlog.get_logger("dealwire")
        self._store = store
        self._hold = hold
        self._calls = calls_
        self._in_force = in_force
        self._guard = guard
        self._clock = clock
        self._running: BackgroundScheduler | None = None
        self._seen = fingerprint(in_force.settings.folder)
        self._in_line = -1

    @property
    def elected(self) -> bool:
        return self._running is not None

    def stand(self) -> None:
        """Take the lock where nobody has it, and stop where ours is lost. Raises StoreError."""
        if self._running is not None and not self._hold.still():
            self._log.warning("the database is out of reach: another worker may schedule from now on")
            self.close()
        if self._running is not None:
            return
        if self._hold.take(_LOCK):
            self._log.info("this worker schedules from now on")
            self._running = self._begun()
        else:
            with self._store.write(aside=True) as session:
                hung = workers.relieve(session, SILENT)
            for name in hung:
                self._log.warning("the worker that schedules hangs: its connections were cut", worker=name)

    def close(self) -> None:
        """Say no more what is due."""
        if self._running is not None:
            self._running.shutdown(wait=True)
            self._running = None
            try:
                self._hold.give_back(_LOCK)
            except StoreError:
                return  # with its connection the lock is gone

    def _begun(self) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        every = self._in_force.settings.general.schedule.ticks.total_seconds()
        work: list[tuple[str, float, Callable[[], None]]] = [
            ("due", every, self._call_for_what_is_due),
            ("publish", 1, self._publish),
            ("edition", _EDITION_SECONDS, self._call_for_the_digest),
            ("tidy", _TIDY_SECONDS, self._tidy),
            ("analyze", _ANALYZE_SECONDS, self._analyze),
            ("chores", _PRUNE_SECONDS, self._prune),
        ]
        for name, seconds, do in work:
            guarded = partial(self._guard.run, name, do)
            scheduler.add_job(guarded, "interval", seconds=seconds, id=name, next_run_time=self._clock.now())
        scheduler.start()
        return scheduler

    def _call_for_what_is_due(self) -> None:
        self._keep_in_line()
        with self._store.read() as session:
            wanted = self._wanted(session)
        wanted = {what: times for what, times in wanted.items() if times}
        if not wanted:
            return
        with self._store.write() as session:
            for what, times in wanted.items():
                self._calls.call(session, what, times)

    def _wanted(self, session: Session) -> dict[str, int]:
        """How many calls should wait for what is due."""
        now, most = self._clock.now(), _MOST_CALLS * BATCH
        promising = len(articles.pending(session, now, most, least=Promised.FLAGS))
        waiting = {
            POLL: len(feeds.due(session, now, most)),
            PROMISING: promising,
            INGEST: len(articles.pending(session, now, most)) - promising,
            **{subject(DELIVER, channel): 1 for channel in outbox.channels_due(session, now)},
        }
        return {what: -(-count // BATCH) for what, count in waiting.items()}

    def _keep_in_line(self) -> None:
        """What the configuration says of feeds and channels, the store must know before they are called for."""
        if self._in_line != self._in_force.version:
            version, settings = self._in_force.version, self._in_force.settings
            flow.bring_in_line(settings, self._store, self._clock.now())
            self._in_line = version

    def _publish(self) -> None:
        """An edit in our folder is put in force for all."""
        folder = self._in_force.settings.folder
        state = fingerprint(folder)
        if state != self._seen:
            if version := distribution.publish(folder, self._store):
                self._log.info("configuration published", version=version)
            self._seen = state  # not before: what failed is tried again

    def _call_for_the_digest(self) -> None:
        with self._in_force.using() as tools:
            due = flow.digest_due(tools)
        if due:
            self._call(DIGEST)

    def _prune(self) -> None:
        self._call(PRUNE)

    def _call(self, what: str) -> None:
        with self._store.write() as session:
            self._calls.call(session, what)

    def _tidy(self) -> None:
        """Take what the dead held from them, and forget what is over."""
        with self._store.write() as session:
            dead = workers.bury(session, SILENT)
            stalled = calls.drop_stalled(session)
            hosts.forget(session, workers.now(session) - timedelta(minutes=5))
        for name in dead:
            self._log.warning("a worker is silent: what it held is due again", worker=name)
        if stalled:
            self._log.info("calls that nobody answers any more were dropped", count=stalled)

    def _analyze(self) -> None:
        with self._store.write() as session:
            calls.analyze(session)
