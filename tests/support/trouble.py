"""A database that cannot be written for a while, by its own means."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from sqlalchemy import Engine, event

from pipeline.store.locks import WRITES

_PRAGMAS = {"full": ("max_page_count", 1, 2**30), "readonly": ("query_only", 1, 0)}

SAYS = {"full": "disk is full", "readonly": "read-?only", "locked": "lock(ed| timeout)"}
"""What the databases call each trouble."""


class Trouble:
    """What is wrong with every database of this process, or with that of this name, while `on` is called for."""

    def __init__(self, kind: str, name: str) -> None:
        self.kind, self._name = kind, name
        self._on = False
        self._holder: sqlite3.Connection | psycopg.Connection[Any] | None = None

    def on(self) -> None:
        self._on = True
        if self.kind == "locked":
            if self._name.startswith("postgresql"):
                self._holder = psycopg.connect(self._name, user="dealwire", autocommit=True)
                self._holder.execute("SELECT pg_advisory_lock(%s)", [WRITES])
            else:
                self._holder = sqlite3.connect(self._name, isolation_level=None, check_same_thread=False)
                self._holder.execute("BEGIN IMMEDIATE")

    def off(self) -> None:
        self._on = False
        if self._holder is not None:
            self._holder.close()
            self._holder = None

    def apply(self, connection: Any) -> None:
        if connection.dialect.name == "postgresql":
            if self.kind == "readonly" and self._on:
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        elif self.kind in _PRAGMAS:
            name, bad, good = _PRAGMAS[self.kind]
            with closing(connection.connection.cursor()) as cursor:
                cursor.execute(f"PRAGMA {name}={bad if self._on else good}")


@contextmanager
def trouble(kind: str, name: str) -> Iterator[Trouble]:
    """A `full` disk (only SQLite's), a `readonly` or a `locked` database, to be switched on and off."""
    made = Trouble(kind, name)
    event.listen(Engine, "begin", made.apply)
    try:
        yield made
    finally:
        event.remove(Engine, "begin", made.apply)
        made.off()
