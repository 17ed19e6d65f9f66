"""The database: opening it, migrating it, transactions, and the one process that may write to it."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlmodel import Session

from pipeline.clock import Clock, SystemClock
from pipeline.errors import StoreBusy, StoreError
from pipeline.store.backup import back_up, require_room, size_of
from pipeline.store.failures import remedy, translated

SCHEMA = "0008"
"""The newest revision in `migrations/versions`."""

FILE = "dealwire.db"
LOCK = "dealwire.lock"
BACKUPS = "backups"
_KEPT_BACKUPS = 3
_BUSY_SECONDS = 30.0
_TRIES = 5


@dataclass(frozen=True)
class Size:
    """Bytes of the database file, of its write-ahead log, and of the free pages within the file."""

    file: int
    wal: int
    free: int


class Store:
    """An open SQLite database of the current schema, in the given state folder. Raises StoreError.

    One of an older schema is backed up and brought up to date first. `patience`: the seconds that a transaction waits
    for another program's.
    """

    def __init__(self, state: Path, clock: Clock | None = None, patience: float = _BUSY_SECONDS) -> None:
        self.path = state / FILE
        self._clock = clock or SystemClock()
        _make(state)
        self._engine = create_engine(
            f"sqlite:///{self.path}", connect_args={"timeout": patience, "check_same_thread": False}
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
            translated(self.path),
            self._turn,
            Session(self._engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            session.connection(execution_options={"writes": True})
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent view of the database. Raises StoreError."""
        with translated(self.path), Session(self._engine, expire_on_commit=False) as session:
            yield session

    def size(self) -> Size:
        """How much room the database takes. Raises StoreError."""
        with translated(self.path):
            with self._engine.connect() as connection:
                pages = [
                    connection.execute(text(f"PRAGMA {of}")).scalar_one() for of in ("freelist_count", "page_size")
                ]
            file = self.path.stat().st_size
            return Size(file, size_of(self.path) - file, pages[0] * pages[1])

    def compact(self) -> None:
        """Give free pages back to the disk. Lets nobody write meanwhile. Raises StoreError, also for want of room."""
        require_room(self.path.parent, size_of(self.path), f"compacting {self.path}")
        with translated(self.path), self._turn, closing(self._engine.raw_connection()) as connection:
            cursor = connection.cursor()  # past the engine: VACUUM goes in no transaction
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _migrate(self) -> None:
        with translated(self.path), self._engine.connect() as connection:
            at = _schema(connection)
        if at == SCHEMA:
            return
        if at is not None and at > SCHEMA:
            raise StoreError(f"{self.path} was written by a newer Dealwire (schema {at}). Upgrade Dealwire.")
        # Begun as a writer: of processes that open a store together one migrates, and the rest find it done.
        with translated(self.path), self._engine.execution_options(writes=True).begin() as connection:
            at = _schema(connection)
            if at is None:
                _upgrade(connection)
            elif at != SCHEMA:
                self._bring_up_to_date(connection, at)

    def _bring_up_to_date(self, connection: Connection, at: str) -> None:
        """Migrate a database that is in use, with a backup of what it was."""
        backup = self._keep_backup(at)
        try:
            _upgrade(connection)
        except Exception as error:
            reason = error.orig if isinstance(error, DBAPIError) else error
            raise StoreError(
                f"{self.path} could not be brought from schema {at} to {SCHEMA} ({reason}). "
                f"It is as it was before, and {backup} is a copy of it. "
                "Go back to the Dealwire that wrote it, or mend the cause and start again."
            ) from error

    def _keep_backup(self, at: str) -> Path:
        """Back the database up beside it, and drop all but the last of such backups."""
        folder = self.path.parent / BACKUPS
        with translated(folder):
            folder.mkdir(exist_ok=True)
        made = back_up(self.path, folder / f"{self.path.stem}-{at}-{self._clock.now():%Y%m%dT%H%M%SZ}.db").path
        by_time = sorted(folder.glob(f"{self.path.stem}-*-*.db"), key=lambda path: path.stem.rpartition("-")[2])
        for old in by_time[:-_KEPT_BACKUPS]:
            old.unlink(missing_ok=True)
        return made


def _schema(connection: Connection) -> str | None:
    """The revision of an open database; None of an empty one."""
    known = connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")).scalar()
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() if known else None


def _upgrade(connection: Connection) -> None:
    from alembic import command  # half a second that only a new or old database costs
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


Row = TypeVar("Row")


def copied(row: Row) -> Row:
    """A copy of something stored that belongs to no session, to be changed in its place."""
    mapper = inspect(type(row))
    made: Row = mapper.class_manager.new_instance()
    # Past the model, which takes longer to set each field than a poll's answer to come.
    vars(made).update({column.key: getattr(row, column.key) for column in mapper.column_attrs})
    return made


@contextmanager
def part(session: Session) -> Iterator[None]:
    """A part of a transaction, which alone is undone where it fails.

    Raises StoreError where that lies at the database; what else it raises lies at what was to be stored.
    """
    try:
        with session.begin_nested():
            yield
    except OperationalError as error:
        reason = str(_first(error).orig)
        raise StoreError(f"{reason}. {remedy(reason)}") from error


def _first(error: OperationalError) -> OperationalError:
    """What went wrong first: on a full disk SQLite undoes the whole transaction, so that to undo a part fails too."""
    before = error.__context__
    while before is not None and not isinstance(before, OperationalError):
        before = before.__context__
    return error if before is None else _first(before)


def _make(state: Path) -> None:
    try:
        state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"{state} cannot be made ({error.strerror}). Set `state` in dealwire.yaml to a folder you may write."
        ) from error


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
        handle = os.open(state / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(
            f"{state / LOCK} cannot be written ({error.strerror}). "
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
        handle = os.open(state / LOCK, os.O_RDONLY)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"{state / LOCK} cannot be read ({error.strerror}). Check its permissions.") from error
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
