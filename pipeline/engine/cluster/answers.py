"""Answering calls: a batch of its stage for each, beside each other, the queues apart."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import structlog
from procrastinate import App, PsycopgConnector

from pipeline import flow
from pipeline.clock import Clock
from pipeline.engine import logbook
from pipeline.engine.cluster.calls import DELIVER, DIGEST, INGEST, POLL, PROMISING, PRUNE, Calls, subject
from pipeline.engine.guard import Guard
from pipeline.engine.in_force import InForce
from pipeline.engine.stages import INGEST as READ
from pipeline.engine.stages import POLL as ASK
from pipeline.engine.stages import URGENT, Stage, batch, deliveries, write_digest
from pipeline.engine.vitals import Vitals
from pipeline.store import Store

_LOOK_SECONDS = 2.0
"""Between two looks for calls, where no notice of one comes."""
_ALIVE_SECONDS, _GONE_SECONDS = 5.0, 20.0
_AGAIN_SECONDS = 2.0
"""Before it begins anew after the database was out of reach."""

STAGES = {POLL: ASK, PROMISING: URGENT, INGEST: READ}


class Answers:
    """Answers calls in threads of their own, from `begin` to `end`."""

    def __init__(
        self,
        store: Store,
        in_force: InForce,
        calls: Calls,
        guard: Guard,
        vitals: Vitals,
        clock: Clock,
        queues: Sequence[str],
        concurrency: int,
    ) -> None:
        self._log = structlog.get_logger("dealwire")
        self._store = store
        self._in_force = in_force
        self._calls = calls
        self._guard = guard
        self._vitals = vitals
        self._clock = clock
        self._queues = queues
        self._concurrency = concurrency
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self, url: str) -> None:
        """Answer the calls that stand in the database of this URL."""
        self._thread = threading.Thread(target=self._run, args=(url,), name="answers", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Answer no more, and wait for what is under way to end."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, url: str) -> None:
        while not self._stopping.is_set():
            try:
                asyncio.run(self._answer_all(url))
            except Exception as error:  # noqa: BLE001  (the server was restarted, or something that nobody foresaw)
                self._log.warning("calls cannot be had", why=f"{type(error).__name__}: {error}")
                self._stopping.wait(_AGAIN_SECONDS)

    async def _answer_all(self, url: str) -> None:
        app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=2 + len(self._queues)))
        for name, stage in STAGES.items():
            app.task(name=name)(partial(self._stage, name, stage))
        app.task(name=DELIVER)(self._deliver)
        app.task(name=DIGEST)(self._digest)
        app.task(name=PRUNE)(self._prune)
        with ThreadPoolExecutor(self._concurrency * len(self._queues) + 2, thread_name_prefix="answer") as threads:
            asyncio.get_running_loop().set_default_executor(threads)
            async with app.open_async():
                await self._until_stopped([asyncio.create_task(self._answer(app, queue)) for queue in self._queues])

    async def _until_stopped(self, answering: Sequence[asyncio.Task[None]]) -> None:
        stopped = asyncio.create_task(self._stop_asked())
        await asyncio.wait([stopped, *answering], return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        for task in answering:
            task.cancel()
        ended = await asyncio.gather(*answering, return_exceptions=True)
        for error in ended:
            if isinstance(error, Exception):
                raise error

    async def _stop_asked(self) -> None:
        while not self._stopping.is_set():
            await asyncio.sleep(0.2)

    async def _answer(self, app: App, queue: str) -> None:
        await app.run_worker_async(
            queues=[queue],
            name=queue,
            concurrency=self._concurrency,
            install_signal_handlers=False,
            listen_notify=True,
            delete_jobs="always",
            fetch_job_polling_interval=_LOOK_SECONDS,
            update_heartbeat_interval=_ALIVE_SECONDS,
            stalled_worker_timeout=_GONE_SECONDS,
        )

    def _stage(self, what: str, stage: Stage) -> None:
        self._guard.run(stage.name, partial(self._one_batch, what, stage))

    def _deliver(self, of: str) -> None:
        self._stage(subject(DELIVER, of), deliveries(of))

    def _one_batch(self, what: str, stage: Stage) -> bool:
        began = time.monotonic()
        with self._in_force.using() as tools:
            report = batch(tools, stage, relieved=lambda: True)
            if report is None:
                return False
            with self._store.read() as session:
                more = bool(stage.due(tools, session, 1))
        if more and not self._stopping.is_set():
            with self._store.write() as session:
                self._calls.call(session, what)
        logbook.enter(self._vitals, stage.name, report, time.monotonic() - began, self._clock.now())
        return False

    def _digest(self) -> None:
        self._guard.run(DIGEST, self._digest_if_due)

    def _digest_if_due(self) -> None:
        with self._in_force.using() as tools:
            if written := write_digest(tools):
                day, new = written
                self._log.info("digest", day=str(day), deliveries=new)

    def _prune(self) -> None:
        self._guard.run(PRUNE, self._prune_old)

    def _prune_old(self) -> None:
        with self._in_force.using() as tools:
            report = flow.prune(tools.settings, tools.store, self._clock.now(), self._stopping)
        if report.counts:
            self._log.info(PRUNE, **report.counts)
