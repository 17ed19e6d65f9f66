"""What lets one stage fail without the others: its failure is told, kept in the vitals, and answered with a wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import structlog

from pipeline.clock import Clock
from pipeline.engine.clockwork import LONGEST_WAIT, Backoff
from pipeline.engine.vitals import Vitals
from pipeline.errors import PipelineError


class Guard:
    """Runs the work of stages, each known by its name. `hide` takes secrets out of what is shown of errors."""

    def __init__(
        self,
        names: Iterable[str],
        vitals: Vitals,
        clock: Clock,
        hide: Callable[[str], str],
        steady: Callable[[], float] = time.monotonic,
        longest_wait: float = LONGEST_WAIT,
    ) -> None:
        self._log = structlog.get_logger("dealwire")
        self._backoffs = {name: Backoff(longest_wait) for name in names}
        self._vitals = vitals
        self._clock = clock
        self._hide = hide
        self._steady = steady

    def run(self, stage: str, work: Callable[[], bool | None]) -> bool:
        """Do the work unless the stage waits after a failure; whether it was done and says that there is more."""
        began, backoff = self._steady(), self._backoffs[stage]
        self._vitals.alive(stage, began)
        if not backoff.ready(began):
            return False
        try:
            more = bool(work())
        except Exception as error:  # noqa: BLE001  (whatever it is, the other stages must go on)
            self._failed(stage, error, began)
            return False
        if ended := backoff.succeeded():
            self._log.info("stage recovered", stage=stage, failures=ended)
        self._vitals.succeeded(stage, self._clock.now())
        return more

    def _failed(self, stage: str, error: Exception, began: float) -> None:
        """Known errors are told in their words, a fault of ours whole."""
        known, now = isinstance(error, PipelineError), self._steady()
        why = self._hide(str(error) if known else f"{type(error).__name__}: {error}")
        self._vitals.failed(stage, why, now)
        if times := self._backoffs[stage].failed(why, began, now):
            fault = None if known or times > 1 else error
            self._log.error("stage failed", stage=stage, error=why, times=times, exc_info=fault)
