"""A store on a PostgreSQL server, which any number of machines share."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, Integer, create_engine, event, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from pipeline.errors import StoreBusy, StoreError
from pipeline.store.failures import translated
from pipeline.store.size import Size

_DRIVER = "postgresql+psycopg"
_CONNECT_SECONDS = 10
_SILENT_SECONDS = 20
"""Seconds after which a connection whose other end says nothing any more is given up, and what it held with it."""
_IDLE_SECONDS = 20
"""Seconds that a transaction may do nothing: a worker that hangs within one would hold up all others."""
_MOST_CONNECTIONS = 20

WRITES = 0x6465616C01
"""The advisory lock of the transaction that writes."""
ALONE, SCHEDULES = "alone", "schedules"
"""Locks that a process holds: it works alone, or takes part with a share; and it says for all what is due."""
_LOCKS = 0x6465616C02
"""What the names of locks are hashed with."""
_UNKNOWN = re.compile(r"(?<!\\)((?:\\\\)*)(?:\\u0000|[\ud800-\udfff])")
"""A NUL as JSON writes it, behind no backslash that stands for itself; half of a surrogate pair."""


class Postgresql:
    """The database of a URL such as `postgresql://user:password@host/dealwire`.

    One transaction writes at a time, whatever machine it is of, as on SQLite: what a unit reads before it writes
    stays true until it commits. `patience`: the seconds that it waits for its turn.
    """

    def __init__(self, url: str, patience: float) -> None:
        given = make_url(url)
        self.name = given.set(username=None, password=None, query={}).render_as_string()
        self.engine = create_engine(
            given.set(drivername=_DRIVER),
            json_serializer=_json,
            pool_pre_ping=True,  # a server that was restarted has forgotten the connections that we kept
            pool_size=_MOST_CONNECTIONS // 2,
            max_overflow=_MOST_CONNECTIONS // 2,
            connect_args={
                "connect_timeout": _CONNECT_SECONDS,
                "application_name": "dealwire",
                "keepalives_idle": _SILENT_SECONDS // 2,
                "keepalives_interval": _SILENT_SECONDS // 4,
                "keepalives_count": 2,
                "tcp_user_timeout": _SILENT_SECONDS * 1000,
                "options": " ".join(
                    f"-c {setting}={value}"
                    for setting, value in (
                        ("timezone", "UTC"),
                        ("lock_timeout", f"{int(patience * 1000)}ms"),
                        ("idle_in_transaction_session_timeout", f"{_IDLE_SECONDS}s"),
                        ("tcp_keepalives_idle", _SILENT_SECONDS // 2),
                        ("tcp_keepalives_interval", _SILENT_SECONDS // 4),
                        ("tcp_keepalives_count", 2),
                        ("tcp_user_timeout", _SILENT_SECONDS * 1000),
                    )
                ),
            },
        )
        self.engine.dialect.colspecs = {**self.engine.dialect.colspecs, Integer: _Number}
        self._snapshots = self.engine.execution_options(isolation_level="REPEATABLE READ")
        event.listen(self.engine, "connect", _prepare)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            session.connection().execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITES})
            yield session

    def aside(self) -> AbstractContextManager[Session]:
        return self._session()

    @contextmanager
    def _session(self) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def hold(self, name: str) -> PostgresqlHold:
        return PostgresqlHold(self.name, self.engine, name)

    def reading(self) -> Session:
        return Session(self._snapshots, expire_on_commit=False)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the store for this process. Raises StoreBusy where any other holds it or takes part in it."""
        hold = self.hold("dealwire")
        try:
            if not hold.take(ALONE):
                raise StoreBusy(f"{self.name} is in use by another Dealwire. Stop that first, or use another database.")
            yield
        finally:
            hold.close()

    def size(self) -> Size:
        with self.engine.connect() as connection:
            return Size(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one(), 0, 0)

    def compact(self) -> None:
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET lock_timeout = 0"))
            connection.execute(text("VACUUM (FULL, ANALYZE)"))
            connection.invalidate()

    def keep(self, schema: str, now: datetime) -> str:  # noqa: ARG002
        """The server undoes a migration that fails."""
        return ""


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
        return bool(self._ask(f"SELECT pg_try_advisory_lock{kind}(hashtextextended(:lock, {_LOCKS}))", lock))

    def give_back(self, lock: str) -> None:
        if self._connection is not None:
            self._ask(f"SELECT pg_advisory_unlock(hashtextextended(:lock, {_LOCKS}))", lock)

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
                return self._connection.execute(text(question), {"lock": lock} if lock else {}).scalar_one()
            except DBAPIError:
                self._connection.invalidate()
                self._connection = None
                raise


class _Number(Integer):
    """A number that is not said to be a column's: a person may look for one that no row can have."""

    render_bind_cast = False


def _json(value: Any) -> str:
    """As JSON that PostgreSQL can look into, with a space for each character that it does not know."""
    return _UNKNOWN.sub(r"\1 ", json.dumps(value, ensure_ascii=False))


def _prepare(connection: Any, _: object) -> None:
    from psycopg.types.string import StrDumper

    class Clean(StrDumper):
        """PostgreSQL keeps no NUL within a text, which may stand in any that a stranger writes."""

        def dump(self, obj: str) -> Any:
            return super().dump(obj.replace("\0", "") if "\0" in obj else obj)

    connection.adapters.register_dumper(str, Clean)
