"""A store in one file of this machine: SQLite with a write-ahead log."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from sqlalchemy import create_engine, event, text
from sqlmodel import Session

from pipeline.errors import StoreError
from pipeline.store.backup import back_up, require_room, size_of
from pipeline.store.failures import translated
from pipeline.store.size import Size

FILE = "dealwire.db"
BACKUPS = "backups"
_KEPT_BACKUPS = 3
_BUSY_SECONDS = 30.0


class Sqlite:
    """The file in a state folder. `patience`: the seconds that a transaction waits for another program's."""

    def __init__(self, state: Path, patience: float) -> None:
        make_folder(state)
        self.path = state / FILE
        self.name = str(self.path)
        self.engine = create_engine(
            f"sqlite:///{self.path}", connect_args={"timeout": patience, "check_same_thread": False}
        )
        self._turn = threading.Lock()  # threads of one process wait here, in turn, rather than in SQLite's busy loop
        event.listen(self.engine, "connect", _prepare)
        event.listen(self.engine, "begin", _begin)

    @contextmanager
    def writing(self, *, aside: bool) -> Iterator[Session]:  # noqa: ARG002
        with self._turn, Session(self.engine, expire_on_commit=False) as session, session.begin():
            session.connection(execution_options={"writes": True})
            yield session

    def reading(self) -> Session:
        return Session(self.engine, expire_on_commit=False)

    def hold(self, name: str) -> NoReturn:  # noqa: ARG002
        raise StoreError(
            f"{self.path} cannot be shared by workers on many machines. Set `store` in dealwire.yaml to a PostgreSQL"
            " database; `dealwire migrate-store` copies what there is."
        )

    def alone(self) -> nullcontext[None]:
        """Whoever holds the state folder is alone with its file."""
        return nullcontext()

    def size(self) -> Size:
        with self.engine.connect() as connection:
            pages = [connection.execute(text(f"PRAGMA {of}")).scalar_one() for of in ("freelist_count", "page_size")]
        file = self.path.stat().st_size
        return Size(file, size_of(self.path) - file, pages[0] * pages[1])

    def compact(self) -> None:
        require_room(self.path.parent, size_of(self.path), f"compacting {self.path}")
        with self._turn, closing(self.engine.raw_connection()) as connection:
            cursor = connection.cursor()  # past the engine: VACUUM goes in no transaction
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def keep(self, schema: str, now: datetime) -> str:
        """Back the database up beside it, and drop all but the last of such backups."""
        folder = self.path.parent / BACKUPS
        with translated(folder):
            folder.mkdir(exist_ok=True)
        made = back_up(self.path, folder / f"{self.path.stem}-{schema}-{now:%Y%m%dT%H%M%SZ}.db").path
        by_time = sorted(folder.glob(f"{self.path.stem}-*-*.db"), key=lambda path: path.stem.rpartition("-")[2])
        for old in by_time[:-_KEPT_BACKUPS]:
            old.unlink(missing_ok=True)
        return f", and {made} is a copy of it"


def make_folder(state: Path) -> None:
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
