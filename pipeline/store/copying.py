"""A store copied from a file to a PostgreSQL server: every row of every table as it is, and all of it compared.

    the file ──compare──▶ what the server has already ──copy──▶ batch by batch ──verify──▶ counts and checksums

What was copied is the beginning of each table, so that a run goes on where one before it was stopped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Boolean, Column, Float, Integer, Table, text
from sqlmodel import Session, SQLModel

import pipeline.models  # noqa: F401  (fills the metadata)
from pipeline.errors import StoreError
from pipeline.models.columns import UtcDateTime
from pipeline.store.backup import read_only, require_sound
from pipeline.store.checkup import schema
from pipeline.store.database import SCHEMA, Store
from pipeline.store.failures import remedy, translated

if TYPE_CHECKING:
    import sqlite3

    import psycopg

BATCH = 2_000
"""Rows of a transaction."""

_WORDS = "ix_articleindex_words"

Progress = Callable[[str, int, int], None]
"""Told the stage, how many rows are done, and how many there are."""

Row = tuple[Any, ...]
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Copied:
    """A table as it is on both sides: its rows, and the SHA-256 of them all."""

    table: str
    rows: int
    checksum: str


def require_current(source: Path) -> None:
    """Raises StoreError where this is no database of the current schema."""
    if not source.is_file():
        raise StoreError(f"There is no database at {source}.")
    found = schema(source)
    if found is None:
        raise StoreError(f"{source} is no database of Dealwire.")
    if found > SCHEMA:
        raise StoreError(f"{source} was written by a newer Dealwire (schema {found}). Upgrade Dealwire.")
    if found < SCHEMA:
        raise StoreError(
            f"{source} has schema {found}, and only {SCHEMA} can be copied. Open it with this Dealwire first: "
            "`dealwire status`, with its folder as `state` and no `store` in dealwire.yaml, brings it up to date."
        )


def copy(source: Path, target: Store, progress: Progress, batch: int = BATCH) -> list[Copied]:
    """Copy all that a database of the current schema holds to a store on a server, and compare the two.

    Nobody else may write to either meanwhile. Raises StoreError, before anything is written where the target holds
    something else.
    """
    require_sound(source)
    tables = [_Part(table) for table in SQLModel.metadata.sorted_tables]
    with translated(source), closing(read_only(source)) as connection, _translated(target.name):
        connection.execute("BEGIN")
        file = _File(connection)
        total = sum(file.count(part) for part in tables)
        counter = _Counter(progress, total)
        there = sum(_compared(file, target, part, counter) for part in tables)
        if there < total:
            _drop_words(target)
        counter = _Counter(progress, total)
        for part in tables:
            _copy(file, target, part, batch, counter)
        for part in tables:
            _refer(file, target, part, batch)
        counter = _Counter(progress, total)
        copied = [_verified(file, target, part, counter) for part in tables]
    _finish(target, tables)
    return copied


class _Part:
    """A table, and how its rows are read. Those that refer to others of it are first copied without saying so."""

    def __init__(self, table: Table) -> None:
        self.name = table.name
        self.keys = list(table.primary_key.columns)
        self.columns = list(table.columns)
        self.to_itself = [c for c in self.columns if any(key.column.table is table for key in c.foreign_keys)]
        self.first = [column for column in self.columns if column not in self.to_itself]

    @property
    def counted(self) -> bool:
        """Whether the database numbers its rows."""
        return [(key.name, isinstance(key.type, Integer)) for key in self.keys] == [("id", True)]


class _File:
    """The side that is copied."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def count(self, part: _Part) -> int:
        return int(self._connection.execute(f'SELECT count(*) FROM "{part.name}"').fetchone()[0])

    def rows(self, part: _Part, columns: Sequence[Column[Any]], to: Key | None = None) -> Iterator[Row]:
        """Those up to a key, or all."""
        return self._rows(part, columns, "<=", to)

    def rows_after(self, part: _Part, columns: Sequence[Column[Any]], key: Key | None) -> Iterator[Row]:
        return self._rows(part, columns, ">", key)

    def _rows(self, part: _Part, columns: Sequence[Column[Any]], how: str, key: Key | None) -> Iterator[Row]:
        names = ", ".join(f'"{column.name}"' for column in part.keys)
        where = f"WHERE ({names}) {how} ({', '.join('?' * len(key))})" if key else ""
        wanted = ", ".join(f'"{column.name}"' for column in columns)
        found = self._connection.execute(f'SELECT {wanted} FROM "{part.name}" {where} ORDER BY {names}', key or ())
        return _normal(found, columns)


