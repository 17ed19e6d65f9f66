"""`/metrics` and `/healthz`, where the configuration says to listen for them."""

from __future__ import annotations

import json
import time

import structlog
from prometheus_client import CONTENT_TYPE_LATEST

from pipeline.clock import Clock
from pipeline.engine.in_force import InForce
from pipeline.engine.metrics import Metrics
from pipeline.engine.server import Address, Answer, Server
from pipeline.engine.vitals import Vitals, reasons
from pipeline.errors import StoreError, UsageError
from pipeline.store import Store
from pipeline.store.pressure import Pressure, pressure

_TEXT, _JSON = "text/plain; charset=utf-8", "application/json"


class Watchtower:
    """Serves what is known of the daemon and its store."""

    def __init__(self, store: Store, vitals: Vitals, in_force: InForce, clock: Clock) -> None:
        self._log = structlog.get_logger("dealwire")
        self._store = store
        self._vitals = vitals
        self._in_force = in_force
        self._clock = clock
        self._metrics = Metrics(vitals.snapshot, self._pressure, lambda: store.size().all, clock)
        self._server: Server | None = None
        self._listens: Address | None = None

    @property
    def address(self) -> str:
        """Where it listens, as it stands in the configuration; empty for nowhere."""
        return _written(self._listens) if self._listens else ""

    def follow(self, address: Address | None) -> None:
        """Listen there from now on; None for nowhere. Raises UsageError."""
        if address == self._listens:
            return
        self.close()
        if address is None:
            return
        try:
            self._server = Server(address, {"/metrics": self._metrics_page, "/healthz": self._health_page})
        except OSError as error:
            raise UsageError(
                f"{_written(address)} cannot be listened on ({error.strerror}). Set another operation.listen."
            ) from error
        self._listens = address
        self._log.info("listening for /metrics and /healthz", address=_written(address))

    def close(self) -> None:
        if self._server:
            self._server.close()
        self._server = self._listens = None

    def _metrics_page(self) -> Answer:
        return 200, CONTENT_TYPE_LATEST, self._metrics.text()

    def _health_page(self) -> Answer:
        """200 and `ok`, or 503 and the reasons."""
        channels = list(self._in_force.settings.channels)
        found = reasons(self._vitals, time.monotonic(), self._pressure(), channels, self._clock.now())
        if not found:
            return 200, _TEXT, b"ok\n"
        return 503, _JSON, json.dumps({"status": "unwell", "reasons": found}, ensure_ascii=False).encode()

    def _pressure(self) -> Pressure | None:
        try:
            with self._store.read() as session:
                return pressure(session, self._clock.now())
        except StoreError:  # whoever asked is told
            return None


def _written(address: Address) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
