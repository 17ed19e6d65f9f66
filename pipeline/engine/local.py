"""One process on one machine: a daemon with one tick per stage."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor as JobThreads
from apscheduler.schedulers.background import BackgroundScheduler

from pipeline import flow
from pipeline.config.load import FILES
from pipeline.config.schema import Settings
from pipeline.domain import Message
from pipeline.engine.stages import STAGES, Due, Unit, batch
from pipeline.errors import ConfigError, PipelineError
from pipeline.flow import Tools
from pipeline.store import Store

_RELOAD_SECONDS = 1.0
_SIDE_BY_SIDE = 4  # runs of one tick at a time, so that a batch with a slow server in it does not hold the next


class _Generation:
    """Tools of one state of the configuration, closed when replaced and no longer used."""

    def __init__(self, opening: AbstractContextManager[Tools]) -> None:
        self._opening = opening
        self.tools = opening.__enter__()
        self._users = 1  # the daemon itself, until it retires them
        self._counting = threading.Lock()

    def join(self) -> None:
        with self._counting:
            self._users += 1

    def leave(self) -> None:
        with self._counting:
            self._users -= 1
            last = self._users == 0
        if last:
            self._opening.__exit__(None, None, None)

    retire = leave


class Daemon:
    """Runs until `stop` is set: a tick for each stage, one for the digest, and an eye on the configuration."""

    def __init__(self, settings: Settings, store: Store, stop: threading.Event) -> None:
        self._log = structlog.get_logger("dealwire")
        self._store = store
        self._stop = stop
        self._current = self._open(settings)
        self._changing = threading.Lock()
        self._seen: object = None

    def run(self) -> None:
        """Work until told to stop, then finish or hand back what is under way, within some seconds."""
        flow.recover(self._store)
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": JobThreads(len(STAGES) * _SIDE_BY_SIDE + 3)},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": _SIDE_BY_SIDE},
        )
        settings = self._current.tools.settings
        every = settings.general.schedule.ticks.total_seconds()
        for stage, due, unit in STAGES:
            scheduler.add_job(self._tick, "interval", [stage, due, unit], seconds=every, id=stage)
        scheduler.add_job(self._digest, "interval", seconds=every, id="digest", max_instances=1)
        scheduler.add_job(self._prune, "interval", days=1, next_run_time=datetime.now(UTC), id="prune", max_instances=1)
        scheduler.add_job(self._reload, "interval", seconds=_RELOAD_SECONDS, id="reload", max_instances=1)
        scheduler.start()
        self._log.info("started", feeds=len(settings.feeds), watches=len(settings.watches))
        self._stop.wait()
        self._log.info("stopping")
        scheduler.shutdown(wait=True)
        self._current.retire()
        self._log.info("stopped")

    def _tick(self, stage: str, due: Due, unit: Unit) -> None:
        """Work until nothing is due, each batch by the configuration then in force."""
        try:
            while self._one_batch(stage, due, unit):
                pass
        except PipelineError as error:
            self._log.error("stage failed", stage=stage, error=str(error))
        except Exception:  # noqa: BLE001  (a fault of ours is logged whole; the next tick tries again)
            self._log.exception("stage failed", stage=stage)

    def _one_batch(self, stage: str, due: Due, unit: Unit) -> bool:
        started = time.monotonic()
        with self._using() as tools:
            report = batch(tools, due, unit)
        if report is None:
            return False
        for what, why in report.failures:
            self._log.warning("failed", stage=stage, what=what, why=why)
        for what, note in report.notes:
            self._log.warning("of note", stage=stage, what=what, note=note)
        if report.counts:
            self._log.info(stage, **report.counts, seconds=round(time.monotonic() - started, 2))
        return True

    def _digest(self) -> None:
        try:
            with self._using() as tools:
                day = flow.digest_due(tools)
                if day:
                    new = flow.digest(tools.settings, tools.store, tools.clock.now(), day)
                    self._log.info("digest", day=str(day), deliveries=new)
        except PipelineError as error:
            self._log.error("stage failed", stage="digest", error=str(error))
        except Exception:  # noqa: BLE001
            self._log.exception("stage failed", stage="digest")

    def _prune(self) -> None:
        try:
            with self._using() as tools:
                report = flow.prune(tools.settings, tools.store, tools.clock.now(), self._stop)
            if report.counts:
                self._log.info("prune", **report.counts)
        except PipelineError as error:
            self._log.error("stage failed", stage="prune", error=str(error))
        except Exception:  # noqa: BLE001
            self._log.exception("stage failed", stage="prune")

    @contextmanager
    def _using(self) -> Iterator[Tools]:
        """The tools in force, kept open until the caller is done with them."""
        with self._changing:
            generation = self._current
            generation.join()
        try:
            yield generation.tools
        finally:
            generation.leave()

    def _open(self, settings: Settings) -> _Generation:
        return _Generation(flow.open_tools(settings, self._store, self._say, stop=self._stop))

    def _say(self, message: Message) -> None:
        self._log.info("told", kind=message.kind, subject=message.subject)

    def _reload(self) -> None:
        """Take up an edited configuration; a broken edit is refused once and the old one stays in force.

        The files are looked at, not subscribed to: that holds on network drives and in containers too, and misses
        nothing that happened before it began.
        """
        folder = self._current.tools.settings.folder
        state = _fingerprint(folder)
        if state == self._seen:
            return
        self._seen = state
        old = self._current.tools.settings
        try:
            settings = flow.load_settings(folder)
        except ConfigError as error:
            for problem in error.problems:
                self._log.error("configuration refused, the old one stays in force", problem=str(problem))
            return
        if settings == old:
            return
        if settings.state != old.state:
            self._log.error("configuration refused: a new state folder needs a restart", state=str(settings.state))
            return
        try:
            fresh = self._open(settings)
        except PipelineError as error:
            self._log.error("configuration refused, the old one stays in force", problem=str(error))
            return
        with self._changing:
            retired, self._current = self._current, fresh
        retired.retire()
        self._log.info("configuration reloaded", feeds=len(settings.feeds), watches=len(settings.watches))


def _fingerprint(folder: Path) -> object:
    """What changes when a file of the configuration is edited, replaced, added or removed."""
    found = []
    for path in sorted({*folder.glob("*.yaml"), *(folder / name for name in FILES)}):
        try:
            state = path.stat()
        except OSError:
            found.append((path.name, 0, 0, 0))
        else:
            found.append((path.name, state.st_ino, state.st_size, state.st_mtime_ns))
    return found