class _Server:
    """The other side, in one transaction of it."""

    def __init__(self, session: Session) -> None:
        driver: Any = session.connection().connection.driver_connection
        self._connection: psycopg.Connection[Row] = driver

    def last(self, part: _Part) -> Key | None:
        keys = [f"{_ordered(key)} DESC" for key in part.keys]
        names = ", ".join(f'"{key.name}"' for key in part.keys)
        query = f'SELECT {names} FROM "{part.name}" ORDER BY {", ".join(keys)} LIMIT 1'
        return self._connection.execute(query.encode()).fetchone()

    def rows(self, part: _Part, columns: Sequence[Column[Any]]) -> Iterator[Row]:
        wanted = ", ".join(f'"{c.name}"::text' if isinstance(c.type, JSON) else f'"{c.name}"' for c in columns)
        keys = ", ".join(map(_ordered, part.keys))
        with self._connection.cursor("copying") as cursor:  # a named one is kept at the server, and read in parts
            cursor.itersize = BATCH
            cursor.execute(f'SELECT {wanted} FROM "{part.name}" ORDER BY {keys}'.encode())
            yield from _normal(cursor, columns)

    def enter(self, part: _Part, rows: Iterator[Row]) -> int:
        """Enter rows without their references to others of the table; how many they were."""
        names, entered = ", ".join(f'"{column.name}"' for column in part.first), 0
        with (
            self._connection.cursor() as cursor,
            cursor.copy(f'COPY "{part.name}" ({names}) FROM STDIN'.encode()) as entering,
        ):
            for row in rows:
                entering.write_row(row)
                entered += 1
        return entered

    def refer(self, part: _Part, column: Column[Any], pairs: Sequence[Row]) -> None:
        """Enter what rows of the table refer to: pairs of it and the row's number."""
        query = f'UPDATE "{part.name}" SET "{column.name}" = %s WHERE id = %s'
        with self._connection.cursor() as cursor:
            cursor.executemany(query.encode(), pairs)


def _ordered(key: Column[Any]) -> str:
    """By bytes, as SQLite orders texts, whatever the language of the server."""
    return f'"{key.name}"' if isinstance(key.type, Integer) else f'"{key.name}" COLLATE "C"'


