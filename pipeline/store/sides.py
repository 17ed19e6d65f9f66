"""Rows of a table as a file and a PostgreSQL server have them: read in one order, and alike to the last bit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Boolean, Column, Float, Integer, Table
from sqlmodel import Session

from pipeline.models.columns import UtcDateTime

if TYPE_CHECKING:
    import sqlite3

    import psycopg

_READ = 2_000
"""Rows that a server sends at a time."""

Row = tuple[Any, ...]
Key = tuple[Any, ...]


class Part:
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


class File:
    """The side that is copied."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def count(self, part: Part) -> int:
        return int(self._connection.execute(f'SELECT count(*) FROM "{part.name}"').fetchone()[0])

    def rows(self, part: Part, columns: Sequence[Column[Any]], to: Key | None = None) -> Iterator[Row]:
        """Those up to a key, or all."""
        return self._rows(part, columns, "<=", to)

    def rows_after(self, part: Part, columns: Sequence[Column[Any]], key: Key | None) -> Iterator[Row]:
        return self._rows(part, columns, ">", key)

    def _rows(self, part: Part, columns: Sequence[Column[Any]], how: str, key: Key | None) -> Iterator[Row]:
        names = ", ".join(f'"{column.name}"' for column in part.keys)
        where = f"WHERE ({names}) {how} ({', '.join('?' * len(key))})" if key else ""
        wanted = ", ".join(f'"{column.name}"' for column in columns)
        found = self._connection.execute(f'SELECT {wanted} FROM "{part.name}" {where} ORDER BY {names}', key or ())
        return _normal(found, columns)


class Server:
    """The other side, in one transaction of it."""

    def __init__(self, session: Session) -> None:
        driver: Any = session.connection().connection.driver_connection
        self._connection: psycopg.Connection[Row] = driver

    def last(self, part: Part) -> Key | None:
        keys = [f"{_ordered(key)} DESC" for key in part.keys]
        names = ", ".join(f'"{key.name}"' for key in part.keys)
        query = f'SELECT {names} FROM "{part.name}" ORDER BY {", ".join(keys)} LIMIT 1'
        return self._connection.execute(query.encode()).fetchone()

    def rows(self, part: Part, columns: Sequence[Column[Any]]) -> Iterator[Row]:
        wanted = ", ".join(f'"{c.name}"::text' if isinstance(c.type, JSON) else f'"{c.name}"' for c in columns)
        keys = ", ".join(map(_ordered, part.keys))
        with self._connection.cursor("copying") as cursor:  # a named one is kept at the server, and read in parts
            cursor.itersize = _READ
            cursor.execute(f'SELECT {wanted} FROM "{part.name}" ORDER BY {keys}'.encode())
            yield from _normal(cursor, columns)

    def enter(self, part: Part, rows: Iterator[Row]) -> int:
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

    def refer(self, part: Part, column: Column[Any], pairs: Sequence[Row]) -> None:
        """Enter what rows of the table refer to: pairs of it and the row's number."""
        query = f'UPDATE "{part.name}" SET "{column.name}" = %s WHERE id = %s'
        with self._connection.cursor() as cursor:
            cursor.executemany(query.encode(), pairs)


def _ordered(key: Column[Any]) -> str:
    """By bytes, as SQLite orders texts, whatever the language of the server."""
    return f'"{key.name}"' if isinstance(key.type, Integer) else f'"{key.name}" COLLATE "C"'


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
