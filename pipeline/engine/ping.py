"""The dead man's switch: an address asked for as long as work gets done; who keeps it tells when it is not."""

from __future__ import annotations

import threading

import structlog

from pipeline.engine.in_force import InForce
from pipeline.errors import BadStatus, FetchError

_BETWEEN = 60.0


class Ping:
    """Asks for `operation.ping` after full cycles, in a thread of its own."""

    def __init__(self, in_force: InForce) -> None:
        self._log = structlog.get_logger("dealwire")
        self._in_force = in_force
        self._under_way: threading.Thread | None = None
        self._cycle = 0
        self._asked = float("-inf")
        self._failing = False

    def after(self, cycle: int, now: float) -> None:
        """`cycle` counts full cycles; `now` is in seconds of a steady clock. Asks once a minute at the most."""
        address = self._in_force.settings.general.operation.ping
        busy = not self.idle()
        if address is None or busy or cycle == self._cycle or now - self._asked < _BETWEEN:
            return
        self._cycle, self._asked = cycle, now
        self._under_way = threading.Thread(
            target=self._ask, args=[address.get_secret_value()], name="ping", daemon=True
        )
        self._under_way.start()

    def idle(self, seconds: float = 0.0) -> bool:
        """Whether none is under way, after waiting for its end that long at most."""
        if self._under_way is not None:
            self._under_way.join(seconds)
        return self._under_way is None or not self._under_way.is_alive()

    def _ask(self, address: str) -> None:
        try:
            with self._in_force.using() as tools:
                tools.fetcher.get(address)
        except FetchError as error:
            if not self._failing:  # without what the error says, for that may hold the address
                reason = str(error) if isinstance(error, BadStatus) else type(error).__name__
                self._log.warning("the ping fails", why=reason)
            self._failing = True
        else:
            if self._failing:
                self._log.info("the ping gets through again")
            self._failing = False
