"""The database: opening it, migrating it, transactions, and the one process that may write to it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from pipeline.errors import StoreBusy, StoreError

SCHEMA = "0006"
"""The newest revision in `migrations/versions`."""

FILE = "dealwire.db"
_LOCK = "dealwire.lock"
_BUSY_SECONDS = 30
_TRIES = 5


class Store:
    """An open SQLite database of the current schema, in the given state folder. Raises StoreError."""

    def __init__(self, state: Path) -> None:
        self.path = state / FILE
        _make(state)
        self._engine = create_engine(
            f"sqlite:///{self.path}", connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False}
        )
        self._turn = threading.Lock()  # threads of one process wait here, in turn, rather than in SQLite's busy loop
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        try:
            self._migrate()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction that commits at the end, or leaves nothing behind. Raises StoreError."""
        with (
            self._translated(),
            self._turn,
            Session(self._engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            session.connection(execution_options={"writes": True})
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent view of the database. Raises StoreError."""
        with self._translated(), Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise StoreError(f"{self.path}: {error.orig}. {_remedy(str(error.orig))}") from error

    def _migrate(self) -> None:
        with self._translated(), self._engine.connect() as connection:
            known = connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")).scalar()
            at = connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if known else None
        if at == SCHEMA:
            return
        if at is not None and at > SCHEMA:
            raise StoreError(f"{self.path} was written by a newer Dealwire (schema {at}). Upgrade Dealwire.")
        from alembic import command  # half a second that only a new or old database costs
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        # Begun as a writer: of processes that open a new store together one migrates, and the rest find it done.
        with self._translated(), self._engine.execution_options(writes=True).begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")


@contextmanager
def part(session: Session) -> Iterator[None]:
    """A part of a transaction, which alone is undone where it fails.

    Raises StoreError where that lies at the database; what else it raises lies at what was to be stored.
    """
    try:
        with session.begin_nested():
            yield
    except OperationalError as error:
        raise StoreError(f"{error.orig}. {_remedy(str(error.orig))}") from error


def _make(state: Path) -> None:
    try:
        state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{state} cannot be made ({error.strerror}). Set `state` in dealwire.yaml to a folder you may write."
        ) from error


def _remedy(reason: str) -> str:
    if "locked" in reason:
        return "Another program holds it; close that and try again."
    if "readonly" in reason or "unable to open" in reason:
        return "Check that the file and its folder may be written by this user."
    if "full" in reason or "I/O" in reason:
        return "Check the free space and health of the disk."
    if "not a database" in reason or "malformed" in reason:
        return "The file is damaged or is something else; move it away or restore a backup."
    return "Check the file."


def _prepare(connection: Any, _: object) -> None:
    """Write-ahead log, every commit on disk before it counts, foreign keys checked; we begin transactions ourselves."""
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        _log_ahead(cursor)
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
    except sqlite3.Error:
        connection.close()  # nobody else knows of it yet
        raise


def _log_ahead(cursor: sqlite3.Cursor) -> None:
    """Switch to the write-ahead log. While another process opens a new file, SQLite refuses instead of waiting."""
    end = time.monotonic() + _BUSY_SECONDS
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
        time.sleep(0.02)


def _begin(connection: Any) -> None:
    """A transaction that writes says so at once, so that it waits for its turn instead of failing half-way."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def sole_writer(state: Path) -> Iterator[None]:
    """Hold the state folder for this process. Raises StoreBusy with the holder where another process has it."""
    _make(state)
    try:
        handle = os.open(state / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(
            f"{state / _LOCK} cannot be written ({error.strerror}). "
            "Check that the file and its folder may be written by this user."
        ) from error
    try:
        if not _lock(handle):
            raise StoreBusy(
                f"{state} is in use by another Dealwire (process {_named_in(handle)}). "
                "Stop it first, or use another state folder."
            )
        os.ftruncate(handle, 0)
        os.write(handle, str(os.getpid()).encode())
        yield
    finally:
        os.close(handle)


def writer(state: Path) -> str | None:
    """The number of the process that holds the state folder, "unknown" while it is not yet written; None for none."""
    try:
        handle = os.open(state / _LOCK, os.O_RDONLY)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{state / _LOCK} cannot be read ({error.strerror}). Check its permissions.") from error
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _named_in(handle)
    finally:
        os.close(handle)
    return None


def _lock(handle: int) -> bool:
    """Whether the lock could be had. Who only asks for its holder has it for a moment, so it is tried again."""
    for _ in range(_TRIES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.02)
        else:
            return True
    return False


def _named_in(handle: int) -> str:
    return os.read(handle, 20).decode(errors="replace").strip() or "unknown"