class _Counter:
    """Tells of progress over all tables, now and then."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress, self._total, self._done = progress, total, 0

    def add(self, stage: str, rows: int) -> None:
        self._done += rows
        self._progress(stage, self._done, self._total)

    def passing(self, stage: str, rows: Iterator[Row]) -> Iterator[Row]:
        while batch := list(islice(rows, 100)):
            yield from batch
            self.add(stage, len(batch))


def _compared(file: _File, target: Store, part: _Part, counter: _Counter) -> int:
    """How many rows of the table the server has. Raises StoreError where they are not the first ones of the file."""
    with target.read() as session:
        server = _Server(session)
        last = server.last(part)
        if last is None:
            return 0
        ours = _digest(counter.passing("compare", file.rows(part, part.first, last)))
        theirs = _digest(server.rows(part, part.first))
    if ours != theirs:
        raise StoreError(
            f"{target.name} already holds other rows than the file (table {part.name}: {theirs[0]:,} rows, of which "
            "not all are the same). Nothing was changed. Name an empty database."
        )
    return theirs[0]


def _drop_words(target: Store) -> None:
    """Do without the index of words meanwhile: to make it at the end takes a fifth of the time."""
    with target.write() as session:
        session.execute(text(f"DROP INDEX IF EXISTS {_WORDS}"))


def _copy(file: _File, target: Store, part: _Part, batch: int, counter: _Counter) -> None:
    with target.read() as session:
        last = _Server(session).last(part)
    if last is not None:
        counter.add("copy", sum(1 for _ in file.rows(part, part.keys, last)))
    rows = file.rows_after(part, part.first, last)
    entered = batch
    while entered == batch:
        with target.write() as session:
            entered = _Server(session).enter(part, islice(rows, batch))
        counter.add("copy", entered)


def _refer(file: _File, target: Store, part: _Part, batch: int) -> None:
    """Enter the references to others of the table, all of which are there now."""
    for column in part.to_itself:
        pairs = (row for row in file.rows(part, [column, *part.keys]) if row[0] is not None)
        while some := list(islice(pairs, batch)):
            with target.write() as session:
                _Server(session).refer(part, column, some)


def _verified(file: _File, target: Store, part: _Part, counter: _Counter) -> Copied:
    ours = _digest(counter.passing("verify", file.rows(part, part.columns)))
    with target.read() as session:
        theirs = _digest(_Server(session).rows(part, part.columns))
    if ours != theirs:
        raise StoreError(
            f"{target.name}: the table {part.name} is not as in the file ({theirs[0]:,} rows, not {ours[0]:,}, or "
            "others). Do not use it: something else writes to it. Copy to an empty database again."
        )
    return Copied(part.name, *ours)


def _finish(target: Store, tables: Sequence[_Part]) -> None:
    """New rows are numbered after those copied, every article is in the index of words, and queries are planned."""
    with target.write() as session:
        session.execute(text("SET LOCAL maintenance_work_mem = '256MB'"))
        session.execute(text(f"CREATE INDEX IF NOT EXISTS {_WORDS} ON articleindex USING gin (words)"))
        for part in tables:
            if part.counted:
                after = f'(SELECT coalesce(max(id), 0) + 1 FROM "{part.name}")'
                session.execute(text(f"SELECT setval(pg_get_serial_sequence('\"{part.name}\"', 'id'), {after}, false)"))
        missing = session.execute(
            text("SELECT count(*) FROM article LEFT JOIN articleindex ON rowid = id WHERE rowid IS NULL")
        ).scalar_one()
        if missing:
            raise StoreError(
                f"{target.name}: the index of words lacks {missing:,} articles. Copy to an empty database."
            )
        session.execute(text("ANALYZE"))


def _digest(rows: Iterator[Row]) -> tuple[int, str]:
    """How many there are, and a checksum of all of them in this order."""
    count, checksum = 0, hashlib.sha256()
    for row in rows:
        count += 1
        checksum.update(repr(row).encode())
    return count, checksum.hexdigest()


def _normal(rows: Any, columns: Sequence[Column[Any]]) -> Iterator[Row]:
    """Rows as both sides have them: SQLite knows neither times nor truth, PostgreSQL no NUL within a text."""
    plain = [_plain(column) for column in columns]
    for row in rows:
        yield tuple(None if value is None else to(value) for to, value in zip(plain, row, strict=True))


def _plain(column: Column[Any]) -> Callable[[Any], Any]:
    if isinstance(column.type, UtcDateTime):
        return _time
    for kind, to in ((Boolean, bool), (Integer, int), (Float, float)):
        if isinstance(column.type, kind):
            return to
    return _text


def _time(value: str | datetime) -> datetime:
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _text(value: str) -> str:
    return value.replace("\0", "")


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """Turn what goes wrong past SQLAlchemy into a StoreError."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise StoreError(f"{name}: {error}. {remedy(str(error))}") from error
