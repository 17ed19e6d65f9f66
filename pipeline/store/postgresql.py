"""A store on a PostgreSQL server, which any number of machines share."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from sqlalchemy import URL, Connection, Integer, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlmodel import Session

from pipeline.errors import StoreBusy, UsageError
from pipeline.store.failures import translated
from pipeline.store.locks import ALONE, HOLDERS, WRITES, PostgresqlHold
from pipeline.store.size import Size

_DRIVER = "postgresql+psycopg"
_CONNECT_SECONDS = 10
_SILENT_SECONDS = 20
"""Seconds after which a connection whose other end says nothing any more is given up, and what it held with it."""
_IDLE_SECONDS = 20
"""Seconds that a transaction may do nothing: a worker that hangs within one would hold up all others."""
_MOST_CONNECTIONS = 20


_UNKNOWN = re.compile(r"(?<!\\)((?:\\\\)*)(?:\\u0000|[\ud800-\udfff])")
"""A NUL as JSON writes it, behind no backslash that stands for itself; half of a surrogate pair."""


class Postgresql:
    """The database of a URL such as `postgresql://user:password@host/dealwire`.

    One transaction writes at a time, whatever machine it is of, but for those that write aside. `patience`: the seconds
    that it waits for its turn.
    """

    def __init__(self, url: str, patience: float) -> None:
        _need_driver()
        given = _parts(url)
        self.name = _without(given, "username", "password", "query").render_as_string()
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
        self._held: tuple[Connection, int] | None = None
        self._holding = threading.Lock()
        self.engine.dialect.colspecs = {**self.engine.dialect.colspecs, Integer: _Number}
        self._snapshots = self.engine.execution_options(isolation_level="REPEATABLE READ")
        event.listen(self.engine, "connect", _prepare)

    @contextmanager
    def writing(self, *, aside: bool) -> Iterator[Session]:
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            connection = session.connection()
            if not aside:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITES})
            self._require_held(connection)
            yield session

    def hold(self, name: str) -> PostgresqlHold:
        return PostgresqlHold(self.name, self.engine, name)

    def reading(self) -> Session:
        return Session(self._snapshots, expire_on_commit=False)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the store for this process. Raises StoreBusy where any other holds it or takes part in it.

        A server that is restarted forgets who held it. The next transaction that writes holds it again, and raises
        StoreBusy where another has it by then.
        """
        with translated(self.name):
            self._hold()
        try:
            yield
        finally:
            self._let_go()

    def _hold(self) -> None:
        connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        number, had = connection.execute(
            text("SELECT pg_backend_pid(), pg_try_advisory_lock(:lock)"), {"lock": ALONE}
        ).one()
        if had:
            self._held = connection, number
            return
        whose = holder(connection) or "unknown"
        connection.close()
        raise StoreBusy(
            f"{self.name} is in use by another Dealwire ({whose}). Stop that first, or use another database."
        )

    def _let_go(self) -> None:
        if self._held is None:
            return
        connection, self._held = self._held[0], None
        if not connection.invalidated:
            with suppress(DBAPIError):  # of a server that is gone, and the lock with it
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": ALONE})
        connection.invalidate()

    def _require_held(self, connection: Connection) -> None:
        """Within a transaction that writes."""
        if self._held is None:
            return
        query = text(f"SELECT EXISTS (SELECT 1 FROM {HOLDERS} AND pid = :number)")
        with self._holding:
            if not connection.execute(query, {"lock": ALONE, "number": self._held[1]}).scalar_one():
                self._held[0].invalidate()
                self._hold()

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


def without_password(url: str) -> str:
    """The address for programs that ask for the password themselves. Raises UsageError where it is none."""
    given = _parts(url)
    kept = {name: value for name, value in given.query.items() if "password" not in name}
    return _without(given, "password").set(query=kept).render_as_string(hide_password=False)


def holder(connection: Connection) -> str:
    """Where the process is that works alone on the database, or those that share it; empty where there is none."""
    query = text(f"SELECT DISTINCT coalesce(host(client_addr), 'the server itself') FROM {HOLDERS}")
    where = connection.execute(query, {"lock": ALONE}).scalars().all()
    return f"at {', '.join(sorted(where))}" if where else ""


def _parts(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):  # which may say the password
        raise UsageError(
            "The address of the store cannot be read. It is to be as postgresql://user@host:5432/database; what is "
            "special in a password is written as %XX."
        ) from None


def _without(url: URL, *parts: str) -> URL:
    """Without these parts, which `URL.set` leaves as they are where it is told None."""
    names = ("drivername", "username", "password", "host", "port", "database", "query")
    return URL.create(**{name: getattr(url, name) for name in names if name not in parts})


def _need_driver() -> None:
    try:
        import psycopg  # noqa: F401
    except ImportError as error:
        raise UsageError(
            f"A store on PostgreSQL needs more packages ({error.name}): pip install 'dealwire[cluster]'."
        ) from error


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
