"""One process on one machine: a daemon with one tick per stage."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC
from functools import partial

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.executors.pool import ThreadPoolExecutor as JobThreads
from apscheduler.schedulers.background import BackgroundScheduler

from pipeline import flow
from pipeline.clock import Clock, SystemClock
from pipeline.config.schema import Settings
from pipeline.domain import Message
from pipeline.engine import logbook, record
from pipeline.engine.clockwork import Jumps
from pipeline.engine.couriers import Couriers
from pipeline.engine.guard import Guard
from pipeline.engine.in_force import InForce
from pipeline.engine.ping import Ping
from pipeline.engine.relay import Relay
from pipeline.engine.stages import DELIVER, INGEST, POLL, STAGES, Stage, batch, deliveries, write_digest
from pipeline.engine.systemd import Notifier
from pipeline.engine.vitals import Vitals
from pipeline.engine.watchtower import Watchtower
from pipeline.flow import Tools
from pipeline.store import Store, outbox

_LOOK_SECONDS = 1.0
_SIDE_BY_SIDE = 4  # runs of a stage at a time, so that a batch with a slow server in it does not hold the next
_PATIENCE_TICKS = 3
_EVENTS = {EVENT_JOB_MISSED: "missed", EVENT_JOB_ERROR: "error", EVENT_JOB_MAX_INSTANCES: "max_instances"}
_DIGEST, _PRUNE, _OUTBOX = "digest", "prune", "outbox"
_CHORES = ("clock", "configuration", "listen", "record", _PRUNE, _OUTBOX)
_RECORD_SECONDS = 5.0
_PRUNE_SECONDS = 86_400.0


class Daemon:
    """Runs until `stop` is set: a tick for each stage, one for the digest, and an eye on all that may change.

    Setting `reload` asks for the configuration to be looked at now. `taken_up` is told of settings before they are in
    force. `hide` takes secrets out of what is shown of errors.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        stop: threading.Event,
        *,
        reload: threading.Event | None = None,
        taken_up: Callable[[Settings], None] = lambda _: None,
        hide: Callable[[str], str] = str,
        clock: Clock | None = None,
    ) -> None:
        self._log = structlog.get_logger("dealwire")
        self._store = store
        self._stop = stop
        self._reload = reload or threading.Event()
        self._clock = clock or SystemClock()
        self._in_force = InForce(settings, self._open, taken_up)
        self._started = self._clock.now()
        self._jumps = Jumps(self._started.timestamp(), time.monotonic())
        self._to_mend = False
        self._recorded = self._pruned = float("-inf")
        stages = [*(stage.name for stage in STAGES), DELIVER, _DIGEST]
        every = settings.general.schedule.ticks.total_seconds()
        self._vitals = Vitals(stages, _CHORES, time.monotonic(), _PATIENCE_TICKS * every)
        self._guard = Guard([*stages, *_CHORES], self._vitals, self._clock, hide)
        self._couriers = Couriers(self._deliver)
        self._relay = Relay(_SIDE_BY_SIDE, self._tick_now)
        self._scheduler = self._scheduled(every)
        self._manager = Notifier()
        self._ping = Ping(self._in_force)
        self._watchtower = Watchtower(store, self._vitals, self._in_force, self._clock)

    def run(self) -> None:
        """Work until told to stop, then finish or hand back what is under way, within some seconds."""
        flow.recover(self._store, self._clock.now())
        self._scheduler.start()
        settings = self._in_force.settings
        self._log.info("started", feeds=len(settings.feeds), watches=len(settings.watches))
        self._look()
        self._manager.ready()
        while not self._stop.wait(_LOOK_SECONDS):
            self._look()
        self._log.info("stopping")
        self._manager.stopping()
        self._relay.close()  # the scheduler takes no orders while it waits for its threads, which may give some
        self._scheduler.shutdown(wait=True)
        self._couriers.join()
        self._watchtower.close()
        self._in_force.close()
        self._guard.run("record", partial(self._record, stopped=True))
        self._log.info("stopped")

    def _scheduled(self, every: float) -> BackgroundScheduler:
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": JobThreads(len(STAGES) * _SIDE_BY_SIDE + 3)},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": _SIDE_BY_SIDE},
        )
        for stage in STAGES:
            scheduler.add_job(self._tick, "interval", [stage], seconds=every, id=stage.name)
        scheduler.add_job(self._rouse, "interval", seconds=every, id=DELIVER, max_instances=1)
        scheduler.add_job(self._digest, "interval", seconds=every, id=_DIGEST, max_instances=1)
        scheduler.add_job(self._prune, "interval", seconds=every, id=_PRUNE, max_instances=1)
        scheduler.add_listener(self._count_event, EVENT_JOB_MISSED | EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES)
        return scheduler

    def _count_event(self, event: JobEvent) -> None:
        self._vitals.count(_EVENTS[event.code])

    def _look(self) -> None:
        """What is seen to each second: the clock, the configuration, and all who want to know how we are."""
        self._guard.run("clock", self._mind_clock)
        self._guard.run("configuration", self._mind_configuration)
        self._guard.run("listen", lambda: self._watchtower.follow(self._in_force.settings.general.operation.listen))
        now = time.monotonic()
        self._ping.after(self._vitals.snapshot().cycles, now)
        if not self._vitals.stuck(now):
            self._manager.alive(now)
        if now - self._recorded >= _RECORD_SECONDS:
            self._recorded = now
            self._guard.run("record", self._record)

    def _mind_clock(self) -> None:
        """On a jump, run by the clock as it is now: the scheduler and the store wait for a time of the old one."""
        now = self._clock.now()
        if jump := self._jumps.seen(now.timestamp(), time.monotonic()):
            how = "set back by" if jump < 0 else "set forward, or the machine slept, by"
            self._log.warning(f"the clock was {how} {abs(jump):,.0f} s")
            for job in self._scheduler.get_jobs():
                self._scheduler.modify_job(job.id, next_run_time=now)
            self._to_mend = True
        if self._to_mend:
            flow.mend_times(self._store, now)
            self._to_mend = False

    def _mind_configuration(self) -> None:
        if not self._reload.is_set():
            self._in_force.look()
            return
        self._reload.clear()
        self._manager.reloading()
        try:
            self._in_force.look(asked=True)
        finally:
            self._manager.ready()

    def _record(self, *, stopped: bool = False) -> None:
        """Say how we are, to other commands and to the service manager."""
        settings, vitals = self._in_force.settings, self._vitals.snapshot()
        last = f"{vitals.last_cycle:%Y-%m-%d %H:%M:%S} UTC" if vitals.last_cycle else "none yet"
        self._manager.status(f"{len(settings.feeds)} feeds, {len(settings.watches)} watches; last full cycle: {last}")
        listen = self._watchtower.address
        said = record.content(vitals, self._started, self._clock.now(), listen, stopped=stopped)
        record.write(settings.state, said)

    def _tick_now(self, stage: str) -> None:
        self._scheduler.modify_job(stage, next_run_time=self._clock.now())

    def _tick(self, stage: Stage) -> None:
        """Work until nothing is due, each batch by the configuration then in force."""
        with self._relay.run(stage.name):
            while self._guard.run(stage.name, partial(self._one_batch, stage)) or self._relay.called(stage.name):
                pass

    def _got_further(self, stage: Stage) -> None:
        """What a stage has stored, the next one need not wait for its tick to take up."""
        self._vitals.alive(stage.name, time.monotonic())
        if stage is POLL:
            self._relay.wake(INGEST.name)
        elif stage is INGEST:
            self._rouse()

    def _rouse(self) -> None:
        self._guard.run(_OUTBOX, self._rouse_couriers)

    def _rouse_couriers(self) -> None:
        """Begin with the channels that have something due. Where none has, delivering has come round by that."""
        with self._store.read() as session:
            channels = outbox.channels_due(session, self._clock.now())
        self._couriers.rouse(channels)
        if channels:  # one that hangs holds up no other, and a restart would not mend it: what is overdue tells of it
            self._vitals.alive(DELIVER, time.monotonic())
        else:
            self._guard.run(DELIVER, lambda: False)

    def _deliver(self, channel: str) -> None:
        self._tick(deliveries(channel))

    def _one_batch(self, stage: Stage) -> bool:
        """Whether there was one."""
        began = time.monotonic()
        with self._in_force.using() as tools, self._relay.taking(stage.name) as relieved:
            report = batch(tools, stage, lambda _: self._got_further(stage), relieved)
        if report is None:
            return False
        logbook.enter(self._vitals, stage.name, report, time.monotonic() - began, self._clock.now())
        return True

    def _digest(self) -> None:
        self._guard.run(_DIGEST, self._digest_if_due)

    def _digest_if_due(self) -> None:
        with self._in_force.using() as tools:
            if written := write_digest(tools):
                day, new = written
                self._log.info("digest", day=str(day), deliveries=new)

    def _prune(self) -> None:
        self._guard.run(_PRUNE, self._prune_if_due)

    def _prune_if_due(self) -> None:
        """Once a day, by the steady clock."""
        if time.monotonic() - self._pruned < _PRUNE_SECONDS:
            return
        with self._in_force.using() as tools:
            report = flow.prune(tools.settings, tools.store, self._clock.now(), self._stop)
        self._pruned = time.monotonic()
        if report.counts:
            self._log.info(_PRUNE, **report.counts)

    def _open(self, settings: Settings) -> AbstractContextManager[Tools]:
        return flow.open_tools(settings, self._store, self._say, self._clock, self._stop)

    def _say(self, message: Message) -> None:
        self._log.info("told", kind=message.kind, subject=message.subject)
