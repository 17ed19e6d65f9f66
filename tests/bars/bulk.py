"""Very many rows into a new store at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any


@contextmanager
def in_bulk(connection: sqlite3.Connection) -> Iterator[None]:
    """Without log, triggers and indexes, which are made again at the end: that is many times as fast."""
    for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000"):
        connection.execute(f"PRAGMA {pragma}")
    made = connection.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE type IN ('trigger', 'index') AND sql IS NOT NULL"
    ).fetchall()
    for kind, name, _ in made:
        connection.execute(f"DROP {kind} {name}")
    connection.execute("BEGIN")
    yield
    connection.execute("INSERT INTO articleindex (articleindex) VALUES ('rebuild')")
    for _, _, sql in made:
        connection.execute(sql)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")


def insert(connection: sqlite3.Connection, table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """Add rows of these columns, which are named with blanks between."""
    names = columns.split()
    quoted = ", ".join(f'"{name}"' for name in names)
    connection.executemany(f'INSERT INTO "{table}" ({quoted}) VALUES ({", ".join("?" * len(names))})', rows)


def stamp(moment: datetime) -> str:
    """A time as the store writes it."""
    return f"{moment:%Y-%m-%d %H:%M:%S.%f}"
