"""Advisory locks of PostgreSQL: of the transaction that writes, and of processes against each other."""

from __future__ import annotations

import hashlib
import threading
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from pipeline.errors import StoreError
from pipeline.store.failures import translated

WRITES, ALONE = 0x6465616C01, 0x6465616C02
"""The numbers of the transaction that writes, and of the process that works alone."""

HOLDERS = (
    "pg_locks JOIN pg_stat_activity USING (pid) WHERE locktype = 'advisory' AND granted AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    " AND (classid::bigint << 32 | objid::bigint) = :lock"
)
"""The processes that hold the advisory lock of this number, as PostgreSQL knows them."""


class PostgresqlHold:
    """Advisory locks on a connection of their own. For several threads."""

    def __init__(self, database: str, engine: Engine, holder: str) -> None:
        self._database = database
        self._holder = holder
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._connection: Connection | None = None
        self._lock = threading.Lock()

    def take(self, lock: str, *, shared: bool = False) -> bool:
        kind = "_shared" if shared else ""
        return bool(self._ask(f"SELECT pg_try_advisory_lock{kind}(:lock)", lock))

    def give_back(self, lock: str) -> None:
        if self._connection is not None:
            self._ask("SELECT pg_advisory_unlock(:lock)", lock)

    def still(self) -> bool:
        if self._connection is None:
            return False
        try:
            return bool(self._ask("SELECT 1", ""))
        except StoreError:
            return False

    def close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.invalidate()
                self._connection = None

    def _ask(self, question: str, lock: str) -> Any:
        with self._lock, translated(self._database):
            if self._connection is None:
                self._connection = self._engine.connect()
                self._connection.execute(
                    text("SELECT set_config('application_name', :holder, false)"), {"holder": self._holder}
                )
            try:
                return self._connection.execute(text(question), {"lock": _number_of(lock)} if lock else {}).scalar_one()
            except DBAPIError:
                self._connection.invalidate()
                self._connection = None
                raise


def _number_of(lock: str) -> int:
    """By what number a lock of this name is known."""
    if lock == "alone":
        return ALONE
    return int.from_bytes(hashlib.sha256(lock.encode()).digest()[:8], signed=True)
