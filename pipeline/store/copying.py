"""A store copied from a file to a PostgreSQL server: every row of every table as it is, and all of it compared.

    the file ──compare──▶ what the server has already ──copy──▶ batch by batch ──verify──▶ counts and checksums

What was copied is the beginning of each table, so that a run goes on where one before it was stopped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from sqlalchemy import text
from sqlmodel import SQLModel

import pipeline.models  # noqa: F401  (fills the metadata)
from pipeline.errors import StoreError
from pipeline.store.backup import read_only, require_sound
from pipeline.store.checkup import schema
from pipeline.store.database import SCHEMA, Store
from pipeline.store.failures import remedy, translated
from pipeline.store.sides import File, Key, Part, Row, Server

BATCH = 2_000
"""Rows of a transaction."""

_WORDS = "ix_articleindex_words"

Progress = Callable[[str, int, int], None]
"""Told the stage, how many rows are done, and how many there are."""


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
    tables = [Part(table) for table in SQLModel.metadata.sorted_tables]
    with translated(source), closing(read_only(source)) as connection, _translated(target.name):
        connection.execute("BEGIN")
        file = File(connection)
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
    progress("index", 0, 1)
    _finish(target, tables)
    progress("index", 1, 1)
    return copied


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


def _compared(file: File, target: Store, part: Part, counter: _Counter) -> int:
    """How many rows of the table the server has. Raises StoreError where they are not the first ones of the file."""
    last = _last(target, part)
    if last is None:
        return 0
    # First ours: a transaction of the server's that waits long for us is ended.
    ours = _digest(counter.passing("compare", file.rows(part, part.first, last)))
    with target.read() as session:
        theirs = _digest(Server(session).rows(part, part.first))
    if ours != theirs:
        raise StoreError(
            f"{target.name} already holds other rows than the file (table {part.name}: {theirs[0]:,} rows, of which "
            "not all are the same). Nothing was changed. Name an empty database."
        )
    return theirs[0]


def _last(target: Store, part: Part) -> Key | None:
    """The key of the last row that the server has."""
    with target.read() as session:
        return Server(session).last(part)


def _drop_words(target: Store) -> None:
    """Do without the index of words meanwhile: made at the end, it takes the server a quarter less work in all."""
    with target.write() as session:
        session.execute(text(f"DROP INDEX IF EXISTS {_WORDS}"))


def _copy(file: File, target: Store, part: Part, batch: int, counter: _Counter) -> None:
    last = _last(target, part)
    if last is not None:
        counter.add("copy", sum(1 for _ in file.rows(part, part.keys, last)))
    rows = file.rows_after(part, part.first, last)
    entered = batch
    while entered == batch:
        with target.write() as session:
            entered = Server(session).enter(part, islice(rows, batch))
        counter.add("copy", entered)


def _refer(file: File, target: Store, part: Part, batch: int) -> None:
    """Enter the references to others of the table, all of which are there now."""
    for column in part.to_itself:
        pairs = (row for row in file.rows(part, [column, *part.keys]) if row[0] is not None)
        while some := list(islice(pairs, batch)):
            with target.write() as session:
                Server(session).refer(part, column, some)


def _verified(file: File, target: Store, part: Part, counter: _Counter) -> Copied:
    ours = _digest(counter.passing("verify", file.rows(part, part.columns)))
    with target.read() as session:
        theirs = _digest(Server(session).rows(part, part.columns))
    if ours != theirs:
        raise StoreError(
            f"{target.name}: the table {part.name} is not as in the file ({theirs[0]:,} rows, not {ours[0]:,}, or "
            "others). Do not use it: something else writes to it. Copy to an empty database again."
        )
    return Copied(part.name, *ours)


def _finish(target: Store, tables: Sequence[Part]) -> None:
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


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """Turn what goes wrong past SQLAlchemy into a StoreError."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        raise StoreError(f"{name}: {error}. {remedy(str(error))}") from error
